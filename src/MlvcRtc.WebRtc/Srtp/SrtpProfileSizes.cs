namespace MlvcRtc.WebRtc.Srtp;

/// <summary>Sizes in bytes that a profile fixes (RFC 5764 §4.1.2, RFC 7714 §12).</summary>
public static class SrtpProfileSizes
{
    /// <summary>Of every profile here: AES-128.</summary>
    public const int MasterKeyBytes = 16;

    /// <summary>What follows an SRTCP packet whatever the profile: E bit and 31-bit index (RFC 3711 §3.4).</summary>
    public const int RtcpIndexBytes = 4;

    /// <summary>No profile here makes a packet longer than this: the tag of GCM and the SRTCP index.</summary>
    public const int MaxOverheadBytes = 16 + RtcpIndexBytes;

    /// <summary>The fixed RTCP head that stays readable: first word and SSRC (RFC 3711 §3.4).</summary>
    internal const int RtcpClearBytes = 8;

    public static int MasterSaltBytes(this SrtpProfile profile) => profile switch
    {
        SrtpProfile.Aes128CmHmacSha1Tag80 => 14,
        SrtpProfile.AeadAes128Gcm => 12,
        _ => throw new ArgumentOutOfRangeException(nameof(profile), profile, "unknown SRTP protection profile"),
    };

    /// <summary>How much longer an SRTP packet is than its RTP packet.</summary>
    public static int RtpOverheadBytes(this SrtpProfile profile) => profile switch
    {
        SrtpProfile.Aes128CmHmacSha1Tag80 => 10,
        SrtpProfile.AeadAes128Gcm => 16,
        _ => throw new ArgumentOutOfRangeException(nameof(profile), profile, "unknown SRTP protection profile"),
    };

    /// <summary>How much longer an SRTCP packet is than its RTCP packet.</summary>
    public static int RtcpOverheadBytes(this SrtpProfile profile) => profile.RtpOverheadBytes() + RtcpIndexBytes;
}
