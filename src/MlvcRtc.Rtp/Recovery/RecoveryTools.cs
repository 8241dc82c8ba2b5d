namespace MlvcRtc.Rtp.Recovery;

/// <summary>What a call may use to mend a broken picture. Both ends use the same set (SDP <c>a=rtcp-fb</c>).</summary>
[Flags]
public enum RecoveryTools
{
    /// <summary>Nothing: the first loss ends the picture.</summary>
    None = 0,

    /// <summary>Key frames on request (PLI, NEED_INTRA). With other tools: the last resort.</summary>
    KeyFrame = 1,

    /// <summary>Lost packets are sent again on request (generic NACK).</summary>
    Retransmission = 2,

    /// <summary>Frames predicted from a long-term reference that the receiver acknowledged (MLVC feedback).</summary>
    References = 4,

    /// <summary>All of them: what a call uses.</summary>
    All = KeyFrame | Retransmission | References,
}
