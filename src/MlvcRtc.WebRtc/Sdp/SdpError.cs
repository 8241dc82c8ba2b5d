namespace MlvcRtc.WebRtc.Sdp;

/// <summary>Why a description was refused.</summary>
/// <param name="Line">From 1; 0 = the description as a whole.</param>
/// <param name="Reason">What was expected, and what stood there.</param>
internal sealed record SdpError(int Line, string Reason)
{
    private const int ShownCharacters = 60;

    /// <summary>Quotes the line, shortened and without control characters: the text may be hostile and goes to logs.</summary>
    public static SdpError At(int line, string expected, ReadOnlySpan<char> found)
    {
        Span<char> shown = stackalloc char[ShownCharacters];
        ReadOnlySpan<char> head = found[..Math.Min(found.Length, ShownCharacters)];
        for (int i = 0; i < head.Length; i++)
        {
            shown[i] = head[i] is >= ' ' and <= '~' ? head[i] : '?';
        }

        return new(line, $"expected {expected}, found \"{shown[..head.Length]}{(found.Length > ShownCharacters ? "..." : "")}\"");
    }

    public FormatException ToException() => new(Line == 0 ? $"SDP: {Reason}" : $"SDP line {Line}: {Reason}");
}
