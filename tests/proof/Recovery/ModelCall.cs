using MlvcRtc.Call.Adaptation;
using MlvcRtc.Call.Receiving;
using MlvcRtc.Call.Sending;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Lab.Network;
using MlvcRtc.Lab.Simulation;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Recovery;

namespace MlvcRtc.Proof.Recovery;

/// <summary>A call of the model codec under virtual time: all of the sender and all of the receiver, joined by a hostile network.</summary>
internal sealed class ModelCall
{
    public static readonly TimeSpan FrameInterval = TimeSpan.FromMilliseconds(40);

    private static readonly LinkConditions Fair = new() { Delay = TimeSpan.FromMilliseconds(20) };

    private readonly Screen _screen = new();

    public ModelCall(int seed, ushort firstFrameId)
    {
        Encoder = new ModelEncoder(firstFrameId);
        Decoder = new ModelDecoder(Encoder);
        Call = new VirtualCall(new VirtualCallSettings(
            Encoder, Decoder, new EveryFrame(), new TargetRate(2000), new Black(), _screen, Fair, Fair, seed, TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(1)));
        Encoder.Coded += frame =>
        {
            Sent.Add((Call.Now, frame.Type, frame.FrameId, frame.ReferenceId, frame.LtrSlot));
            SentDiscardable += frame.Discardable ? 1 : 0;
        };
    }

    public ModelEncoder Encoder { get; }

    public ModelDecoder Decoder { get; }

    public VirtualCall Call { get; }

    /// <summary>Every frame that was coded.</summary>
    public List<(TimeSpan At, FrameType Type, ushort FrameId, ushort ReferenceId, int? Slot)> Sent { get; } = [];

    /// <summary>Frames of the second layer among them.</summary>
    public int SentDiscardable { get; private set; }

    /// <summary>In fair weather the picture moves: the last one was shown within four frame intervals. Empty, or what is wrong.</summary>
    public string JudgePicture()
    {
        TimeSpan dark = Call.Now - _screen.LastShown;
        return dark > 4 * FrameInterval ? $"{dark.TotalMilliseconds:0} ms after the last picture, in fair weather, there is none" : "";
    }

    public void Live(Spell spell)
    {
        Call.Link.ConditionsAToB = spell.Forward;
        Call.Link.ConditionsBToA = spell.Backward;
        Call.RunUntil(Call.Now + (spell.Frames * FrameInterval));
    }

    public void FairWeather(TimeSpan span)
    {
        Call.Link.ConditionsAToB = Call.Link.ConditionsBToA = Fair;
        Call.RunUntil(Call.Now + span);
    }

    /// <summary>The least time between two key frames; null = fewer than two.</summary>
    public TimeSpan? ClosestKeyFrames()
    {
        TimeSpan[] keys = [.. Sent.Where(frame => frame.Type == FrameType.Intra).Select(frame => frame.At)];
        return keys.Length < 2 ? null : keys.Zip(keys.Skip(1), (one, next) => next - one).Min();
    }

    private sealed class EveryFrame : IFrameBudget
    {
        public double TargetKbps { get; set; } = 2000;

        public EncodeRequest? Plan(in ReferenceChoice choice, TimeSpan now) =>
            new EncodeRequest(30, choice.Type == FrameType.Intra, choice.FromSlot, choice.MarkSlot);

        public void Commit(EncodedFrame coded)
        {
        }
    }

    private sealed class Black : IClipReader
    {
        public int Width => 2;

        public int Height => 2;

        public FrameRate Rate { get; } = new(25, 1);

        public bool TryRead(VideoFrame picture)
        {
            picture.Resize(2, 2);
            return true;
        }
    }

    private sealed class Screen : IVideoSink
    {
        public TimeSpan LastShown { get; private set; }

        public void Present(VideoFrame picture, in PresentedFrame info) => LastShown = info.PresentedAt;
    }
}
