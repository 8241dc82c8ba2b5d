using MlvcRtc.WebRtc.Dtls;
using MlvcRtc.WebRtc.Ice;

namespace MlvcRtc.WebRtc.Sdp;

/// <summary>Who starts the DTLS handshake (RFC 4145 §4, RFC 5763 §5).</summary>
internal enum SdpSetup
{
    ActPass = 0,
    Active = 1,
    Passive = 2,
}

/// <summary>Which ways media flows (RFC 8866 §6.7), as the writer of the description sees it.</summary>
internal enum SdpDirection
{
    SendRecv = 0,
    SendOnly = 1,
    RecvOnly = 2,
    Inactive = 3,
}

/// <summary>A whole description, as far as we read and write one.</summary>
internal sealed record SdpSession
{
    /// <summary><c>o=</c>, sess-id: the same in all descriptions of one peer (RFC 9429 §5.2.1).</summary>
    public required ulong Id { get; init; }

    /// <summary><c>o=</c>, sess-version: +1 per description that differs.</summary>
    public required ulong Version { get; init; }

    /// <summary><c>a=group:BUNDLE</c>: the mids that share the transport (RFC 9143 §7).</summary>
    public IReadOnlyList<string> Bundle { get; init; } = [];

    /// <summary><c>a=ice-lite</c>: the other side only answers checks (RFC 8839 §5.3).</summary>
    public bool IceLite { get; init; }

    public IReadOnlyList<SdpMedia> Media { get; init; } = [];
}

/// <summary>One m-line with its attributes; what stood at session level is filled in.</summary>
internal sealed record SdpMedia
{
    /// <summary>"audio", "video", "application"...</summary>
    public required string Kind { get; init; }

    /// <summary>0 = rejected, or bundle-only.</summary>
    public int Port { get; init; } = 9;

    /// <summary>"UDP/TLS/RTP/SAVPF" (RFC 5764 §8, RFC 4585).</summary>
    public string Protocol { get; init; } = "UDP/TLS/RTP/SAVPF";

    /// <summary>Where in the text it stands, from 1; 0 = written by us.</summary>
    public int Line { get; init; }

    /// <summary>RFC 5888; "" = none.</summary>
    public string Mid { get; init; } = "";

    /// <summary>RFC 9143 §6: port 0 does not mean rejected.</summary>
    public bool BundleOnly { get; init; }

    /// <summary>RFC 5761.</summary>
    public bool RtcpMux { get; init; }

    /// <summary>RFC 5506.</summary>
    public bool ReducedSizeRtcp { get; init; }

    public SdpDirection Direction { get; init; }

    /// <summary>RFC 8839 §5.4; null = none.</summary>
    public IceCredentials? Ice { get; init; }

    /// <summary>RFC 8840 §4.</summary>
    public bool Trickle { get; init; }

    /// <summary>RFC 8122 §5, SHA-256 only; null = none.</summary>
    public Fingerprint? Fingerprint { get; init; }

    public SdpSetup? Setup { get; init; }

    /// <summary>From "candidate:" on; not looked into here.</summary>
    public IReadOnlyList<string> Candidates { get; init; } = [];

    /// <summary>RFC 8840 §8.2.</summary>
    public bool EndOfCandidates { get; init; }

    /// <summary>In the order of the m-line.</summary>
    public IReadOnlyList<MediaFormat> Formats { get; init; } = [];

    /// <summary>The list of formats as it stands, of kinds other than audio and video: a rejection repeats it.</summary>
    public string OtherFormats { get; init; } = "";

    /// <summary>URI to identifier, 1..14 (RFC 8285 §5).</summary>
    public IReadOnlyDictionary<string, byte> Extensions { get; init; } = new Dictionary<string, byte>();

    /// <summary><c>a=ssrc</c> in the order of the text (RFC 5576); the first is the media, not its retransmissions.</summary>
    public IReadOnlyList<uint> Sources { get; init; } = [];

    /// <summary>CNAME of the sources (RFC 5576 §6.1); "" = none.</summary>
    public string CanonicalName { get; init; } = "";

    /// <summary>RFC 3264 §6: port 0, unless it only says that the line lives in the bundle.</summary>
    public bool Rejected => Port == 0 && !BundleOnly;
}
