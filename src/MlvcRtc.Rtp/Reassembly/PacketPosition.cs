namespace MlvcRtc.Rtp.Reassembly;

/// <summary>Where a packet stands in decoding order.</summary>
/// <param name="Frame">Unwrapped FRAME_ID.</param>
/// <param name="Fragment">FRAG_IDX.</param>
/// <param name="LastFragment">FRAG_LAST of its frame.</param>
public readonly record struct PacketPosition(long Frame, int Fragment, int LastFragment)
{
    public bool IsAfter(in PacketPosition other) => Frame > other.Frame || (Frame == other.Frame && Fragment > other.Fragment);
}
