using System.Collections;
using Org.BouncyCastle.Crypto.Tls;

namespace MlvcRtc.WebRtc.Dtls.BouncyCastle;

/// <summary>
/// BouncyCastle's view of our server: <see cref="HandshakePeer"/> in its terms. No HelloVerifyRequest: 1.8.10 cannot send one, and ICE has already shown that the address answers (RFC 8445 §7).
/// </summary>
internal sealed class SrtpTlsServer(HandshakePeer peer) : AbstractTlsServer
{
    protected override ProtocolVersion MinimumVersion => ProtocolVersion.DTLSv12;

    protected override ProtocolVersion MaximumVersion => ProtocolVersion.DTLSv12;

    public override bool RequiresExtendedMasterSecret() => true;

    protected override int[] GetCipherSuites() => HandshakePeer.Suites;

    public override void ProcessClientExtensions(IDictionary clientExtensions)
    {
        base.ProcessClientExtensions(clientExtensions);
        peer.Choose(clientExtensions is null ? null : TlsSRTPUtils.GetUseSrtpExtension(clientExtensions));
    }

    /// <summary>Whatever else the client can do, P-256 it is.</summary>
    protected override bool SupportsClientEccCapabilities(int[] namedCurves, byte[] ecPointFormats)
    {
        bool supported = namedCurves is null || namedCurves.Contains(NamedCurve.secp256r1);
        mNamedCurves = HandshakePeer.Curves;
        return supported;
    }

    public override IDictionary GetServerExtensions()
    {
        IDictionary extensions = TlsExtensionsUtilities.EnsureExtensionsInitialised(base.GetServerExtensions());
        TlsSRTPUtils.AddUseSrtpExtension(extensions, new UseSrtpData([(int)peer.Profile!], TlsUtilities.EmptyBytes));
        return extensions;
    }

    public override TlsCredentials GetCredentials() => peer.Credentials;

    public override TlsKeyExchange GetKeyExchange() =>
        new TlsECDheKeyExchange(KeyExchangeAlgorithm.ECDHE_ECDSA, mSupportedSignatureAlgorithms, mNamedCurves, mClientECPointFormats, mServerECPointFormats);

    public override TlsCipher GetCipher() => peer.Records.Cipher = new RecordCipher(mContext);

    public override CertificateRequest GetCertificateRequest() => new([ClientCertificateType.ecdsa_sign], HandshakePeer.SignatureAlgorithms, null);

    /// <summary>It was compared with the fingerprint before BouncyCastle parsed it: <see cref="IncomingRecords"/>.</summary>
    public override void NotifyClientCertificate(Certificate clientCertificate)
    {
        if (!peer.Records.CertificateChecked)
        {
            throw new TlsFatalAlert(AlertDescription.bad_certificate);
        }
    }

    public override void NotifyAlertReceived(byte alertLevel, byte alertDescription) => peer.NoteAlert(alertLevel, alertDescription);

    public override void NotifyHandshakeComplete() => peer.Export(mContext);
}
