namespace MlvcRtc.Codec;

/// <summary>Where the time of one frame went, in ticks of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
/// <param name="Pixels">Scaling, transposing, padding, packing; or unpacking and cropping.</param>
/// <param name="Motion">Search and compensation; compensation. 0 where nothing is moved.</param>
/// <param name="Network">The graph run.</param>
/// <param name="Entropy">Symbols to integers, scales, rANS.</param>
/// <param name="Bitstream">Headers, parameter sets, emulation prevention.</param>
public readonly record struct StageTimes(long Pixels, long Motion, long Network, long Entropy, long Bitstream)
{
    /// <summary>When the work began, by <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>. An encoder goes through pixels, motion, network, entropy, bitstream; a decoder the other way.</summary>
    public long Begun { get; init; }

    /// <summary>All stages.</summary>
    public long Total => Pixels + Motion + Network + Entropy + Bitstream;
}
