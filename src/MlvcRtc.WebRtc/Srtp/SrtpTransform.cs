namespace MlvcRtc.WebRtc.Srtp;

/// <summary>
/// The encryption and authentication of one profile for RTP or for RTCP of one direction: no state but the keys. Lengths were checked by the caller; source and destination are the same
/// memory or apart. One thread at a time.
/// </summary>
internal abstract class SrtpTransform : IDisposable
{
    /// <summary>E bit of SRTCP: the packet is encrypted (RFC 3711 §3.4).</summary>
    protected const uint Encrypted = 1u << 31;

    public static SrtpTransform Create(SrtpProfile profile, SrtpKeys master, bool rtcp)
    {
        using SessionKeys keys = SessionKeys.Derive(profile, master, rtcp);
        return profile == SrtpProfile.AeadAes128Gcm ? new GcmTransform(keys) : new CounterModeTransform(keys);
    }

    /// <summary>Writes the SRTP packet to <paramref name="destination"/>, which is as long as it will be.</summary>
    /// <param name="headerBytes">Fixed header, contributing sources and extension: authenticated, not encrypted.</param>
    /// <param name="index">48 bits: rollover counter and sequence number.</param>
    public abstract void ProtectRtp(ReadOnlySpan<byte> packet, int headerBytes, uint ssrc, ulong index, Span<byte> destination);

    /// <summary>Checks the tag, then writes the RTP packet. False: forged; what <paramref name="destination"/> then holds is no plaintext.</summary>
    public abstract bool UnprotectRtp(ReadOnlySpan<byte> packet, int headerBytes, uint ssrc, ulong index, Span<byte> destination);

    /// <param name="index">31 bits.</param>
    public abstract void ProtectRtcp(ReadOnlySpan<byte> packet, uint ssrc, uint index, Span<byte> destination);

    /// <summary>As <see cref="UnprotectRtp"/>; the E bit was checked by the caller.</summary>
    public abstract bool UnprotectRtcp(ReadOnlySpan<byte> packet, uint ssrc, uint index, Span<byte> destination);

    public abstract void Dispose();
}
