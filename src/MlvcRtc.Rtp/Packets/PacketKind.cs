namespace MlvcRtc.Rtp.Packets;

/// <summary>What a datagram on a media path carries.</summary>
public enum PacketKind
{
    /// <summary>Neither RTP nor RTCP (STUN, DTLS, or garbage).</summary>
    Unknown = 0,
    Rtp = 1,
    Rtcp = 2,
}

/// <summary>Tells RTP from RTCP on one port.</summary>
public static class PacketDemux
{
    /// <summary>
    /// RFC 5761 §4: version 2 in the first two bits, and a second byte of 192..223 (payload types 64..95 with the
    /// marker bit) is RTCP. A first byte outside 128..191 belongs to another protocol (RFC 7983 §7).
    /// </summary>
    public static PacketKind Classify(ReadOnlySpan<byte> packet) =>
        packet.Length < 4 || packet[0] is < 128 or > 191 ? PacketKind.Unknown
        : packet[1] is >= 192 and <= 223 ? PacketKind.Rtcp
        : PacketKind.Rtp;
}
