using MlvcRtc.WebRtc.Srtp;
using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Crypto.Tls;

namespace MlvcRtc.WebRtc.Dtls.BouncyCastle;

/// <summary>
/// What both roles share. The policy, which leaves BouncyCastle little to choose: DTLS 1.2, one suite, the curve P-256, signatures by ECDSA with SHA-256, the extended master secret
/// (RFC 7627, required: every WebRTC stack has it), no compression, no resumption, no tickets, certificates on both sides.
/// </summary>
internal sealed class HandshakePeer(DtlsCertificate certificate, DtlsOptions options, IncomingRecords records)
{
    /// <summary>RFC 8827 §6.5 makes it mandatory for every WebRTC implementation.</summary>
    public const int Suite = CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;

    public const string SuiteName = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";

    /// <summary>RFC 5764 §4.2.</summary>
    private const string ExporterLabel = "EXTRACTOR-dtls_srtp";

    public static readonly int[] Suites = [Suite];

    public static readonly int[] Curves = [NamedCurve.secp256r1];

    /// <summary>Chosen in the hello messages.</summary>
    public SrtpProfile? Profile { get; set; }

    /// <summary>master key and salt of the client, and of the server, once the handshake is complete.</summary>
    public (SrtpKeys Client, SrtpKeys Server)? Keys { get; private set; }

    /// <summary>The fatal alert of the other side, for the message.</summary>
    public string? AlertReceived { get; private set; }

    public IncomingRecords Records => records;

    public int[] Profiles => [.. options.Profiles.Select(profile => (int)profile)];

    public static System.Collections.IList SignatureAlgorithms => new List<SignatureAndHashAlgorithm>
    {
        new(HashAlgorithm.sha256, SignatureAlgorithm.ecdsa),
    };

    public TlsCredentials Credentials => new Signer(certificate);

    /// <summary>The server's choice, by our order; a client may name what it likes.</summary>
    public void Choose(UseSrtpData? offered)
    {
        Profile = options.Profiles.Select(profile => (SrtpProfile?)profile).FirstOrDefault(profile => offered?.ProtectionProfiles.Contains((int)profile!) == true);
        if (Profile is null)
        {
            throw new TlsFatalAlert(AlertDescription.handshake_failure);
        }
    }

    /// <summary>The client's check of what the server chose: exactly one, of those offered (RFC 5764 §4.1.1).</summary>
    public void Accept(UseSrtpData? chosen)
    {
        if (chosen is not { ProtectionProfiles: [int only], Mki.Length: 0 } || !options.Profiles.Contains((SrtpProfile)only))
        {
            throw new TlsFatalAlert(chosen is null ? AlertDescription.handshake_failure : AlertDescription.illegal_parameter);
        }

        Profile = (SrtpProfile)only;
    }

    /// <summary>RFC 5764 §4.2: client key, server key, client salt, server salt. Only for the certificate that was expected.</summary>
    public void Export(TlsContext context)
    {
        if (!records.CertificateChecked || Profile is not { } profile)
        {
            throw new TlsFatalAlert(AlertDescription.internal_error);
        }

        const int Key = SrtpProfileSizes.MasterKeyBytes;
        int salt = profile.MasterSaltBytes();
        ReadOnlyMemory<byte> material = context.ExportKeyingMaterial(ExporterLabel, null, 2 * (Key + salt));
        Keys = (
            new SrtpKeys(material[..Key], material.Slice(2 * Key, salt)),
            new SrtpKeys(material.Slice(Key, Key), material.Slice((2 * Key) + salt, salt)));
    }

    public void NoteAlert(byte level, byte description)
    {
        if (level == AlertLevel.fatal || description == AlertDescription.close_notify)
        {
            AlertReceived ??= AlertDescription.GetText(description);
        }
    }

    /// <summary>Signs with .NET; BouncyCastle never sees the private key.</summary>
    private sealed class Signer(DtlsCertificate own) : AbstractTlsSignerCredentials
    {
        public override Certificate Certificate { get; } = new([X509CertificateStructure.GetInstance(Asn1Object.FromByteArray(own.Der))]);

        public override SignatureAndHashAlgorithm SignatureAndHashAlgorithm { get; } = new(HashAlgorithm.sha256, SignatureAlgorithm.ecdsa);

        public override byte[] GenerateCertificateSignature(byte[] hash) => own.Sign(hash);
    }
}
