using System.Security.Cryptography;

namespace MlvcRtc.WebRtc.Dtls;

/// <summary>SHA-256 of a DER certificate, as in <c>a=fingerprint:sha-256</c> (RFC 8122 §5).</summary>
/// <param name="Sha256">32 bytes.</param>
public sealed record Fingerprint(ReadOnlyMemory<byte> Sha256)
{
    private const int TextLength = (3 * SHA256.HashSizeInBytes) - 1;

    /// <summary>Of a certificate in DER.</summary>
    public static Fingerprint Of(ReadOnlySpan<byte> certificate) => new(SHA256.HashData(certificate));

    /// <summary>Reads 32 bytes in hexadecimal, of either case, joined by colons (RFC 8122 §5). Anything else: false.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Fingerprint? fingerprint)
    {
        fingerprint = null;
        if (text.Length != TextLength)
        {
            return false;
        }

        byte[] hash = new byte[SHA256.HashSizeInBytes];
        for (int i = 0; i < hash.Length; i++)
        {
            ReadOnlySpan<char> digits = text.Slice(3 * i, 2);
            if (!char.IsAsciiHexDigit(digits[0]) || !char.IsAsciiHexDigit(digits[1]) || (i > 0 && text[(3 * i) - 1] != ':'))
            {
                return false;
            }

            hash[i] = (byte)((Value(digits[0]) << 4) | Value(digits[1]));
        }

        fingerprint = new Fingerprint(hash);
        return true;
    }

    public bool Equals(Fingerprint? other) => other is not null && CryptographicOperations.FixedTimeEquals(Sha256.Span, other.Sha256.Span);

    public override int GetHashCode() => Sha256.Length < 4 ? 0 : BitConverter.ToInt32(Sha256.Span);

    /// <summary>The form of SDP: upper-case hexadecimal joined by colons.</summary>
    public override string ToString() => string.Join(':', Sha256.ToArray().Select(value => value.ToString("X2", System.Globalization.CultureInfo.InvariantCulture)));

    private static int Value(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
