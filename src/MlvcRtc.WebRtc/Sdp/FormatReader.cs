using static MlvcRtc.WebRtc.Sdp.SdpTokens;

namespace MlvcRtc.WebRtc.Sdp;

/// <summary>
/// The codecs of an m-line: its list of payload types, <c>a=rtpmap</c> and <c>a=fmtp</c> (RFC 8866 §6.6, §6.15) and <c>a=rtcp-fb</c> (RFC 4585 §4.2). Attributes of payload
/// types that the m-line does not list are passed over.
/// </summary>
internal sealed class FormatReader
{
    private readonly List<Entry> _entries = [];

    public string? ReadList(ReadOnlySpan<char> value)
    {
        while (TryWord(ref value, out ReadOnlySpan<char> word))
        {
            if (!TryNumber(word, 127, out uint type) || _entries.Count == SdpLimits.MaxFormats)
            {
                return "payload types of 0 to 127";
            }

            if (Find(type) is null)
            {
                _entries.Add(new Entry((byte)type));
            }
        }

        return _entries.Count > 0 ? null : "m= with one payload type at least";
    }

    /// <param name="value"><c>109 MLVC/90000</c>, <c>111 opus/48000/2</c>.</param>
    public string? ReadMap(ReadOnlySpan<char> value)
    {
        const string Expected = "a=rtpmap with a payload type, a name and a clock rate (RFC 8866 §6.6)";
        if (!TryWord(ref value, out ReadOnlySpan<char> word) || !TryNumber(word, 127, out uint type) || !TryWord(ref value, out ReadOnlySpan<char> encoding))
        {
            return Expected;
        }

        int slash = encoding.IndexOf('/');
        if (slash <= 0 || !IsToken(encoding[..slash]))
        {
            return Expected;
        }

        ReadOnlySpan<char> rate = encoding[(slash + 1)..];
        int second = rate.IndexOf('/');
        uint channels = 1;
        if (!TryNumber(second < 0 ? rate : rate[..second], 1_000_000, out uint clock) || clock == 0
            || (second >= 0 && (!TryNumber(rate[(second + 1)..], 255, out channels) || channels == 0)))
        {
            return Expected;
        }

        if (Find(type) is { Name: null } entry)
        {
            (entry.Name, entry.ClockRate, entry.Channels) = (encoding[..slash].ToString(), (int)clock, (int)channels);
        }

        return null;
    }

    public string? ReadParameters(ReadOnlySpan<char> value)
    {
        if (!TryWord(ref value, out ReadOnlySpan<char> word) || !TryNumber(word, 127, out uint type))
        {
            return "a=fmtp with a payload type (RFC 8866 §6.15)";
        }

        if (Find(type) is { Parameters: null } entry)
        {
            entry.Parameters = value.Trim(' ').ToString();
        }

        return null;
    }

    public string? ReadFeedback(ReadOnlySpan<char> value)
    {
        uint type = 0;
        if (!TryWord(ref value, out ReadOnlySpan<char> word) || (word is not "*" && !TryNumber(word, 127, out type)))
        {
            return "a=rtcp-fb with a payload type or * (RFC 4585 §4.2)";
        }

        if (value.Length is 0 or > SdpLimits.MaxToken)
        {
            return "a=rtcp-fb with the name of a message (RFC 4585 §4.2)";
        }

        bool all = word is "*";
        string feedback = value.Trim(' ').ToString();
        foreach (Entry entry in _entries)
        {
            if ((all || entry.PayloadType == type) && entry.Feedback.Count < SdpLimits.MaxFeedback && !entry.Feedback.Contains(feedback))
            {
                entry.Feedback.Add(feedback);
            }
        }

        return null;
    }

    /// <summary>Those with a name; a static payload type without <c>a=rtpmap</c> is none that we carry.</summary>
    public IReadOnlyList<MediaFormat> ToFormats() =>
    [
        .. from entry in _entries
           where entry.Name is not null
           select new MediaFormat(entry.PayloadType, entry.Name!, entry.ClockRate, entry.Channels, entry.Parameters ?? "", entry.Feedback),
    ];

    private Entry? Find(uint type) => _entries.Find(entry => entry.PayloadType == type);

    private sealed class Entry(byte payloadType)
    {
        public byte PayloadType { get; } = payloadType;

        public string? Name { get; set; }

        public int ClockRate { get; set; }

        public int Channels { get; set; }

        public string? Parameters { get; set; }

        public List<string> Feedback { get; } = [];
    }
}
