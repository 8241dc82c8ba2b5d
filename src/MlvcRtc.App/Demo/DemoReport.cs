using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using MlvcRtc.App.Reports;

namespace MlvcRtc.App.Demo;

/// <summary>One direction of a demo call. Names are those of the report format; more may be added, none renamed.</summary>
internal record DirectionReport
{
    /// <summary>Length of the call, from the first captured to the last captured picture.</summary>
    public required double Seconds { get; init; }

    public required int Width { get; init; }

    public required int Height { get; init; }

    public required double Fps { get; init; }

    public required int FramesCaptured { get; init; }

    /// <summary>Captured pictures that a newer one replaced because the encoder was busy.</summary>
    public required int FramesDropped { get; init; }

    /// <summary>Captured pictures that were not coded because the budget or the pacer's queue was full.</summary>
    public required int FramesSkipped { get; init; }

    public required int FramesEncoded { get; init; }

    public required int FramesDecoded { get; init; }

    /// <summary>Decoded / encoded.</summary>
    public required double DecodedRatio { get; init; }

    /// <summary>RTP packets with their headers; feedback not included.</summary>
    public required double SendKbps { get; init; }

    /// <summary>As asked for with --kbps.</summary>
    public required int TargetKbps { get; init; }

    /// <summary>As asked for with --loss.</summary>
    public required double LossPercent { get; init; }

    /// <summary>As asked for with --rtt.</summary>
    public required double RttMs { get; init; }

    public required long PacketsSent { get; init; }

    public required long PacketsLost { get; init; }

    /// <summary>6:1:1, of the shown pictures against the captured ones.</summary>
    public required double MeanPsnrDb { get; init; }

    /// <summary>webrtc-stats freezeCount.</summary>
    public required int FreezeCount { get; init; }

    /// <summary>webrtc-stats totalFreezesDuration.</summary>
    public required double FreezeMsTotal { get; init; }

    /// <summary>Times that the picture came back after a loss had broken it.</summary>
    public required int Recoveries { get; init; }

    public required int KeyFrames { get; init; }

    /// <summary>Sent by the receiver.</summary>
    public required int KeyFrameRequests { get; init; }

    /// <summary>Capture to presentation.</summary>
    public required LatencyMs LatencyMs { get; init; }

    /// <summary>Decoded frames after which the decoder's recurrent state differed from the encoder's.</summary>
    public required int StateMismatches { get; init; }

    /// <summary>Decoded frames whose states were compared.</summary>
    public required int StatesCompared { get; init; }
}

/// <summary>The whole demo: the fields of the direction A to B, and the other direction beside them.</summary>
internal sealed record DemoReport : DirectionReport
{
    [SetsRequiredMembers]
    public DemoReport(DirectionReport forward, DirectionReport reverse, int seed, double peakResidentMb)
        : base(forward)
    {
        Reverse = reverse;
        Seed = seed;
        PeakResidentMb = peakResidentMb;
    }

    /// <summary>B to A.</summary>
    [JsonPropertyOrder(1)]
    public DirectionReport Reverse { get; }

    /// <summary>Seed of the simulated network.</summary>
    [JsonPropertyOrder(1)]
    public int Seed { get; }

    /// <summary>Largest resident memory of the process, 2^20 bytes.</summary>
    [JsonPropertyOrder(1)]
    public double PeakResidentMb { get; }
}
