using System.Net;
using System.Text;
using MlvcRtc.WebRtc.Ice;
using MlvcRtc.WebRtc.Stun;

namespace MlvcRtc.UnitTests.WebRtc.Ice;

/// <summary>Two peers look for a path over simulated networks, in virtual time.</summary>
public sealed class IceSessionTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly VirtualNetwork _net = new();
    private readonly VirtualPeer _first;
    private readonly VirtualPeer _second;

    public IceSessionTests()
    {
        _first = _net.AddPeer(tieBreaker: 1).Begin();
        _second = _net.AddPeer(tieBreaker: 2).Begin();
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 20)];

    private bool Connected => _first.Session.Selected is not null && _second.Session.Selected is not null;

    [Fact]
    public void In_one_network_they_meet_within_a_tenth_of_a_second()
    {
        _first.AddHost("192.0.2.1");
        _second.AddHost("192.0.2.2");
        TimeSpan begun = _net.Now;
        Negotiate();
        Assert.True(_net.RunUntil(() => Connected, Limit));
        Assert.True(_net.Now - begun <= TimeSpan.FromMilliseconds(100), $"{_net.Now - begun}");
        Assert.True(_first.Session.Selected!.RoundTripTime == TimeSpan.FromMilliseconds(20));
        Talk();
    }

    [Fact]
    public void Behind_two_nats_they_meet_at_their_mapped_addresses()
    {
        _first.AddHost("10.0.0.1", _net.AddNat("203.0.113.1"));
        _second.AddHost("10.0.0.1", _net.AddNat("203.0.113.2"));
        Negotiate();
        Assert.True(_net.RunUntil(() => Connected, Limit));
        Assert.Equal(CandidateType.ServerReflexive, _first.Session.Selected!.SeenAs);
        Assert.Equal(CandidateType.ServerReflexive, _first.Session.Selected.Remote.Type);
        Talk();
    }

    [Fact]
    public void A_symmetric_nat_shows_a_peer_reflexive_candidate()
    {
        _first.AddHost("10.0.0.1", _net.AddNat("203.0.113.1", symmetric: true));
        _second.AddHost("192.0.2.2");
        Negotiate();
        Assert.True(_net.RunUntil(() => Connected, Limit));
        Assert.Equal(CandidateType.PeerReflexive, _first.Session.Selected!.SeenAs);
        Assert.Equal(CandidateType.PeerReflexive, _second.Session.Selected!.Remote.Type);
        Talk();
    }

    [Fact]
    public void Two_symmetric_nats_leave_the_relay()
    {
        _first.AddHost("10.0.0.1", _net.AddNat("203.0.113.1", symmetric: true));
        _first.AddRelay("198.51.100.7");
        _second.AddHost("10.0.0.1", _net.AddNat("203.0.113.2", symmetric: true));
        Negotiate();
        Assert.True(_net.RunUntil(() => Connected, Limit));
        Assert.True(_first.Session.Selected!.IsRelayed);
        Talk();
    }

    [Fact]
    public void A_direct_path_wins_over_a_relay_that_answers_first()
    {
        _first.AddRelay("198.51.100.7");
        _second.AddRelay("198.51.100.8");
        Negotiate();
        _net.RunUntil(() => _first.Session.Pairs.Any(pair => pair.State == PairState.Succeeded), Limit);
        _first.AddHost("192.0.2.1");
        _second.AddHost("192.0.2.2");
        Trickle(_first, _second);
        Trickle(_second, _first);
        Assert.True(_net.RunUntil(() => Connected, Limit));
        Assert.False(_first.Session.Selected!.IsRelayed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void If_both_or_none_think_they_control_one_gives_in(bool controlling)
    {
        _first.AddHost("192.0.2.1");
        _second.AddHost("192.0.2.2");
        Negotiate(controlling, controlling);
        Assert.True(_net.RunUntil(() => Connected, Limit));
        Assert.NotEqual(_first.Session.Controlling, _second.Session.Controlling);
        Assert.True(_second.Session.Controlling);  // the larger tie-breaker
        Talk();
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_third_of_the_checks_lost_costs_seconds_not_the_call(int seed)
    {
        _first.AddHost("192.0.2.1");
        _second.AddHost("192.0.2.2");
        Random weather = new(seed);
        _net.Loses = (_, _, _) => weather.Next(3) == 0;
        Negotiate();
        Assert.True(_net.RunUntil(() => Connected, Limit));
    }

    [Fact]
    public void Checks_that_come_before_the_answer_are_answered_and_remembered()
    {
        _first.AddHost("192.0.2.1");
        _second.AddHost("192.0.2.2");
        Trickle(_first, _second);
        _second.Session.SetRemote(_first.Session.Local, controlling: false, _net.Now);
        _net.Run(TimeSpan.FromSeconds(1));
        Assert.Contains(_second.Session.Pairs, pair => pair.State == PairState.Succeeded);

        // The answer brings credentials, and no candidate at all.
        _first.Session.SetRemote(_second.Session.Local, controlling: true, _net.Now);
        Assert.True(_net.RunUntil(() => Connected, Limit));
    }

    [Fact]
    public void Candidates_that_both_learn_late_still_connect_them()
    {
        _first.AddHost("10.0.0.1", _net.AddNat("203.0.113.1"));
        _second.AddHost("10.0.0.1", _net.AddNat("203.0.113.2"));
        _first.Session.SetRemote(_second.Session.Local, controlling: true, _net.Now);
        _second.Session.SetRemote(_first.Session.Local, controlling: false, _net.Now);
        _net.Run(TimeSpan.FromSeconds(20));
        Assert.Equal(IceState.Checking, _first.State);
        Trickle(_first, _second);
        _net.Run(TimeSpan.FromSeconds(5));
        Trickle(_second, _first);
        Assert.True(_net.RunUntil(() => Connected, Limit));
    }

    [Fact]
    public void Nobody_fails_before_both_lists_have_ended_and_some_time_has_passed()
    {
        _first.AddHost("192.0.2.1");
        _first.Session.SetRemote(_second.Session.Local, controlling: true, _net.Now);
        _net.Run(TimeSpan.FromSeconds(30));
        Assert.Equal(IceState.Checking, _first.State);
        _first.Session.LocalEnded = true;
        _first.Session.RemoteEnded = true;
        Assert.True(_net.RunUntil(() => _first.State == IceState.Failed, TimeSpan.FromSeconds(6)));

        // Even then a late candidate helps.
        _second.AddHost("192.0.2.2");
        _second.Session.SetRemote(_first.Session.Local, controlling: false, _net.Now);
        Trickle(_first, _second);
        Trickle(_second, _first);
        Assert.True(_net.RunUntil(() => Connected, Limit));
        Assert.Equal(IceState.Connected, _first.State);
    }

    [Fact]
    public void A_dead_path_is_noticed_within_2_seconds_and_consent_ends_after_30()
    {
        Connect();
        Stream(TimeSpan.FromSeconds(10));
        _net.Loses = (_, _, _) => true;
        TimeSpan begun = _net.Now;
        Assert.True(_net.RunUntil(() => _first.State == IceState.Disconnected, Limit));
        Assert.True(_net.Now - begun <= TimeSpan.FromSeconds(2), $"noticed after {_net.Now - begun}");
        Assert.True(_net.RunUntil(() => _first.State == IceState.Failed, Limit));
        Assert.True(_net.Now - begun <= TimeSpan.FromSeconds(30), $"consent ended after {_net.Now - begun}");
        int sent = _net.Sent.Count(datagram => datagram.Datagram[0] == 0x80);
        _first.Send([0x80, 1]);
        Assert.Equal(sent, _net.Sent.Count(datagram => datagram.Datagram[0] == 0x80));
    }

    [Fact]
    public void A_path_that_comes_back_is_connected_again()
    {
        Connect();
        _net.Loses = (_, _, _) => true;
        _net.Run(TimeSpan.FromSeconds(10));
        Assert.Equal(IceState.Disconnected, _first.State);
        _net.Loses = (_, _, _) => false;
        Assert.True(_net.RunUntil(() => _first.State == IceState.Connected && _second.State == IceState.Connected, TimeSpan.FromSeconds(1)));
        Talk();
    }

    [Fact]
    public void When_only_one_direction_dies_its_sender_notices_too()
    {
        Connect();
        TransportAddress first = _first.Bases[0].Address;
        _net.Loses = (from, _, _) => from == first;
        bool noticed = false;
        for (int step = 0; step < 700 && !noticed; step++)
        {
            _second.Send([0x80, 2]);
            _net.Run(TimeSpan.FromMilliseconds(20));
            noticed = _first.State == IceState.Disconnected;
        }

        Assert.True(noticed);
    }

    [Fact]
    public void While_media_flows_consent_is_asked_every_5_seconds_or_so()
    {
        Connect();
        int before = Requests();
        Stream(TimeSpan.FromSeconds(60));
        Assert.InRange(Requests() - before, 2 * 9, 2 * 17);
    }

    [Fact]
    public void When_the_cable_is_pulled_the_other_network_takes_over_without_signaling()
    {
        VirtualBase cable = _first.AddHost("192.0.2.1");
        _first.AddHost("192.0.2.101");
        _second.AddHost("192.0.2.2");
        Negotiate();
        Assert.True(_net.RunUntil(() => Connected, Limit));
        Assert.Same(cable, _first.Session.Selected!.Base);
        Stream(TimeSpan.FromSeconds(5));
        cable.Unplugged = true;
        TimeSpan begun = _net.Now;
        Assert.True(_net.RunUntil(() => _first.Session.Selected.Base != cable && _second.Session.Selected!.Remote.Address == _first.Bases[1].Address, Limit));
        Assert.True(_net.Now - begun < TimeSpan.FromSeconds(3), $"{_net.Now - begun}");
        Talk();
    }

    [Fact]
    public void A_check_with_a_wrong_password_or_name_changes_nothing()
    {
        Connect();
        TransportAddress stranger = TransportAddress.From(IPAddress.Parse("192.0.2.66"), 6666);
        TransportAddress victim = _first.Bases[0].Address;
        int pairs = _first.Session.Pairs.Count;
        int sent = _net.Sent.Count;
        string name = $"{_first.Session.Local.UsernameFragment}:{_second.Session.Local.UsernameFragment}";
        _net.Inject(stranger, victim, Forged(name, "guess guess guess guess"));
        _net.Inject(stranger, victim, Forged($"nobody:{_second.Session.Local.UsernameFragment}", _first.Session.Local.Password));
        _net.Inject(stranger, victim, Forged($"{_first.Session.Local.UsernameFragment}:nobody", _first.Session.Local.Password));
        Assert.Equal(3, _first.Counters.RefusedRequests);
        Assert.Equal(pairs, _first.Session.Pairs.Count);
        Assert.Equal(sent, _net.Sent.Count);
    }

    [Fact]
    public void An_answer_that_was_heard_before_or_answers_nothing_changes_nothing()
    {
        Connect();
        (TransportAddress From, TransportAddress To, byte[] Datagram) answer =
            _net.Sent.First(sent => sent.To == _first.Bases[0].Address && sent.Datagram[0] == 1);
        TimeSpan? roundTrip = _first.Session.Selected!.RoundTripTime;
        long refused = _first.Counters.RefusedRequests;
        _net.Inject(answer.From, answer.To, answer.Datagram);
        Assert.Equal(refused + 1, _first.Counters.RefusedRequests);
        Assert.Equal(roundTrip, _first.Session.Selected.RoundTripTime);
    }

    [Fact]
    public void A_forged_answer_neither_fails_a_pair_nor_makes_it_good()
    {
        _first.AddHost("192.0.2.1");
        _second.AddHost("192.0.2.2");
        _net.Loses = (_, _, _) => true;
        Negotiate();
        _net.Run(TimeSpan.FromMilliseconds(1));
        (TransportAddress from, TransportAddress to, byte[] request) = _net.Sent[0];
        VirtualPeer asker = from == _first.Bases[0].Address ? _first : _second;
        TransactionId transaction = TransactionId.Read(request.AsSpan(8));
        byte[] buffer = new byte[200];
        _net.Inject(to, from, CheckMessages.Success(buffer, transaction, from, "wrong wrong wrong wrong"u8).ToArray());
        _net.Inject(to, from, CheckMessages.Error(buffer, transaction, 400, "no", "wrong wrong wrong wrong"u8).ToArray());
        Assert.Equal(PairState.InProgress, asker.Session.Pairs[0].State);
        Assert.Equal(2, asker.Counters.RefusedRequests);
    }

    [Fact]
    public void A_list_without_end_makes_no_more_than_100_pairs()
    {
        for (int index = 0; index < 5; index++)
        {
            _first.AddHost($"192.0.2.{index + 1}");
        }

        _first.Session.SetRemote(_second.Session.Local, controlling: true, _net.Now);
        for (int index = 0; index < 1000; index++)
        {
            _first.Session.AddRemote(new IceCandidate($"x{index}", 1000, TransportAddress.From(IPAddress.Parse("203.0.113.9"), 1 + index), CandidateType.Host), _net.Now);
        }

        Assert.Equal(Checklist.MaxPairs, _first.Session.Pairs.Count);
        Assert.Equal(1000 - IceSession.MaxCandidates, _first.Counters.RefusedCandidates);
        int sent = _net.Sent.Count;
        _net.Run(TimeSpan.FromSeconds(1));
        Assert.True(_net.Sent.Count - sent <= 21, $"{_net.Sent.Count - sent} checks in a second: Ta is 50 ms");
    }

    [Fact]
    public void A_candidate_of_another_generation_is_refused()
    {
        _first.AddHost("192.0.2.1");
        _first.Session.SetRemote(_second.Session.Local, controlling: true, _net.Now);
        _first.Session.AddRemote(new IceCandidate("x", 1, TransportAddress.From(IPAddress.Parse("192.0.2.9"), 9), CandidateType.Host, UsernameFragment: "old+"), _net.Now);
        Assert.Empty(_first.Session.Pairs);
        Assert.Equal(1, _first.Counters.RefusedCandidates);
    }

    private static byte[] Forged(string username, string password) => CheckMessages.Request(
        new byte[500], TransactionId.NewRandom(), username, Encoding.ASCII.GetBytes(password), 1, controlling: true, 9, nominate: true).ToArray();

    private static void Trickle(VirtualPeer from, VirtualPeer to, TimeSpan now) => from.Candidates.ForEach(candidate => to.Session.AddRemote(candidate, now));

    private void Trickle(VirtualPeer from, VirtualPeer to) => Trickle(from, to, _net.Now);

    private void Negotiate(bool first = true, bool second = false)
    {
        Trickle(_first, _second);
        _second.Session.SetRemote(_first.Session.Local, second, _net.Now);
        Trickle(_second, _first);
        _first.Session.SetRemote(_second.Session.Local, first, _net.Now);
    }

    private void Connect()
    {
        _first.AddHost("192.0.2.1");
        _second.AddHost("192.0.2.2");
        Negotiate();
        Assert.True(_net.RunUntil(() => Connected, Limit));
    }

    /// <summary>Both send media every 20 ms.</summary>
    private void Stream(TimeSpan time)
    {
        for (TimeSpan end = _net.Now + time; _net.Now < end;)
        {
            _first.Send([0x80, 1]);
            _second.Send([0x80, 2]);
            _net.Run(TimeSpan.FromMilliseconds(20));
        }
    }

    private int Requests() => _net.Sent.Count(sent => sent.Datagram[0] == 0 && sent.Datagram[1] == 1);

    private void Talk()
    {
        _first.Heard.Clear();
        _second.Heard.Clear();
        _first.Send([0x80, 1]);
        _second.Send([0x80, 2]);
        _net.Run(TimeSpan.FromMilliseconds(50));
        Assert.Equal(2, _first.Heard.Single()[1]);
        Assert.Equal(1, _second.Heard.Single()[1]);
    }
}
