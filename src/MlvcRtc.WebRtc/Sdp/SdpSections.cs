using static MlvcRtc.WebRtc.Sdp.SdpTokens;

namespace MlvcRtc.WebRtc.Sdp;

/// <summary>Sorts the lines of a description: those before the first m-line hold for the session, the others for their m-line. Readers answer what they expected instead, or null.</summary>
internal sealed class SdpSections
{
    private readonly TransportAttributes _sessionTransport = new();
    private readonly List<SdpMediaReader> _media = [];
    private readonly List<string> _bundle = [];
    private ulong _id;
    private ulong _version;
    private bool _iceLite;
    private int _lines;

    /// <summary>What lacks at the end; null = nothing.</summary>
    public SdpError? Incomplete => _lines < 2 ? new SdpError(0, "expected a description that begins with v= and o=, found less") : null;

    public SdpSession ToSession() => new()
    {
        Id = _id,
        Version = _version,
        Bundle = _bundle,
        IceLite = _iceLite,
        Media = _media.ConvertAll(one => one.ToMedia(_sessionTransport)),
    };

    public string? Read(int number, ReadOnlySpan<char> line)
    {
        _lines = number;
        if (line.Length < 2 || line[1] != '=' || line[0] is < 'a' or > 'z')
        {
            return "a letter, \"=\" and a value";
        }

        if (line.ContainsAnyInRange('\0', '\u001f'))
        {
            return "a line without control characters";  // RFC 8866 §9, byte-string; whoever splits lines elsewhere must find the same ones
        }

        ReadOnlySpan<char> value = line[2..];
        return (number, line[0]) switch
        {
            (1, _) => line.SequenceEqual("v=0") ? null : "v=0 (RFC 8866)",
            (2, _) => line[0] == 'o' && ReadOrigin(value) ? null : "o= with a session number and a version",
            (_, 'm') => ReadMedia(number, value),
            (_, 'a') => ReadAttribute(value),
            _ => null,  // s= t= c= b= and the rest tell us nothing: addresses come from ICE
        };
    }

    private bool ReadOrigin(ReadOnlySpan<char> value) =>
        TryWord(ref value, out _) && TryWord(ref value, out ReadOnlySpan<char> id) && TryLong(id, out _id)
        && TryWord(ref value, out ReadOnlySpan<char> version) && TryLong(version, out _version);

    private string? ReadMedia(int number, ReadOnlySpan<char> value)
    {
        if (_media.Count == SdpLimits.MaxMedia)
        {
            return $"at most {SdpLimits.MaxMedia} m-lines";
        }

        _media.Add(new SdpMediaReader(number));
        return _media[^1].ReadLine(value);
    }

    private string? ReadAttribute(ReadOnlySpan<char> attribute)
    {
        int colon = attribute.IndexOf(':');
        ReadOnlySpan<char> name = colon < 0 ? attribute : attribute[..colon];
        ReadOnlySpan<char> value = colon < 0 ? default : attribute[(colon + 1)..];
        if (_media.Count > 0)
        {
            return _media[^1].ReadAttribute(name, value);
        }

        if (name.SequenceEqual("group"))
        {
            return ReadGroup(value);
        }

        _iceLite |= name.SequenceEqual("ice-lite");
        return _sessionTransport.Read(name, value);
    }

    private string? ReadGroup(ReadOnlySpan<char> value)
    {
        if (!TryWord(ref value, out ReadOnlySpan<char> semantics))
        {
            return "a=group with its semantics (RFC 5888)";
        }

        if (!semantics.SequenceEqual("BUNDLE") || _bundle.Count > 0)
        {
            return null;  // a second bundle would need a second transport: its m-lines are outside ours
        }

        while (TryWord(ref value, out ReadOnlySpan<char> mid))
        {
            if (_bundle.Count == SdpLimits.MaxMedia || !IsToken(mid))
            {
                return $"at most {SdpLimits.MaxMedia} mids";
            }

            _bundle.Add(mid.ToString());
        }

        return null;
    }
}
