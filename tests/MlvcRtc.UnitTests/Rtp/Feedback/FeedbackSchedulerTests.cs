using MlvcRtc.Media;
using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Recovery;

namespace MlvcRtc.UnitTests.Rtp.Feedback;

public sealed class FeedbackSchedulerTests
{
    private readonly FeedbackScheduler _receiver = new(RecoveryTools.All);

    [Theory]
    [InlineData(20, 20)]     // never more often than every 20 ms
    [InlineData(250, 125)]   // nor than twice per round trip
    public void A_break_is_told_at_once_and_again_until_a_frame_comes_that_mends_it(int roundTripMs, int everyMs)
    {
        _receiver.RoundTripTime = TimeSpan.FromMilliseconds(roundTripMs);
        Decode(7, FrameType.Intra, slot: 0, bestKept: 7);
        _receiver.NetworkIs(broken: false, 8);
        Assert.Equal([1000], Messages(1000, 1010));   // the acknowledgement
        _receiver.NetworkIs(broken: true, 9);
        Assert.Equal([1010, 1010 + everyMs, 1010 + (2 * everyMs)], Messages(1010, 1011 + (2 * everyMs)));

        _receiver.FrameQueued(FrameType.Recovery);
        Assert.Equal([], Messages(1011 + (2 * everyMs), 1200 + (2 * everyMs)));   // until a word of life is due
    }

    [Fact]
    public void A_break_message_says_what_is_held()
    {
        Decode(65535, FrameType.Intra, slot: 0, bestKept: 65535);
        Decode(0, FrameType.Inter, slot: null, bestKept: 65535);
        _receiver.NetworkIs(broken: true, 3);
        Assert.True(_receiver.TryTake(TimeSpan.Zero, out ReferenceFeedback message));
        Assert.Equal((0, 3, 65535), ((int)message.LastDecoded, (int)message.LastReceived, (int)message.BestLtr));
        Assert.True(message.IsBroken && message.HasBestLtr && message.IsAcknowledgement && !message.NeedsIntra);
    }

    [Fact]
    public void Every_marked_frame_is_acknowledged_after_it_was_decoded_and_others_are_not()
    {
        _receiver.NetworkIs(broken: false, 7);
        Assert.Equal([0], Messages(0, 100));          // the first word
        Decode(7, FrameType.Intra, slot: 0, bestKept: 7);
        Assert.Equal([100], Messages(100, 120));
        Decode(8, FrameType.Inter, slot: null, bestKept: 7);
        Assert.Equal([], Messages(120, 140));
        Decode(9, FrameType.Recovery, slot: 3, bestKept: 9);
        Assert.Equal([140], Messages(140, 160));
    }

    [Fact]
    public void A_silent_receiver_says_every_quarter_of_a_second_that_it_lives()
    {
        Assert.Equal([], Messages(0, 1000));          // not before a stream is there
        _receiver.NetworkIs(broken: false, 7);
        Assert.Equal([1000, 1250, 1500], Messages(1000, 1600));
        Assert.Equal(TimeSpan.FromMilliseconds(1750), _receiver.NextMessage);
    }

    [Fact]
    public void Messages_are_counted_modulo_256()
    {
        _receiver.NetworkIs(broken: false, 7);
        for (int i = 0; i < 300; i++)
        {
            Assert.True(_receiver.TryTake(TimeSpan.FromSeconds(i), out ReferenceFeedback message));
            Assert.Equal((byte)i, message.Count);
        }
    }

    [Fact]
    public void When_nothing_is_kept_only_a_key_frame_helps_and_a_key_frame_that_fails_is_asked_for_again()
    {
        _receiver.NetworkIs(broken: true, 7);
        Assert.True(_receiver.TryTake(TimeSpan.Zero, out ReferenceFeedback message));
        Assert.True(message.NeedsIntra && message.LastDecoded == message.LastReceived);

        _receiver.NetworkIs(broken: false, 8);
        Fail(8, FrameType.Intra);
        Assert.True(_receiver.TryTake(TimeSpan.FromMilliseconds(1), out message));
        Assert.True(message.IsBroken && message.NeedsIntra);
        Decode(9, FrameType.Intra, slot: 0, bestKept: 9);
        Assert.True(_receiver.TryTake(TimeSpan.FromSeconds(2), out message));
        Assert.False(message.IsBroken || message.NeedsIntra);
    }

    [Fact]
    public void A_frame_thrown_away_breaks_the_picture_until_a_newer_one_is_decoded()
    {
        Decode(7, FrameType.Intra, slot: 0, bestKept: 7);
        _receiver.NetworkIs(broken: false, 70);
        _receiver.FrameDropped(70);
        Decode(8, FrameType.Inter, slot: null, bestKept: 7);   // it waited in the queue
        Assert.True(_receiver.TryTake(TimeSpan.Zero, out ReferenceFeedback message));
        Assert.True(message.IsBroken);
        Decode(72, FrameType.Recovery, slot: null, bestKept: 7);
        Assert.True(_receiver.TryTake(TimeSpan.FromSeconds(1), out message));
        Assert.False(message.IsBroken);
    }

    [Theory]
    [InlineData(20, 100)]    // never more often than every 100 ms
    [InlineData(250, 250)]   // nor than once per round trip
    public void Without_references_only_a_broken_picture_is_worth_a_word(int roundTripMs, int everyMs)
    {
        FeedbackScheduler receiver = new(RecoveryTools.KeyFrame) { RoundTripTime = TimeSpan.FromMilliseconds(roundTripMs) };
        receiver.NetworkIs(broken: false, 7);
        Assert.Equal([], Messages(receiver, 0, 1000));
        receiver.NetworkIs(broken: true, 7);
        Assert.Equal([1000, 1000 + everyMs, 1000 + (2 * everyMs)], Messages(receiver, 1000, 1001 + (2 * everyMs)));
    }

    [Theory]
    [InlineData(RecoveryTools.None)]
    [InlineData(RecoveryTools.Retransmission)]
    public void Whoever_may_ask_for_nothing_says_nothing(RecoveryTools tools)
    {
        FeedbackScheduler receiver = new(tools);
        receiver.NetworkIs(broken: true, 7);
        Assert.Equal([], Messages(receiver, 0, 1000));
        Assert.Null(receiver.NextMessage);
    }

    [Fact]
    public void A_decoder_is_congested_after_half_a_second_of_backlog_and_well_after_a_second_without()
    {
        Assert.Equal([500], Changes(waiting: 2, from: 0, to: 1000));
        Assert.Equal([2000], Changes(waiting: 1, from: 1000, to: 2500));

        // A backlog that drains is none.
        Assert.Equal([], Changes(waiting: 8, from: 3000, to: 3400));
        Assert.Equal([], Changes(waiting: 0, from: 3400, to: 3410));
        Assert.Equal([], Changes(waiting: 8, from: 3410, to: 3900));
    }

    private List<int> Changes(int waiting, int from, int to)
    {
        List<int> changes = [];
        bool before = _receiver.DecoderHas(waiting, TimeSpan.FromMilliseconds(from));
        for (int ms = from; ms < to; ms++)
        {
            bool congested = _receiver.DecoderHas(waiting, TimeSpan.FromMilliseconds(ms));
            if (congested != before)
            {
                changes.Add(ms);
            }

            before = congested;
        }

        return changes;
    }

    private void Decode(int id, FrameType type, int? slot, int bestKept) => Take(id, type, slot, decoded: true, (ushort)bestKept);

    private void Fail(int id, FrameType type) => Take(id, type, slot: 0, decoded: false, bestKept: null);

    private void Take(int id, FrameType type, int? slot, bool decoded, ushort? bestKept)
    {
        EncodedFrame frame = PacketTrain.Frame(id, type, 100);
        frame.LtrSlot = slot;
        _receiver.FrameQueued(type);
        _receiver.FrameTaken(frame, decoded, bestKept);
    }

    private List<int> Messages(int fromMs, int toMs) => Messages(_receiver, fromMs, toMs);

    private static List<int> Messages(FeedbackScheduler receiver, int fromMs, int toMs) =>
        [.. Enumerable.Range(fromMs, toMs - fromMs).Where(ms => receiver.TryTake(TimeSpan.FromMilliseconds(ms), out _))];
}
