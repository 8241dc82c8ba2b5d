using System.Diagnostics;
using MlvcRtc.Call.Adaptation;
using MlvcRtc.Call.Receiving;
using MlvcRtc.Call.Sending;
using MlvcRtc.Media;
using MlvcRtc.Proof.Recovery;
using MlvcRtc.Rtp;
using MlvcRtc.Rtp.Congestion;
using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;
using MlvcRtc.Rtp.Playout;
using MlvcRtc.Rtp.Recovery;

namespace MlvcRtc.Proof.Fuzzing;

/// <summary>The same damaged packets through all that a call does with them: no crash, no hang, and the answers stay few.</summary>
public sealed class HostilePeersTests
{
    /// <summary>Buffers up to their bounds (docs/payload-format.md §11): 1.2 MB of fragments, 0.8 MB of history, 64 frames; the rest is counted in objects that exist.</summary>
    private const long AllocationLimit = 16L << 20;

    /// <summary>Between two packets of media: about 60 frames/s of two.</summary>
    private static readonly TimeSpan MediaStep = TimeSpan.FromMilliseconds(8);

    /// <summary>Between two messages of feedback: a quick attacker.</summary>
    private static readonly TimeSpan FeedbackStep = TimeSpan.FromMicroseconds(300);

    /// <summary>The stages do more than the parsers, and go on only if some of what they get is right: fewer packets, every fourth of them damaged.</summary>
    private const int Packets = ProofSize.Packets / 10;

    [Fact]
    public void A_receiver_survives_damaged_media_and_answers_with_bounded_feedback()
    {
        PacketMutator mutator = new(seed: 20260103);
        LiveStream stream = new();
        CountingLink link = new();
        FeedbackScheduler feedback = new(RecoveryTools.All);
        SharedPlayoutClock playout = new(PlayoutOptions.Immediate);
        AssembleStage stage = new(link, feedback, new ReceiveOptions(OwnSsrc: 2, RemoteSsrc: 1), playout);
        EncodedFrame frame = new();
        long frames = 0;
        TimeSpan now = TimeSpan.Zero;
        long begun = Stopwatch.GetTimestamp();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; mutator.Mutants < Packets; i++, now += MediaStep)
        {
            stage.RoundTripTime = TimeSpan.FromMilliseconds(i / 1000 % 200);
            ReadOnlySpan<byte> packet = stream.Next(mutator);
            if (mutator.Next(50) == 0)
            {
                continue;  // lost
            }

            stage.Receive(i % 4 == 0 ? mutator.Mutate(packet, stream.Earlier(mutator)) : packet, now);
            stage.Poll(now);
            while (stage.TryTake(frame, now))
            {
                frames++;
                feedback.FrameQueued(frame.Type);
                feedback.FrameTaken(frame, decoded: mutator.Next(8) > 0, bestKept: frame.LtrSlot is null ? null : frame.FrameId);
            }

            stage.AskForHelp((int)mutator.Next(64), now);
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{mutator.Mutants} mutants in {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s: {frames} frames, {stage.PacketsRejected} packets rejected, {stage.NacksSent} asked for again, "
            + $"{stage.FeedbackSent} messages, {link.Packets} packets and {link.Bytes} bytes in all, {allocated} bytes allocated");
        Assert.True(frames > Packets / 50);
        Assert.True(allocated < AllocationLimit, $"{allocated} bytes were allocated");

        // On a break one message per 20 ms, besides one per frame; requests name each missing packet ten times at most.
        Assert.InRange(stage.FeedbackSent, 1, (long)(now / TimeSpan.FromMilliseconds(20)) + frames + 1);
        Assert.InRange(stage.NacksSent, 1, 10 * stage.PacketsReceived);
    }

    [Fact]
    public void A_sender_survives_damaged_feedback_and_floods_nobody()
    {
        const double Kbps = 1000;
        const uint Stream = 0x55667788;
        PacketMutator mutator = new(seed: 20260104);
        CountingLink link = new();
        CongestionControl congestion = new(new CongestionOptions(new RateBounds(), FollowsEstimate: false), new TargetRate(Kbps));
        PacedSender sender = new(link, new RtpStreamSettings(Stream), Kbps, congestion);
        ReferenceGate references = new(new ReferencePolicyOptions { FrameInterval = TimeSpan.FromMilliseconds(40) });
        FeedbackStage stage = new(references, sender, Stream, congestion);
        Lie[] lies = [.. Enumerable.Range(0, 512).Select(i => new Lie(0, (LieKind)mutator.Next(6), (int)mutator.Next(60) - 50, (byte)mutator.Next(256), 1))];
        byte[] message = new byte[PacketMutator.MaxBytes];
        byte[] other = new byte[PacketMutator.MaxBytes];
        EncodedFrame frame = new() { CodedWidth = 640, CodedHeight = 368 };
        TimeSpan now = TimeSpan.Zero;
        TimeSpan? lastKey = null;
        TimeSpan closestKeys = TimeSpan.MaxValue;
        int coded = 0, keys = 0;
        long begun = Stopwatch.GetTimestamp();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; mutator.Mutants < Packets; i++, now += FeedbackStep)
        {
            int length = lies[mutator.Next((uint)lies.Length)].Write(message, Stream, frame.FrameId, link.NewestPacket);
            int otherLength = lies[mutator.Next((uint)lies.Length)].Write(other, Stream, frame.FrameId, link.NewestPacket);
            stage.Receive(i % 4 == 0 ? mutator.Mutate(message.AsSpan(0, length), other.AsSpan(0, otherLength)) : message.AsSpan(0, length), now);
            if (i % 133 == 0)  // 40 ms
            {
                Code(frame, references.Next(now));
                references.FrameCoded(frame, now, now);
                _ = sender.TryQueue(frame, now);
                coded++;
                if (frame.Type == FrameType.Intra)
                {
                    closestKeys = lastKey is { } last && now - last < closestKeys ? now - last : closestKeys;
                    lastKey = now;
                    keys++;
                }
            }

            sender.SendDue(now);
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        double resentKbps = sender.BytesResent * 8 / now.TotalMilliseconds;
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{mutator.Mutants} mutants in {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s: {coded} frames, {keys} key frames, {stage.KeyFrameRequests} requests, {stage.PacketsRequested} packets asked for, "
            + $"{sender.PacketsResent} sent again ({resentKbps:0} kbit/s), {stage.ReferenceMessages} words on references, {allocated} bytes allocated");
        Assert.True(allocated < AllocationLimit, $"{allocated} bytes were allocated");
        Assert.True(keys > 1 && stage.ReferenceMessages > 0 && stage.PacketsRequested > 0 && sender.PacketsResent > 0);
        Assert.True(closestKeys >= TimeSpan.FromMilliseconds(500), $"two key frames within {closestKeys.TotalMilliseconds:0} ms");
        Assert.InRange(resentKbps, 0, 0.5 * Kbps * 1.05);  // half the target, and the half second of it saved up at the start
    }

    private static void Code(EncodedFrame frame, in ReferenceChoice choice)
    {
        ushort id = (ushort)(frame.FrameId + 1);
        frame.Type = choice.Type;
        frame.ReferenceId = (ushort)(choice.Type == FrameType.Intra ? id : id - 1);
        frame.FrameId = id;
        frame.LtrSlot = choice.MarkSlot;
        frame.Reserve(choice.Type == FrameType.Intra ? 8000 : 1500).Fill((byte)id);
    }

    /// <summary>Where answers go; nobody hears them.</summary>
    private sealed class CountingLink : IPacketLink
    {
        public event PacketArrived? Arrived
        {
            add { }
            remove { }
        }

        public long Packets { get; private set; }

        public long Bytes { get; private set; }

        /// <summary>Sequence number of the last RTP packet.</summary>
        public ushort NewestPacket { get; private set; }

        public void Send(ReadOnlySpan<byte> packet)
        {
            Packets++;
            Bytes += packet.Length;
            NewestPacket = PacketDemux.Classify(packet) == PacketKind.Rtp && RtpPacket.TryParse(packet, out RtpPacket parsed) ? parsed.SequenceNumber : NewestPacket;
        }
    }
}
