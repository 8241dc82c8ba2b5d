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

/// <summary>A time in which a bottleneck's rate did not change.</summary>
/// <param name="Utilisation">From 5 s into the phase on.</param>
/// <param name="QueueDelayMs">The same.</param>
/// <param name="QueueOver100MsForS">Seconds from the beginning to the last packet that waited more than 100 ms.</param>
/// <param name="Reaches85PercentAfterS">Seconds to the first second in which 85 % of the rate were used.</param>
internal sealed record PhaseReport(
    double FromS, double ToS, double RateKbps, double Utilisation, DelayFigures QueueDelayMs, double QueueOver100MsForS, double? Reaches85PercentAfterS);

/// <summary>What only bandwidth scenarios measure.</summary>
/// <param name="CallKbps">Of each call, from <paramref name="SharesFromS"/> on, padding not counted.</param>
/// <param name="CallShare">0..1.</param>
internal sealed record BandwidthReport(IReadOnlyList<PhaseReport> Phases, double SharesFromS, IReadOnlyList<double> CallKbps, IReadOnlyList<double> CallShare);

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

    /// <summary>Null in all but bandwidth scenarios.</summary>
    public BandwidthReport? Bandwidth { get; init; }

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

    /// <summary>A bandwidth scenario: what has no meaning without pictures is zero, null or empty.</summary>
    public static ScenarioReport Of(BandwidthResult result)
    {
        double[] queue = [.. result.QueueDelays.Select(Ms)];
        double[] callKbps = [.. result.CallKbps.Select(kbps => Math.Round(kbps, 1))];
        return new()
        {
            Name = result.Scenario.Name,
            Policy = "estimator",
            Codec = "none",
            Seed = result.Seed,
            Seconds = result.Length.TotalSeconds,
            RttMs = Ms(result.Scenario.RoundTrip),
            PlayoutMs = 0,
            TargetKbps = result.Scenario.Kbps,
            FramesSent = 0,
            FramesDecoded = 0,
            DecodedRatio = 0,
            PacketsSent = result.PacketsSent,
            PacketsLost = result.PacketsLost,
            FreezeCount = 0,
            FreezeMsTotal = 0,
            FreezeRatio = 0,
            LongestFreezeMs = 0,
            LongestFreezeAfterFirstSecondMs = 0,
            OutlastsBurstMsMax = 0,
            MeanDisplayedPsnrDb = 0,
            Kbps = Math.Round(result.KbpsBySecond.Sum(call => call.Average()), 1),
            KeyFrames = 0,
            Recoveries = 0,
            RecoveryMs = new(null, null, null),
            QueueDelayMs = new(Rank(queue, 50), Rank(queue, 95)),
            Utilisation = Math.Round(result.Utilisation, 4),
            EndsBroken = false,
            FirstPictureMs = null,
            RecoveryMsSamples = [],
            Freezes = [],
            Bandwidth = new(
                [.. result.Phases.Select(phase => new PhaseReport(
                    phase.From.TotalSeconds,
                    phase.To.TotalSeconds,
                    phase.RateKbps,
                    Math.Round(phase.Utilisation, 4),
                    new(Ms(phase.QueueP50), Ms(phase.QueueP95)),
                    Math.Round(phase.QueueSettles.TotalSeconds, 3),
                    phase.ReachesRate?.TotalSeconds))],
                result.SharesFrom.TotalSeconds,
                callKbps,
                [.. callKbps.Select(kbps => Math.Round(kbps / Math.Max(callKbps.Sum(), 1e-9), 4))]),
        };
    }

    /// <summary>Nearest-rank percentile: a value that was measured.</summary>
    private static double? Rank(double[] samples, int percent) =>
        samples.Length == 0 ? null : samples.Order().ElementAt(Math.Max((int)Math.Ceiling(samples.Length * percent / 100.0) - 1, 0));

    private static double Ms(TimeSpan span) => Math.Round(span.TotalMilliseconds, 2);
}
