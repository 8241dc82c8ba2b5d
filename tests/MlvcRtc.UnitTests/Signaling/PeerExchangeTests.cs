using FsCheck;
using FsCheck.Fluent;
using MlvcRtc.Signaling.Client;
using MlvcRtc.Signaling.Messages;

namespace MlvcRtc.UnitTests.Signaling;

public sealed class PeerExchangeTests
{
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(5);

    [Fact]
    public void A_message_is_repeated_after_1_2_and_4_seconds_until_it_is_acknowledged()
    {
        PeerExchange exchange = new("b");
        exchange.Send(new Offer("v=0"), Start);
        Assert.Empty(exchange.Due(Start + TimeSpan.FromSeconds(0.9)));
        Assert.Single(exchange.Due(Start + TimeSpan.FromSeconds(1)));
        Assert.Empty(exchange.Due(Start + TimeSpan.FromSeconds(2.9)));
        Assert.Single(exchange.Due(Start + TimeSpan.FromSeconds(3)));
        Assert.Single(exchange.Due(Start + TimeSpan.FromSeconds(7)));
        exchange.Acknowledged(1, Start + TimeSpan.FromSeconds(7));
        Assert.Empty(exchange.Due(Start + TimeSpan.FromSeconds(100)));
    }

    [Fact]
    public void A_new_socket_repeats_everything_unacknowledged_at_once_and_in_order()
    {
        PeerExchange exchange = new("b");
        exchange.Send(new Offer("v=0"), Start);
        exchange.Send(new Candidate("candidate:1"), Start);
        exchange.Send(new EndOfCandidates(), Start);
        exchange.Acknowledged(1, Start);
        Assert.Equal([2L, 3L], exchange.Repeat(Start).Select(message => message.Seq));
    }

    [Fact]
    public void An_acknowledgement_of_what_was_never_sent_is_nonsense()
    {
        PeerExchange exchange = new("b");
        exchange.Send(new Offer("v=0"), Start);
        exchange.Acknowledged(2, Start);
        Assert.Equal(1, exchange.Unacknowledged);
    }

    [Fact]
    public void Somebody_who_never_acknowledges_does_not_fill_our_memory()
    {
        PeerExchange exchange = new("b");
        for (int i = 0; i < PeerExchange.MaxUnacknowledged; i++)
        {
            exchange.Send(new EndOfCandidates(), Start);
        }

        Assert.Throws<InvalidOperationException>(() => exchange.Send(new EndOfCandidates(), Start));
    }

    /// <summary>A path that loses, doubles and reorders in both directions: each message arrives once and in order.</summary>
    [Fact]
    public void Nothing_is_lost_or_doubled_whatever_the_path_does() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            Random random = new(seed);
            PeerExchange sender = new("b");
            PeerExchange receiver = new("a");
            List<SignalMessage> path = [];
            List<string> sent = [];
            List<string> got = [];
            TimeSpan now = Start;
            for (int step = 0; step < 400 || got.Count < sent.Count; step++)
            {
                Assert.True(step < 20_000, "it never ends");
                now += TimeSpan.FromMilliseconds(random.Next(300));
                if (step < 400 && random.Next(4) == 0 && sent.Count < 100)
                {
                    sent.Add("candidate:" + sent.Count);
                    path.Add(sender.Send(new Candidate(sent[^1]), now));
                }

                path.AddRange(random.Next(20) == 0 ? sender.Repeat(now) : sender.Due(now));
                while (path.Count > 30)
                {
                    path.RemoveAt(random.Next(path.Count));  // a full queue loses, too
                }

                if (path.Count == 0)
                {
                    continue;
                }

                int index = random.Next(path.Count);
                SignalMessage message = path[index];
                if (random.Next(4) > 0)
                {
                    path.RemoveAt(index);  // else it comes twice
                }

                if (random.Next(3) == 0)
                {
                    continue;  // lost
                }

                if (message is Ack ack)
                {
                    sender.Acknowledged(ack.Seq, now);
                    continue;
                }

                Candidate candidate = (Candidate)message;
                if (receiver.TryReceive(candidate.Seq))
                {
                    got.Add(candidate.Line);
                }

                path.Add(receiver.Acknowledgement);
            }

            Assert.Equal(sent, got);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(50));
}
