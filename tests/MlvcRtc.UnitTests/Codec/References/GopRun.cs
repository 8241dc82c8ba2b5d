using MlvcRtc.Codec.References;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Codec.References;

/// <summary>A GOP structure that codes frame after frame; each is asked for twice, so that every test checks that asking changes nothing.</summary>
internal sealed class GopRun(GopOptions options)
{
    public GopStructure Gop { get; } = new(options);

    public FrameDecision Next(GopRequest request = default)
    {
        FrameDecision preview = Preview(request);
        FrameDecision decision = Preview(request);
        Assert.Equal(Describe(preview), Describe(decision));
        Assert.Equal(preview.LtrTable, decision.LtrTable);
        Gop.Commit(decision);
        return decision;
    }

    public FrameDecision Preview(GopRequest request = default)
    {
        Assert.Equal(GopStatus.Ok, Gop.Decide(request, out FrameDecision decision));
        return decision;
    }

    /// <summary>Ordinary frames up to and with the one of this number.</summary>
    public FrameDecision RunTo(long frameNumber)
    {
        for (long frames = 0; frames <= frameNumber; frames++)
        {
            FrameDecision decision = Next();
            if (decision.FrameNumber == frameNumber)
            {
                return decision;
            }
        }

        throw new InvalidOperationException($"Frame {frameNumber} never came: an IDR was in between.");
    }

    public FrameDecision[] Run(int frames) => [.. Enumerable.Range(0, frames).Select(_ => Next())];

    /// <summary>As the traces write slots: frame number, r = root, - = empty.</summary>
    public string Slots()
    {
        LtrSlots slots = Gop.Slots;
        return string.Join(',', Enumerable.Range(0, slots.Count).Select(slot => slots[slot].IsOccupied ? $"{slots[slot].FrameNumber}{(slots[slot].IsRoot ? "r" : "")}" : "-"));
    }

    /// <summary>As the traces write frames: I, P←1, R←2.</summary>
    public static string Describe(in FrameDecision decision) => decision.Type switch
    {
        FrameType.Intra => "I",
        FrameType.Inter => $"P←{decision.ReferenceIndex}",
        _ => $"R←{decision.ReferenceIndex}",
    };
}
