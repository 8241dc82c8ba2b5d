using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MlvcRtc.WebRtc.Dtls;

/// <summary>
/// Our self-signed certificate of one call or one process (RFC 8827 §6.5: ECDSA on P-256). Nobody trusts it by itself: the other side compares its <see cref="Fingerprint"/> with the one
/// that came by signaling. The private key stays inside .NET.
/// </summary>
public sealed class DtlsCertificate : IDisposable
{
    /// <summary>W3C WebRTC §4.9.1: browsers make theirs valid for 30 days.</summary>
    private static readonly TimeSpan Validity = TimeSpan.FromDays(30);

    /// <summary>Clocks differ; OpenSSL backdates by a day for the same reason.</summary>
    private static readonly TimeSpan Backdated = TimeSpan.FromDays(1);

    /// <summary>RFC 5280 §4.1.2.2: at most 20 bytes; 64 random bits make it unlike every other.</summary>
    private const int SerialBytes = 8;

    private readonly ECDsa _key;
    private readonly byte[] _der;

    private DtlsCertificate(ECDsa key, byte[] der)
    {
        _key = key;
        _der = der;
        Fingerprint = Fingerprint.Of(der);
    }

    public Fingerprint Fingerprint { get; }

    /// <summary>DER (RFC 5280).</summary>
    internal byte[] Der => _der;

    /// <summary>Valid from a day before the clock's now for 31 days in all.</summary>
    public static DtlsCertificate Create(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=mlvcrtc", key, HashAlgorithmName.SHA256);  // RFC 8827 §6.5: nothing that tells calls of one person apart or together
        byte[] serial = RandomNumberGenerator.GetBytes(SerialBytes);
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40);  // positive, and of full length
        DateTimeOffset now = time.GetUtcNow();
        X509SignatureGenerator signer = X509SignatureGenerator.CreateForECDsa(key);
        using X509Certificate2 certificate = request.Create(request.SubjectName, signer, now - Backdated, now + Validity, serial);
        return new DtlsCertificate(key, certificate.RawData);
    }

    public void Dispose() => _key.Dispose();

    /// <summary>A DER signature (RFC 3279 §2.2.3) of a SHA-256 value.</summary>
    internal byte[] Sign(byte[] hash)
    {
        lock (_key)  // several handshakes may share a certificate
        {
            return _key.SignHash(hash, DSASignatureFormat.Rfc3279DerSequence);
        }
    }
}
