using static MlvcRtc.WebRtc.Sdp.SdpTokens;

namespace MlvcRtc.WebRtc.Sdp;

/// <summary>Reads one m-line and the attributes below it. Answers what was expected instead, or null.</summary>
internal sealed class SdpMediaReader(int line)
{
    private readonly TransportAttributes _transport = new();
    private readonly FormatReader _formats = new();
    private readonly List<string> _candidates = [];
    private readonly Dictionary<string, byte> _extensions = [];
    private readonly List<uint> _sources = [];
    private string _kind = "";
    private string _protocol = "";
    private string _otherFormats = "";
    private int _port;
    private string _mid = "";
    private string _canonicalName = "";
    private SdpDirection _direction;
    private bool _bundleOnly;
    private bool _rtcpMux;
    private bool _reducedSize;
    private bool _endOfCandidates;

    /// <param name="value">After "m=": <c>media port proto fmt...</c></param>
    public string? ReadLine(ReadOnlySpan<char> value)
    {
        if (!TryWord(ref value, out ReadOnlySpan<char> kind) || !IsToken(kind)
            || !TryWord(ref value, out ReadOnlySpan<char> ports) || !TryPort(ports, out _port)
            || !TryWord(ref value, out ReadOnlySpan<char> protocol))
        {
            return "m= with media, port, protocol and formats (RFC 8866 §5.14)";
        }

        _kind = kind.ToString();
        _protocol = protocol.ToString();
        if (_kind is "audio" or "video")
        {
            return _formats.ReadList(value);
        }

        _otherFormats = value.Trim(' ').ToString();
        return value.Length <= SdpLimits.MaxToken ? null : "formats that can be repeated";
    }

    public string? ReadAttribute(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        switch (name)
        {
            case "mid":
                _mid = value.ToString();
                return IsToken(value) ? null : "a=mid with a token (RFC 5888 §4)";
            case "rtcp-mux":
                _rtcpMux = true;
                return null;
            case "rtcp-rsize":
                _reducedSize = true;
                return null;
            case "bundle-only":
                _bundleOnly = true;
                return null;
            case "end-of-candidates":
                _endOfCandidates = true;
                return null;
            case "sendrecv":
                _direction = SdpDirection.SendRecv;
                return null;
            case "sendonly":
                _direction = SdpDirection.SendOnly;
                return null;
            case "recvonly":
                _direction = SdpDirection.RecvOnly;
                return null;
            case "inactive":
                _direction = SdpDirection.Inactive;
                return null;
            case "candidate":
                return ReadCandidate(value);
            case "extmap":
                return ReadExtension(value);
            case "ssrc":
                return ReadSource(value);
            case "rtpmap":
                return _formats.ReadMap(value);
            case "fmtp":
                return _formats.ReadParameters(value);
            case "rtcp-fb":
                return _formats.ReadFeedback(value);
            default:
                return _transport.Read(name, value);
        }
    }

    /// <param name="session">What holds where the m-line says nothing.</param>
    public SdpMedia ToMedia(TransportAttributes session) => new()
    {
        Kind = _kind,
        Port = _port,
        Protocol = _protocol,
        Line = line,
        Mid = _mid,
        BundleOnly = _bundleOnly,
        RtcpMux = _rtcpMux,
        ReducedSizeRtcp = _reducedSize,
        Direction = _direction,
        Ice = _transport.Ice ?? session.Ice,
        Trickle = _transport.Trickle || session.Trickle,
        Fingerprint = _transport.Fingerprint ?? session.Fingerprint,
        Setup = _transport.Setup ?? session.Setup,
        Candidates = _candidates,
        EndOfCandidates = _endOfCandidates,
        Formats = _formats.ToFormats(),
        OtherFormats = _otherFormats,
        Extensions = _extensions,
        Sources = _sources,
        CanonicalName = _canonicalName,
    };

    // A port may be followed by "/" and a number of ports, which nobody uses with ICE.
    private static bool TryPort(ReadOnlySpan<char> text, out int port)
    {
        int slash = text.IndexOf('/');
        bool good = TryNumber(slash < 0 ? text : text[..slash], ushort.MaxValue, out uint number);
        port = (int)number;
        return good;
    }

    private string? ReadCandidate(ReadOnlySpan<char> value)
    {
        if (value.Length > SdpLimits.MaxCandidateLength || _candidates.Count == SdpLimits.MaxCandidates)
        {
            return $"at most {SdpLimits.MaxCandidates} candidates of at most {SdpLimits.MaxCandidateLength} characters";
        }

        _candidates.Add($"candidate:{value}");
        return null;
    }

    private string? ReadExtension(ReadOnlySpan<char> value)
    {
        if (!TryWord(ref value, out ReadOnlySpan<char> head) || !TryWord(ref value, out ReadOnlySpan<char> uri))
        {
            return "a=extmap with an identifier and a URI (RFC 8285 §5)";
        }

        int slash = head.IndexOf('/');
        if (!TryNumber(slash < 0 ? head : head[..slash], 4351, out uint id))
        {
            return "a=extmap with an identifier of 1 to 4351 (RFC 8285 §5)";  // 4096 and above: valid in offers, to be renumbered
        }

        if (id is >= 1 and <= SdpLimits.MaxExtensions && !_extensions.ContainsValue((byte)id))
        {
            _extensions.TryAdd(uri.ToString(), (byte)id);
        }

        return null;
    }

    private string? ReadSource(ReadOnlySpan<char> value)
    {
        if (!TryWord(ref value, out ReadOnlySpan<char> number) || !TryNumber(number, uint.MaxValue, out uint ssrc))
        {
            return "a=ssrc with a number below 2^32 (RFC 5576 §4.1)";
        }

        if (!_sources.Contains(ssrc) && _sources.Count < SdpLimits.MaxSources)
        {
            _sources.Add(ssrc);
        }

        if (value.StartsWith("cname:") && value.Length <= SdpLimits.MaxToken)
        {
            _canonicalName = value["cname:".Length..].ToString();
        }

        return null;
    }
}
