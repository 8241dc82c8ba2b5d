using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MlvcRtc.WebRtc.Dtls;

/// <summary>
/// The check of the other side's Certificate message (RFC 5246 §7.4.2), made on the raw bytes before the DTLS library sees them: only a certificate with the expected fingerprint is ever
/// parsed by more than .NET.
/// </summary>
internal static class PeerCertificate
{
    private const string P256 = "1.2.840.10045.3.1.7";

    /// <summary>Null when the certificate is the expected one and its key is of P-256, else why not, for people.</summary>
    /// <param name="message">The body: a 24-bit length, then certificates, each behind its 24-bit length.</param>
    public static string? Refuse(ReadOnlySpan<byte> message, Fingerprint expected)
    {
        if (message.Length < 6 || ReadUInt24(message) != message.Length - 3)
        {
            return message.Length == 3 ? "the other side sent no certificate; both sides must (RFC 5763 §5)" : "the other side's Certificate message is malformed";
        }

        int bytes = ReadUInt24(message[3..]);
        if (bytes != message.Length - 6)
        {
            return "the other side sent a chain of certificates; self-signed ones stand alone (RFC 8827 §6.5)";
        }

        ReadOnlySpan<byte> der = message[6..];
        Fingerprint actual = Fingerprint.Of(der);
        if (!CryptographicOperations.FixedTimeEquals(actual.Sha256.Span, expected.Sha256.Span))
        {
            return $"the certificate of the other side is not the one its description names (fingerprint sha-256 {actual}, described {expected}): somebody stands between, "
                + "or the description is of another session; call again, and if it persists do not trust the signaling server";
        }

        try
        {
            using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(der);
            using ECDsa? key = certificate.GetECDsaPublicKey();
            return key?.ExportParameters(false).Curve is { IsNamed: true, Oid.Value: P256 } ? null
                : "the other side's certificate has a key that is not of the curve P-256 (RFC 8827 §6.5); it must use an ECDSA certificate on P-256";
        }
        catch (CryptographicException wrong)
        {
            return $"the other side's certificate cannot be read: {wrong.Message}";
        }
    }

    private static int ReadUInt24(ReadOnlySpan<byte> bytes) => (bytes[0] << 16) | (bytes[1] << 8) | bytes[2];
}
