namespace MlvcRtc.Lab.Experiments;

/// <summary>What one run of a scenario under one policy measured. Instants are since the first capture.</summary>
public sealed record ExperimentResult
{
    public required string Scenario { get; init; }

    public required string Policy { get; init; }

    public required string Codec { get; init; }

    public required int Seed { get; init; }

    public required TimeSpan Length { get; init; }

    /// <summary>Distance of the values of <see cref="PsnrDb"/>.</summary>
    public required TimeSpan FrameInterval { get; init; }

    public required TimeSpan RoundTrip { get; init; }

    public required TimeSpan PlayoutDelay { get; init; }

    public required TimeSpan EncodeTime { get; init; }

    public required TimeSpan DecodeTime { get; init; }

    public required double TargetKbps { get; init; }

    public required int FramesSent { get; init; }

    public required int FramesDecoded { get; init; }

    public required int KeyFrames { get; init; }

    public required int PacketsSent { get; init; }

    public required int PacketsLost { get; init; }

    /// <summary>RTP bytes, retransmissions included.</summary>
    public required double Kbps { get; init; }

    /// <summary>RTP bytes of each second, kbit/s.</summary>
    public required IReadOnlyList<double> KbpsBySecond { get; init; }

    /// <summary>Of the screen against the source at every source instant.</summary>
    public required IReadOnlyList<double> PsnrDb { get; init; }

    public required IReadOnlyList<Freeze> Freezes { get; init; }

    /// <summary>For each freeze, how long it went on after the last frame of the burst that caused it was due on the screen.</summary>
    public required IReadOnlyList<TimeSpan> OutlastedBy { get; init; }

    /// <summary>When the first picture was shown; null = none.</summary>
    public required TimeSpan? FirstPicture { get; init; }

    public required IReadOnlyList<TimeSpan> Recoveries { get; init; }

    /// <summary>The last loss was never recovered from.</summary>
    public required bool EndsBroken { get; init; }

    public required IReadOnlyList<TimeSpan> QueueDelays { get; init; }

    /// <summary>0..1; null without a bottleneck.</summary>
    public required double? Utilisation { get; init; }

    /// <summary>dB.</summary>
    public double MeanPsnrDb => PsnrDb.Count == 0 ? 0 : PsnrDb.Average();

    public TimeSpan FrozenTime => Freezes.Aggregate(TimeSpan.Zero, (sum, freeze) => sum + freeze.Duration);

    /// <summary>Share of the time that the picture stood, 0..1.</summary>
    public double FreezeRatio => FrozenTime / Length;

    public TimeSpan LongestFreeze => Freezes.Select(freeze => freeze.Duration).DefaultIfEmpty().Max();

    /// <summary>The longest freeze that began after the first second.</summary>
    public TimeSpan LongestFreezeAfterFirstSecond =>
        Freezes.Where(freeze => freeze.Begin >= TimeSpan.FromSeconds(1)).Select(freeze => freeze.Duration).DefaultIfEmpty().Max();
}
