namespace MlvcRtc.Call.Sending;

/// <summary>A reading of the sender's counters since the start.</summary>
/// <param name="FramesCaptured">Pictures offered.</param>
/// <param name="FramesDropped">Pictures that a newer one replaced before the encoder was free.</param>
/// <param name="FramesSkipped">Pictures skipped before encoding, for the pacer's queue, the budget or the time.</param>
/// <param name="FramesLeftOut">Pictures left out because half the frame rate is sent.</param>
/// <param name="FramesUnsendable">Coded frames of more than 256 packets; each is followed by a repair.</param>
/// <param name="PayloadBytes">Access units without packet headers.</param>
/// <param name="BytesSent">RTP packets with their headers.</param>
/// <param name="KeyFrameRequests">PLIs and FIRs that came in.</param>
/// <param name="Breaks">Reports of a broken picture that were news.</param>
/// <param name="RepairFrames">Recovery frames that answered them.</param>
/// <param name="AcknowledgedReferenceFrames">Recovery frames of acknowledged-reference mode.</param>
/// <param name="PacketsRequested">Packets that NACKs named; repeats count.</param>
/// <param name="PacketsResent">Packets sent again; they count in PacketsSent, too.</param>
/// <param name="BytesResent">Their bytes.</param>
public readonly record struct SendStatistics(
    long FramesCaptured,
    long FramesDropped,
    long FramesSkipped,
    long FramesLeftOut,
    long FramesEncoded,
    long FramesUnsendable,
    long KeyFrames,
    long PayloadBytes,
    long PacketsSent,
    long BytesSent,
    long KeyFrameRequests,
    long Breaks,
    long RepairFrames,
    long AcknowledgedReferenceFrames,
    long PacketsRequested,
    long PacketsResent,
    long BytesResent);
