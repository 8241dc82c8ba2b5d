using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.App.Calls;

/// <summary>How many frames lie between the first and the newest of a stream, by their FRAME_IDs. One thread adds, any reads.</summary>
internal sealed class FrameSpan
{
    private readonly SequenceUnwrapper _numbers = new();
    private long? _first;
    private long _count;

    /// <summary>First and newest included; 0 before the first.</summary>
    public long Count => Interlocked.Read(ref _count);

    public void Add(ushort frameId)
    {
        long number = _numbers.Unwrap(frameId);
        _first ??= number;
        Interlocked.Exchange(ref _count, Math.Max(_count, number - _first.Value + 1));
    }
}
