using System.Collections;
using Org.BouncyCastle.Crypto.Tls;

namespace MlvcRtc.WebRtc.Dtls.BouncyCastle;

/// <summary>BouncyCastle's view of our client: <see cref="HandshakePeer"/> in its terms.</summary>
internal sealed class SrtpTlsClient(HandshakePeer peer) : AbstractTlsClient, TlsAuthentication
{
    public override ProtocolVersion ClientVersion => ProtocolVersion.DTLSv12;

    public override ProtocolVersion MinimumVersion => ProtocolVersion.DTLSv12;

    public override bool RequiresExtendedMasterSecret() => true;

    public override int[] GetCipherSuites() => HandshakePeer.Suites;

    public override IDictionary GetClientExtensions()
    {
        IDictionary extensions = TlsExtensionsUtilities.EnsureExtensionsInitialised(base.GetClientExtensions());
        mNamedCurves = HandshakePeer.Curves;
        mSupportedSignatureAlgorithms = HandshakePeer.SignatureAlgorithms;
        mClientECPointFormats = [ECPointFormat.uncompressed];
        TlsEccUtilities.AddSupportedEllipticCurvesExtension(extensions, mNamedCurves);
        TlsEccUtilities.AddSupportedPointFormatsExtension(extensions, mClientECPointFormats);
        TlsUtilities.AddSignatureAlgorithmsExtension(extensions, mSupportedSignatureAlgorithms);
        TlsSRTPUtils.AddUseSrtpExtension(extensions, new UseSrtpData(peer.Profiles, TlsUtilities.EmptyBytes));
        return extensions;
    }

    public override void ProcessServerExtensions(IDictionary serverExtensions)
    {
        base.ProcessServerExtensions(serverExtensions);
        peer.Accept(serverExtensions is null ? null : TlsSRTPUtils.GetUseSrtpExtension(serverExtensions));
    }

    public override TlsKeyExchange GetKeyExchange() =>
        new TlsECDheKeyExchange(KeyExchangeAlgorithm.ECDHE_ECDSA, mSupportedSignatureAlgorithms, mNamedCurves, mClientECPointFormats, mServerECPointFormats);

    public override TlsCipher GetCipher() => peer.Records.Cipher = new RecordCipher(mContext);

    public override TlsAuthentication GetAuthentication() => this;

    /// <summary>It was compared with the fingerprint before BouncyCastle parsed it: <see cref="IncomingRecords"/>.</summary>
    public void NotifyServerCertificate(Certificate serverCertificate)
    {
        if (!peer.Records.CertificateChecked)
        {
            throw new TlsFatalAlert(AlertDescription.bad_certificate);
        }
    }

    public TlsCredentials GetClientCredentials(CertificateRequest certificateRequest) => peer.Credentials;

    public override void NotifyAlertReceived(byte alertLevel, byte alertDescription) => peer.NoteAlert(alertLevel, alertDescription);

    public override void NotifyHandshakeComplete() => peer.Export(mContext);
}
