using MlvcRtc.Call.Adaptation;
using MlvcRtc.Call.Sending;
using MlvcRtc.Lab.TestCodec;
using MlvcRtc.Media;
using MlvcRtc.Rtp;
using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;
using MlvcRtc.Rtp.Recovery;

namespace MlvcRtc.UnitTests.Call.Sending;

/// <summary>The sending stages at 30 frames/s and 80 ms round trip, with a wire that only notes what leaves. Nobody answers but the test.</summary>
internal sealed class SenderRig : IPacketLink
{
    public const uint Ssrc = 77;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1) / 30;

    private readonly ReferenceGate _references;
    private readonly VideoFrame _picture = new(64, 64);
    private byte _count;

    public SenderRig(IVideoEncoder? encoder = null, double kbps = 300, ushort firstNumber = 65_530)
    {
        Rate = new TargetRate(kbps);
        Budget = new NotingBudget();
        Sender = new PacedSender(this, new RtpStreamSettings(Ssrc, FirstSequenceNumber: firstNumber), kbps);
        _references = new ReferenceGate(new ReferencePolicyOptions { FrameInterval = Interval });
        Feedback = new FeedbackStage(_references, Sender, Ssrc) { RoundTripTime = TimeSpan.FromMilliseconds(80) };
        Stage = new EncodeStage(encoder ?? new TestEncoder(), Budget, Sender, _references, Rate, new ShapeStage(null, Budget, Rate, Interval));
    }

    public event PacketArrived? Arrived
    {
        add { }
        remove { }
    }

    public TargetRate Rate { get; }

    public NotingBudget Budget { get; }

    public PacedSender Sender { get; }

    public FeedbackStage Feedback { get; }

    public EncodeStage Stage { get; }

    public TimeSpan Now { get; private set; }

    /// <summary>Everything that left, in order.</summary>
    public List<byte[]> Wire { get; } = [];

    /// <summary>Coded frames: type, FRAME_ID, REF_ID.</summary>
    public List<(FrameType Type, ushort Id, ushort Reference)> Frames { get; } = [];

    public void Send(ReadOnlySpan<byte> packet) => Wire.Add(packet.ToArray());

    /// <summary>Captures so many pictures and lets their packets leave.</summary>
    public SenderRig Capture(int pictures = 1)
    {
        for (int i = 0; i < pictures; i++)
        {
            _picture.CaptureTime = Now;
            if (Stage.Encode(_picture, Now) == EncodeOutcome.Coded)
            {
                Frames.Add((Stage.Coded.Type, Stage.Coded.FrameId, Stage.Coded.ReferenceId));
                Assert.True(Sender.TryQueue(Stage.Coded, Now));
            }

            Pass(Interval);
        }

        return this;
    }

    public void Pass(TimeSpan time)
    {
        for (TimeSpan end = Now + time; Now < end; Now += TimeSpan.FromMilliseconds(1))
        {
            Sender.SendDue(Now);
        }
    }

    public void Say(int? best, int received, bool broken = false)
    {
        byte[] message = new byte[ReferenceFeedback.SizeBytes];
        new ReferenceFeedback
        {
            MediaSsrc = Ssrc,
            HasBestLtr = best is not null,
            BestLtr = (ushort)(best ?? 0),
            LastReceived = (ushort)received,
            IsBroken = broken,
            Count = ++_count,
        }.Write(message);
        Feedback.Receive(message, Now);
    }

    public void Nack(params ushort[] numbers)
    {
        byte[] message = new byte[GenericNack.MaxBytes];
        Feedback.Receive(message.AsSpan(0, GenericNack.Write(message, 1, Ssrc, numbers)), Now);
    }

    public static ushort NumberOf(byte[] packet) => RtpPacket.TryParse(packet, out RtpPacket parsed) ? parsed.SequenceNumber : throw new ArgumentException("No RTP packet.", nameof(packet));

    /// <summary>An ordinary share for every frame; notes the targets it was given.</summary>
    internal sealed class NotingBudget : IFrameBudget
    {
        public List<double> Targets { get; } = [];

        public double TargetKbps
        {
            get => Targets[^1];
            set => Targets.Add(value);
        }

        public EncodeRequest? Plan(in ReferenceChoice choice, TimeSpan now) => new EncodeRequest(18, choice.Type == FrameType.Intra, choice.FromSlot, choice.MarkSlot);

        public void Commit(EncodedFrame coded)
        {
        }
    }
}
