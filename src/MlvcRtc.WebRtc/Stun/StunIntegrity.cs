using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace MlvcRtc.WebRtc.Stun;

/// <summary>Keys and codes of MESSAGE-INTEGRITY (RFC 8489 §§9.1.1, 9.2.2, 14.5).</summary>
[SuppressMessage("Security", "CA5350:Do not use weak cryptographic algorithms", Justification = "RFC 8445 and RFC 8656 name HMAC-SHA1; every peer and server speaks it.")]
[SuppressMessage("Security", "CA5351:Do not use broken cryptographic algorithms", Justification = "RFC 8489 §9.2.2 derives the long-term key by MD5.")]
internal static class StunIntegrity
{
    /// <summary>Writes 20 bytes.</summary>
    public static void Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, Span<byte> mac) => HMACSHA1.HashData(key, message, mac);

    /// <summary>The key of the long-term mechanism. Names and passwords are taken as they are: what a TURN REST service hands out is ASCII, which OpaqueString leaves alone.</summary>
    public static byte[] LongTermKey(string username, string realm, string password) =>
        MD5.HashData(Encoding.UTF8.GetBytes($"{username}:{realm}:{password}"));
}
