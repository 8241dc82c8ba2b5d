using System.Net;
using MlvcRtc.WebRtc.Stun;
using MlvcRtc.WebRtc.Turn;

namespace MlvcRtc.UnitTests.WebRtc.Turn;

/// <summary>The client against a server of a few lines, in virtual time: what coturn seldom does.</summary>
public sealed class TurnAllocationTests
{
    private static readonly TransportAddress Relayed = TransportAddress.From(IPAddress.Parse("198.51.100.7"), 50000);
    private static readonly TransportAddress Peer = TransportAddress.From(IPAddress.Parse("192.0.2.9"), 9);
    private static readonly byte[] Key = StunIntegrity.LongTermKey("me", "realm", "secret");

    private readonly List<byte[]> _sent = [];
    private readonly TurnAllocation _allocation;
    private TimeSpan _now = TimeSpan.FromSeconds(50);

    public TurnAllocationTests() => _allocation = new TurnAllocation("me", "secret", reliable: false, message => _sent.Add(message.ToArray()));

    [Fact]
    public void The_relay_address_is_there_after_a_challenge()
    {
        Allocate();
        Assert.Equal(AllocationState.Allocated, _allocation.State);
        Assert.Equal(Relayed, _allocation.Relayed);
    }

    [Fact]
    public void An_address_that_the_server_did_not_sign_is_not_believed()
    {
        _allocation.Start(_now);
        Challenge();
        StunWriter writer = Answer(StunClass.Success);
        writer.AddXorAddress(StunAttribute.XorRelayedAddress, Relayed);
        Receive(writer.Written);
        Assert.Equal(AllocationState.Allocating, _allocation.State);
        Assert.Equal(1, _allocation.Refused);
    }

    [Theory]
    [InlineData(300, "another one")]
    [InlineData(401, "user name or credential")]
    [InlineData(437, "still has an allocation")]
    [InlineData(486, "quota")]
    [InlineData(508, "no relay ports")]
    [InlineData(599, "refused Allocate")]
    public void A_refusal_says_what_helps(int code, string remedy)
    {
        _allocation.Start(_now);
        Challenge();
        Refuse(code);
        Assert.Equal(AllocationState.Failed, _allocation.State);
        Assert.Contains($"{code}: ", _allocation.Failure, StringComparison.Ordinal);
        Assert.Contains(remedy, _allocation.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_that_never_answers_is_given_up_after_12_seconds()
    {
        TimeSpan begun = _now;
        _allocation.Start(_now);
        for (TimeSpan due = _allocation.Advance(_now); due < TimeSpan.MaxValue; due = _allocation.Advance(_now))
        {
            _now = due;
        }

        Assert.Equal(4, _sent.Count);
        Assert.Equal(TimeSpan.FromSeconds(11.5), _now - begun);
        Assert.Equal(AllocationState.Failed, _allocation.State);
        Assert.Contains("no answer", _allocation.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Nonces_that_keep_going_stale_end_in_a_failure_not_in_a_loop()
    {
        _allocation.Start(_now);
        Challenge();
        for (int round = 0; round < 10 && _allocation.State == AllocationState.Allocating; round++)
        {
            Challenge(438);
        }

        Assert.Contains("438", _allocation.Failure, StringComparison.Ordinal);
        Assert.True(_sent.Count <= 4);
    }

    [Fact]
    public void The_allocation_is_renewed_before_it_ends()
    {
        Allocate(lifetime: 600);
        Assert.Equal(TimeSpan.FromSeconds(540), _allocation.Advance(_now) - _now);
        _now += TimeSpan.FromSeconds(540);
        _allocation.Advance(_now);
        Assert.True(StunMessage.TryParse(_sent[^1], out StunMessage refresh));
        Assert.Equal(StunMethod.Refresh, refresh.Method);
        Assert.True(refresh.IsFrom(Key));
    }

    [Fact]
    public void The_first_datagram_waits_for_the_permission_and_then_goes()
    {
        Allocate();
        _allocation.Send(Peer, [0x80, 7], _now);
        Assert.Equal(StunMethod.CreatePermission, Method(_sent[^1]));
        Grant();
        Assert.Equal(StunMethod.Send, Method(_sent[^1]));
        Assert.True(StunMessage.TryParse(_sent[^1], out StunMessage indication));
        Assert.True(indication.TryGet(StunAttribute.Data, out ReadOnlySpan<byte> data));
        Assert.Equal([0x80, 7], data.ToArray());
    }

    [Fact]
    public void By_channel_a_datagram_costs_four_bytes_more()
    {
        Allocate();
        _allocation.Send(Peer, [0x80, 7], _now);
        Grant();
        _allocation.Bind(Peer, _now);
        Grant();
        _allocation.Send(Peer, [0x80, 8], _now);
        Assert.Equal([0x40, 0x00, 0, 2, 0x80, 8], _sent[^1]);
        Assert.True(_allocation.Receive([0x40, 0x00, 0, 1, 9], _now, out TransportAddress from, out ReadOnlySpan<byte> datagram));
        Assert.Equal(Peer, from);
        Assert.Equal([9], datagram.ToArray());
    }

    [Fact]
    public void Permissions_are_renewed_before_their_five_minutes_are_over()
    {
        Allocate(lifetime: 3600);
        _allocation.Send(Peer, [0x80, 7], _now);
        Grant();
        int before = _sent.Count;
        _now += TimeSpan.FromSeconds(240);
        _allocation.Advance(_now);
        Assert.Equal(StunMethod.CreatePermission, Method(_sent[before]));
    }

    [Fact]
    public void A_forbidden_peer_is_left_alone()
    {
        Allocate();
        _allocation.Send(Peer, [0x80, 7], _now);
        Refuse(403);
        int before = _sent.Count;
        _allocation.Send(Peer, [0x80, 8], _now);
        Assert.Equal(before, _sent.Count);
        Assert.Equal(AllocationState.Allocated, _allocation.State);
    }

    [Fact]
    public void Datagrams_of_peers_that_nobody_asked_for_are_refused()
    {
        Allocate();
        StunWriter writer = new(new byte[100], StunClass.Indication, StunMethod.Data, new TransactionId(5, 5));
        writer.AddXorAddress(StunAttribute.XorPeerAddress, Peer);
        writer.Add(StunAttribute.Data, [1, 2, 3]);
        Assert.False(_allocation.Receive(writer.Written, _now, out _, out _));
        Assert.False(_allocation.Receive([0x40, 0x05, 0, 1, 9], _now, out _, out _));
        Assert.Equal(2, _allocation.Refused);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(763)]
    [InlineData(900)]
    public void A_server_whose_realm_is_no_text_or_too_long_is_given_up(int bytes)
    {
        _allocation.Start(_now);
        byte[] realm = new byte[bytes];
        Array.Fill(realm, bytes == 900 ? (byte)'r' : (byte)0xFF);  // each byte that is no UTF-8 would be written back as three
        for (int round = 0; round < 10 && _allocation.State == AllocationState.Allocating; round++)
        {
            StunWriter writer = Answer(StunClass.Error);
            writer.AddError(401, "who?");
            writer.Add(StunAttribute.Realm, realm);
            writer.Add(StunAttribute.Nonce, new byte[763]);
            Receive(writer.Written);
        }

        Assert.Equal(AllocationState.Failed, _allocation.State);
    }

    [Fact]
    public void The_longest_name_realm_and_nonce_fit_into_every_request()
    {
        byte[] last = [];
        TurnAllocation allocation = new(new string('u', 508), "secret", reliable: false, message => last = message.ToArray());
        allocation.Start(_now);
        Assert.True(StunMessage.TryParse(last, out StunMessage request));
        StunWriter writer = new(new byte[2000], StunClass.Error, request.Method, request.Transaction);
        writer.AddError(401, "who?");
        writer.Add(StunAttribute.Realm, new string('r', 763));
        writer.Add(StunAttribute.Nonce, new byte[763]);
        Assert.False(allocation.Receive(writer.Written, _now, out _, out _));
        Assert.InRange(last.Length, 2000, StunWriter.BufferBytes - 40);  // 40: peer address and channel number of a ChannelBind

        ArgumentException refused = Assert.Throws<ArgumentException>(() => MlvcRtc.WebRtc.Ice.IceServerAddress.Parse(new("turn:relay.example", new string('u', 509), "secret")));
        Assert.Contains("508 bytes", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Closing_gives_the_address_back()
    {
        Allocate();
        _allocation.Close(_now);
        Assert.True(StunMessage.TryParse(_sent[^1], out StunMessage refresh));
        Assert.Equal(StunMethod.Refresh, refresh.Method);
        Assert.True(refresh.TryGetUInt32(StunAttribute.Lifetime, out uint lifetime));
        Assert.Equal(0u, lifetime);
    }

    private static StunMethod Method(byte[] message)
    {
        Assert.True(StunMessage.TryParse(message, out StunMessage parsed));
        return parsed.Method;
    }

    private void Allocate(uint lifetime = 600)
    {
        _allocation.Start(_now);
        Challenge();
        StunWriter writer = Answer(StunClass.Success);
        writer.AddXorAddress(StunAttribute.XorRelayedAddress, Relayed);
        writer.Add(StunAttribute.Lifetime, lifetime);
        writer.AddIntegrity(Key);
        Receive(writer.Written);
    }

    private void Challenge(int code = 401)
    {
        StunWriter writer = Answer(StunClass.Error);
        writer.AddError(code, "again");
        writer.Add(StunAttribute.Realm, "realm");
        writer.Add(StunAttribute.Nonce, $"nonce {_sent.Count}");
        Receive(writer.Written);
    }

    private void Grant()
    {
        StunWriter writer = Answer(StunClass.Success);
        writer.AddIntegrity(Key);
        Receive(writer.Written);
    }

    private void Refuse(int code)
    {
        StunWriter writer = Answer(StunClass.Error);
        writer.AddError(code, "no");
        writer.AddIntegrity(Key);
        Receive(writer.Written);
    }

    /// <summary>An answer to the last request.</summary>
    private StunWriter Answer(StunClass answerClass)
    {
        Assert.True(StunMessage.TryParse(_sent[^1], out StunMessage request));
        return new StunWriter(new byte[2000], answerClass, request.Method, request.Transaction);
    }

    private void Receive(ReadOnlySpan<byte> message) => Assert.False(_allocation.Receive(message, _now, out _, out _));
}
