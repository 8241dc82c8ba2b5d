using MlvcRtc.Lab.Experiments;

namespace MlvcRtc.App.LossLab;

/// <summary>Figures of 'lab'; names are those of the report format. The same seed gives the same scenarios, byte for byte.</summary>
/// <param name="EncodeMs">Taken for every frame of the runs, a constant.</param>
/// <param name="Input">What was coded.</param>
internal sealed record LabReport(string Codec, string Input, double EncodeMs, double DecodeMs, IReadOnlyList<ScenarioReport> Scenarios);

/// <summary>Milliseconds; null = there was nothing to measure.</summary>
internal sealed record RecoveryFigures(double? P50, double? P95, double? Max);

/// <inheritdoc cref="RecoveryFigures"/>
internal sealed record DelayFigures(double? P50, double? P95);

/// <summary>One freeze.</summary>
/// <param name="StartMs">Since the first capture.</param>
/// <param name="Ms">Its length.</param>
/// <param name="OutlastsBurstMs">How much longer it lasted than the burst of losses that caused it.</param>
internal sealed record FreezeReport(double StartMs, double Ms, double OutlastsBurstMs);

/// <summary>One scenario under one policy.</summary>
internal sealed record ScenarioReport
{
    public required string Name { get; init; }

    /// <summary>"none", "pli", "nack", "ltr" or "ltr+nack".</summary>
    public required string Policy { get; init; }

    public required string Codec { get; init; }

    public required int Seed { get; init; }

    public required double Seconds { get; init; }

    public required double RttMs { get; init; }

    public required double PlayoutMs { get; init; }

    public required double TargetKbps { get; init; }

    public required int FramesSent { get; init; }

    public required int FramesDecoded { get; init; }

    /// <summary>Decoded over sent; frames in flight at the end count as not decoded.</summary>
    public required double DecodedRatio { get; init; }

    public required int PacketsSent { get; init; }

    public required int PacketsLost { get; init; }

    public required int FreezeCount { get; init; }

    public required double FreezeMsTotal { get; init; }

    public required double FreezeRatio { get; init; }

    public required double LongestFreezeMs { get; init; }

    public required double LongestFreezeAfterFirstSecondMs { get; init; }

    /// <summary>Largest of the freezes' <see cref="FreezeReport.OutlastsBurstMs"/>.</summary>
    public required double OutlastsBurstMsMax { get; init; }

    public required double MeanDisplayedPsnrDb { get; init; }

    /// <summary>Everything sent forward, in RTP bytes.</summary>
    public required double Kbps { get; init; }

    public required int KeyFrames { get; init; }

    public required int Recoveries { get; init; }

    public required RecoveryFigures RecoveryMs { get; init; }

    public required DelayFigures QueueDelayMs { get; init; }

    /// <summary>0..1; null without a bottleneck.</summary>
    public required double? Utilisation { get; init; }

    /// <summary>The picture was still broken at the end.</summary>
    public required bool EndsBroken { get; init; }

    public required double? FirstPictureMs { get; init; }

    public required IReadOnlyList<double> RecoveryMsSamples { get; init; }

    public required IReadOnlyList<FreezeReport> Freezes { get; init; }

    public static ScenarioReport Of(ExperimentResult result)
    {
        double[] recoveries = [.. result.Recoveries.Select(Ms)];
        double[] queue = [.. result.QueueDelays.Select(Ms)];
        return new()
        {
            Name = result.Scenario,
            Policy = result.Policy,
            Codec = result.Codec,
            Seed = result.Seed,
            Seconds = Math.Round(result.Length.TotalSeconds, 3),
            RttMs = Ms(result.RoundTrip),
            PlayoutMs = Ms(result.PlayoutDelay),
            TargetKbps = result.TargetKbps,
            FramesSent = result.FramesSent,
            FramesDecoded = result.FramesDecoded,
            DecodedRatio = result.FramesSent == 0 ? 0 : Math.Round((double)result.FramesDecoded / result.FramesSent, 4),
            PacketsSent = result.PacketsSent,
            PacketsLost = result.PacketsLost,
            FreezeCount = result.Freezes.Count,
            FreezeMsTotal = Ms(result.FrozenTime),
            FreezeRatio = Math.Round(result.FreezeRatio, 5),
            LongestFreezeMs = Ms(result.LongestFreeze),
            LongestFreezeAfterFirstSecondMs = Ms(result.LongestFreezeAfterFirstSecond),
            OutlastsBurstMsMax = Ms(result.OutlastedBy.DefaultIfEmpty().Max()),
            MeanDisplayedPsnrDb = Math.Round(result.MeanPsnrDb, 3),
            Kbps = Math.Round(result.Kbps, 1),
            KeyFrames = result.KeyFrames,
            Recoveries = recoveries.Length,
            RecoveryMs = new(Rank(recoveries, 50), Rank(recoveries, 95), Rank(recoveries, 100)),
            QueueDelayMs = new(Rank(queue, 50), Rank(queue, 95)),
            Utilisation = result.Utilisation is { } share ? Math.Round(share, 4) : null,
            EndsBroken = result.EndsBroken,
            FirstPictureMs = result.FirstPicture is { } first ? Ms(first) : null,
            RecoveryMsSamples = recoveries,
            Freezes = [.. result.Freezes.Select((freeze, i) => new FreezeReport(Ms(freeze.Begin), Ms(freeze.Duration), Ms(result.OutlastedBy[i])))],
        };
    }

    /// <summary>Nearest-rank percentile: a value that was measured.</summary>
    private static double? Rank(double[] samples, int percent) =>
        samples.Length == 0 ? null : samples.Order().ElementAt(Math.Max((int)Math.Ceiling(samples.Length * percent / 100.0) - 1, 0));

    private static double Ms(TimeSpan span) => Math.Round(span.TotalMilliseconds, 2);
}
