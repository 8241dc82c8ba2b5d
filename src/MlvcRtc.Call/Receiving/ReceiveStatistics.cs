using MlvcRtc.Media;

namespace MlvcRtc.Call.Receiving;

/// <summary>A reading of the receiver's counters since the start.</summary>
/// <param name="PacketsLost">Holes in the RTP sequence numbers, at present.</param>
/// <param name="PacketsRejected">Malformed, contradictory, or of another stream.</param>
/// <param name="PacketsOverflowed">Dropped because the receive thread was behind.</param>
/// <param name="BytesReceived">RTP packets with their headers.</param>
/// <param name="FramesLost">Given up: never whole, or without their reference.</param>
/// <param name="FramesNotDecodable">Whole, but their reference was not decoded.</param>
/// <param name="FramesFailed">Refused by the decoder; <paramref name="LastFailure"/> says why.</param>
/// <param name="Recoveries">Times that a key or recovery frame brought the picture back.</param>
/// <param name="KeyFrameRequests">PLIs sent.</param>
/// <param name="FreezeCount">webrtc-stats freezeCount.</param>
/// <param name="FreezeTotal">webrtc-stats totalFreezesDuration.</param>
/// <param name="LatencyP50">Capture to presentation, where both ends share a clock.</param>
public readonly record struct ReceiveStatistics(
    long PacketsReceived,
    long PacketsLost,
    long PacketsRejected,
    long PacketsOverflowed,
    long BytesReceived,
    long FramesDecoded,
    long KeyFramesDecoded,
    long FramesLost,
    long FramesNotDecodable,
    long FramesFailed,
    DecodeStatus LastFailure,
    long Recoveries,
    long KeyFrameRequests,
    int FreezeCount,
    TimeSpan FreezeTotal,
    TimeSpan FreezeLongest,
    TimeSpan LatencyP50,
    TimeSpan LatencyP95)
{
    /// <summary>Reads the figures of both stages.</summary>
    public static ReceiveStatistics Read(AssembleStage assemble, DecodeStage decode, long packetsOverflowed)
    {
        ArgumentNullException.ThrowIfNull(assemble);
        ArgumentNullException.ThrowIfNull(decode);
        (int freezes, TimeSpan freezeTotal, TimeSpan freezeLongest) = decode.Freezes;
        return new ReceiveStatistics(
            assemble.PacketsReceived,
            assemble.PacketsLost,
            assemble.PacketsRejected,
            packetsOverflowed,
            assemble.BytesReceived,
            decode.FramesDecoded,
            decode.KeyFramesDecoded,
            assemble.FramesLost,
            decode.FramesNotDecodable,
            decode.FramesFailed,
            decode.LastFailure,
            decode.Recoveries,
            assemble.RequestsSent,
            freezes,
            freezeTotal,
            freezeLongest,
            decode.Latency.At(50),
            decode.Latency.At(95));
    }
}
