namespace MlvcRtc.Call.Sending;

/// <summary>A reading of the sender's counters since the start.</summary>
/// <param name="FramesCaptured">Pictures offered.</param>
/// <param name="FramesDropped">Pictures that a newer one replaced before the encoder was free.</param>
/// <param name="FramesSkipped">Pictures skipped before encoding, for the pacer's queue or the budget.</param>
/// <param name="FramesUnsendable">Coded frames of more than 256 packets; each forces a key frame.</param>
/// <param name="PayloadBytes">Access units without packet headers.</param>
/// <param name="BytesSent">RTP packets with their headers.</param>
/// <param name="KeyFrameRequests">PLIs that came in.</param>
public readonly record struct SendStatistics(
    long FramesCaptured,
    long FramesDropped,
    long FramesSkipped,
    long FramesEncoded,
    long FramesUnsendable,
    long KeyFrames,
    long PayloadBytes,
    long PacketsSent,
    long BytesSent,
    long KeyFrameRequests);
