using MlvcRtc.WebRtc.Srtp;

namespace MlvcRtc.WebRtc.Dtls;

/// <summary>What a handshake may take and choose.</summary>
public sealed record DtlsOptions
{
    /// <summary>In order of preference; the server's order decides (RFC 5764 §4.1.1). GCM costs a third of AES-CM with HMAC-SHA1.</summary>
    public IReadOnlyList<SrtpProfile> Profiles { get; init; } = [SrtpProfile.AeadAes128Gcm, SrtpProfile.Aes128CmHmacSha1Tag80];

    /// <summary>From start to end. 15 s is four of RFC 6347's resends (1, 2, 4, 8 s); people do not wait longer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Until a flight is sent again for the first time; then the wait doubles up to a second. RFC 6347 §4.2.4.1 names 1 s and allows less for time-sensitive use; RFC 9147 §5.8.2 and browsers
    /// take 50 to 400 ms. A round trip longer than this costs some duplicates of at most 3 KB.
    /// </summary>
    public TimeSpan FirstResend { get; init; } = TimeSpan.FromMilliseconds(100);
}
