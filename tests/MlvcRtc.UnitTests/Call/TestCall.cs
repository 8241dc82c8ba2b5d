using MlvcRtc.Call.Adaptation;
using MlvcRtc.Call.Receiving;
using MlvcRtc.Call.Sending;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Lab.Network;
using MlvcRtc.Lab.Simulation;
using MlvcRtc.Lab.TestCodec;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Payload;
using MlvcRtc.Rtp.Playout;
using MlvcRtc.Rtp.Recovery;

namespace MlvcRtc.UnitTests.Call;

/// <summary>
/// A simulated call that states only what differs from the ordinary: 640x360 at 30 frames/s, 300 kbit/s, 80 ms round trip, a
/// perfect network, 8 ms to encode and 6 ms to decode.
/// </summary>
internal sealed class TestCall
{
    private static readonly FrameRate Rate = new(30, 1);

    private readonly List<(ushort FrameId, bool Discardable)> _packetFrames = [];
    private VirtualCall? _call;

    public LinkConditions Forward { get; init; } = new() { Delay = TimeSpan.FromMilliseconds(40) };

    public LinkConditions Backward { get; init; } = new() { Delay = TimeSpan.FromMilliseconds(40) };

    public TargetRate Target { get; init; } = new(300);

    public PlayoutOptions? Playout { get; init; }

    public IVideoEncoder Encoder { get; init; } = new TestEncoder();

    public AdaptationOptions? Adaptation { get; init; }

    public CongestionOptions? Congestion { get; init; }

    public int Seed { get; init; } = 1;

    public RecoveryTools Tools { get; init; } = RecoveryTools.All;

    /// <summary>Chains are renewed from roots and a quiet link is refreshed by key frames, as in a call. Most tests are about something else.</summary>
    public bool Renews { get; init; }

    public Viewer Viewer { get; } = new();

    public VirtualCall Call => _call ??= Make();

    /// <summary>FRAME_ID that the n-th packet carries.</summary>
    public ushort FrameOfPacket(int packet) => _packetFrames[packet].FrameId;

    /// <summary>The frame that the n-th packet carries is in the second temporal layer.</summary>
    public bool IsDiscardable(int packet) => packet < _packetFrames.Count && _packetFrames[packet].Discardable;

    public TestCall RunUntil(double seconds)
    {
        Call.RunUntil(TimeSpan.FromSeconds(seconds));
        return this;
    }

    private VirtualCall Make()
    {
        VirtualCall call = new(new VirtualCallSettings(
            Encoder, new TestDecoder(), new TestBudget(Rate.Interval, 640, 360), Target, new GreyClip(), Viewer,
            Forward, Backward, Seed, TimeSpan.FromMilliseconds(8), TimeSpan.FromMilliseconds(6), Playout, Tools, References(), Adaptation, Congestion: Congestion));
        call.FrameEncoded += frame => _packetFrames.AddRange(Enumerable.Repeat((frame.FrameId, frame.Discardable), Packetizer.CountPackets(frame)));
        return call;
    }

    private ReferencePolicyOptions References()
    {
        ReferencePolicyOptions asInACall = new() { FrameInterval = Rate.Interval };
        return Renews ? asInACall : asInACall with { RenewalPeriod = 0, RefreshPeriod = 0 };
    }

    private sealed class GreyClip : IClipReader
    {
        private int _index;

        public int Width => 640;

        public int Height => 360;

        public FrameRate Rate => TestCall.Rate;

        public bool TryRead(VideoFrame picture)
        {
            picture.Resize(Width, Height);
            picture.Samples.Fill((byte)(16 + (_index++ % 200)));
            return true;
        }
    }
}

/// <summary>Notes what is on the screen, and when.</summary>
internal sealed class Viewer : IVideoSink
{
    public List<PresentedFrame> Shown { get; } = [];

    /// <summary>Of every shown picture.</summary>
    public List<(int Width, int Height)> Sizes { get; } = [];

    public IEnumerable<int> ShownIds => Shown.Select(frame => (int)frame.FrameId);

    /// <summary>The longest time without a new picture.</summary>
    public TimeSpan LongestGap => Shown.Zip(Shown.Skip(1), (one, next) => next.PresentedAt - one.PresentedAt).Max();

    public void Present(VideoFrame picture, in PresentedFrame info)
    {
        Sizes.Add((picture.Width, picture.Height));
        Shown.Add(info);
    }
}
