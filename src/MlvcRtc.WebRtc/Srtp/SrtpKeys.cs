namespace MlvcRtc.WebRtc.Srtp;

/// <summary>Protection profiles (IANA "DTLS-SRTP Protection Profiles"; RFC 5764 §4.1.2, RFC 7714 §14.2).</summary>
public enum SrtpProfile
{
    Aes128CmHmacSha1Tag80 = 0x0001,
    AeadAes128Gcm = 0x0007,
}

/// <summary>Master key and salt of one direction.</summary>
/// <param name="MasterKey">16 bytes.</param>
/// <param name="MasterSalt">14 bytes (AES-CM) or 12 (GCM).</param>
public sealed record SrtpKeys(ReadOnlyMemory<byte> MasterKey, ReadOnlyMemory<byte> MasterSalt);
