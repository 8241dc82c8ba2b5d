using MlvcRtc.WebRtc.Dtls;
using MlvcRtc.WebRtc.Ice;
using static MlvcRtc.WebRtc.Sdp.SdpTokens;

namespace MlvcRtc.WebRtc.Sdp;

/// <summary>Attributes of the transport, which stand at session level or under an m-line: ICE (RFC 8839 §5.4), trickling (RFC 8840 §4), DTLS (RFC 8122 §5, RFC 5763 §5).</summary>
internal sealed class TransportAttributes
{
    private string? _usernameFragment;
    private string? _password;

    public IceCredentials? Ice => _usernameFragment is not null && _password is not null ? new(_usernameFragment, _password) : null;

    public bool Trickle { get; private set; }

    public Fingerprint? Fingerprint { get; private set; }

    public SdpSetup? Setup { get; private set; }

    /// <summary>What was expected instead; null = read, or none of ours.</summary>
    public string? Read(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        switch (name)
        {
            case "ice-ufrag":
                _usernameFragment = IsIceText(value, 4) ? value.ToString() : null;
                return _usernameFragment is null ? "a=ice-ufrag with 4 to 256 ice-chars (RFC 8839 §5.4)" : null;
            case "ice-pwd":
                _password = IsIceText(value, 22) ? value.ToString() : null;
                return _password is null ? "a=ice-pwd with 22 to 256 ice-chars (RFC 8839 §5.4)" : null;
            case "ice-options":
                foreach (Range option in value.SplitAny(" ,"))  // the RFC has spaces; libdatachannel writes commas
                {
                    Trickle |= value[option].SequenceEqual("trickle");
                }

                return null;
            case "fingerprint":
                return ReadFingerprint(value);
            case "setup":
                Setup = value switch
                {
                    "actpass" => SdpSetup.ActPass,
                    "active" => SdpSetup.Active,
                    "passive" => SdpSetup.Passive,
                    _ => null,
                };
                return Setup is null ? "a=setup:actpass, active or passive (RFC 5763 §5)" : null;
            default:
                return null;
        }
    }

    private string? ReadFingerprint(ReadOnlySpan<char> value)
    {
        const string Expected = "a=fingerprint:sha-256 with 32 bytes in hexadecimal, colons between them (RFC 8122 §5)";
        if (!TryWord(ref value, out ReadOnlySpan<char> hash))
        {
            return Expected;
        }

        if (!hash.Equals("sha-256", StringComparison.OrdinalIgnoreCase))
        {
            return null;  // a certificate may have several; without one of ours the description is refused later
        }

        bool good = Dtls.Fingerprint.TryParse(value, out Fingerprint? fingerprint);
        Fingerprint = fingerprint ?? Fingerprint;
        return good ? null : Expected;
    }
}
