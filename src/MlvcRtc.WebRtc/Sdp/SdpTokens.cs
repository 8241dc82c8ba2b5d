using System.Buffers;
using System.Globalization;

namespace MlvcRtc.WebRtc.Sdp;

/// <summary>Words and numbers of SDP. Nothing throws; every reader takes what it reads off the front of the rest.</summary>
internal static class SdpTokens
{
    private static readonly SearchValues<char> Separators = SearchValues.Create("\"(),/:;<=>?@[\\]");
    private static readonly SearchValues<char> IceCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=");

    /// <summary>Up to the next space; false when nothing is left or the word is longer than <see cref="SdpLimits.MaxToken"/>.</summary>
    public static bool TryWord(ref ReadOnlySpan<char> rest, out ReadOnlySpan<char> word)
    {
        rest = rest.TrimStart(' ');
        int end = rest.IndexOf(' ');
        word = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        return word.Length is > 0 and <= SdpLimits.MaxToken;
    }

    /// <summary>A decimal number without sign, the whole text.</summary>
    public static bool TryNumber(ReadOnlySpan<char> text, uint most, out uint number) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= most;

    /// <summary>Likewise, 64 bits (<c>o=</c>).</summary>
    public static bool TryLong(ReadOnlySpan<char> text, out ulong number) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    /// <summary>token of RFC 8866 §9: printable ASCII without separators.</summary>
    public static bool IsToken(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= SdpLimits.MaxToken && !text.ContainsAnyExceptInRange('!', '~') && !text.ContainsAny(Separators);

    /// <summary>ice-char of RFC 8839 §5.4: letters, digits, "+" and "/". Some stacks write "-", "_" and "=", too.</summary>
    public static bool IsIceText(ReadOnlySpan<char> text, int least) =>
        text.Length >= least && text.Length <= SdpLimits.MaxToken && !text.ContainsAnyExcept(IceCharacters);
}
