using MlvcRtc.Media;

namespace MlvcRtc.Call.Receiving;

/// <summary>A reading of the receiver's counters since the start.</summary>
/// <param name="PacketsLost">RTP sequence numbers that did not come, at present.</param>
/// <param name="PacketsRejected">Malformed, contradictory, or of another stream.</param>
/// <param name="PacketsOverflowed">Dropped because the receive thread was behind.</param>
/// <param name="BytesReceived">RTP packets with their headers.</param>
/// <param name="FramesLost">Given up: never whole, or without their reference.</param>
/// <param name="FramesNotDecodable">Whole, but their reference was not decoded.</param>
/// <param name="FramesFailed">Refused by the decoder; <paramref name="LastFailure"/> says why.</param>
/// <param name="Recoveries">Times that a key or recovery frame brought the picture back.</param>
/// <param name="KeyFrameRequests">PLIs, and messages with NEED_INTRA.</param>
/// <param name="FramesOverflowed">Whole, but dropped because the decoder was 64 frames behind.</param>
/// <param name="RecoveryFramesDecoded">Frames decoded from a slot.</param>
/// <param name="FeedbackSent">MLVC feedback messages.</param>
/// <param name="NacksSent">Packets asked for again, each time counted.</param>
/// <param name="RetransmissionsReceived">Packets that came again under a new number.</param>
/// <param name="RetransmissionsLate">Those of them that were of no use any more.</param>
/// <param name="RecoveryTimeP50">From the arrival that the first lost frame would have had to the next delivered frame.</param>
/// <param name="FramesSkipped">Whole, but left out because there was no time to decode them; no other refers to them.</param>
/// <param name="FreezeCount">webrtc-stats freezeCount.</param>
/// <param name="FreezeTotal">webrtc-stats totalFreezesDuration.</param>
/// <param name="PlayoutDelay">From the arrival that an undelayed frame has to its presentation, at present.</param>
/// <param name="FramesDroppedLate">Decoded, but never shown because a newer picture was due as well.</param>
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
    TimeSpan PlayoutDelay,
    long FramesDroppedLate,
    TimeSpan LatencyP50,
    TimeSpan LatencyP95,
    long FramesOverflowed,
    long RecoveryFramesDecoded,
    long FeedbackSent,
    long NacksSent,
    long RetransmissionsReceived,
    long RetransmissionsLate,
    TimeSpan RecoveryTimeP50,
    TimeSpan RecoveryTimeP95,
    long FramesSkipped)
{
    /// <summary>Reads the figures of the stages.</summary>
    public static ReceiveStatistics Read(
        AssembleStage assemble, DecodeStage decode, PresentStage present, SharedPlayoutClock playout, long packetsOverflowed, long framesOverflowed)
    {
        ArgumentNullException.ThrowIfNull(assemble);
        ArgumentNullException.ThrowIfNull(decode);
        ArgumentNullException.ThrowIfNull(present);
        ArgumentNullException.ThrowIfNull(playout);
        (int freezes, TimeSpan freezeTotal, TimeSpan freezeLongest) = present.Freezes;
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
            assemble.KeyFrameRequests,
            freezes,
            freezeTotal,
            freezeLongest,
            playout.Delay,
            present.DroppedLate,
            present.Latency.At(50),
            present.Latency.At(95),
            framesOverflowed,
            decode.RecoveryFramesDecoded,
            assemble.FeedbackSent,
            assemble.NacksSent,
            assemble.RetransmissionsReceived,
            assemble.RetransmissionsLate,
            assemble.RecoveryTimes.At(50),
            assemble.RecoveryTimes.At(95),
            decode.FramesSkipped);
    }
}
