using System.Diagnostics.CodeAnalysis;

namespace MlvcRtc.WebRtc.Sdp;

/// <summary>
/// Reads a description (RFC 8866) of any length and content: never throws, does work in proportion to the text, and keeps no more than <see cref="SdpLimits"/>
/// allow. Lines and attributes that we do not know are passed over; what we do know must be well-formed.
/// </summary>
internal static class SdpParser
{
    public static bool TryParse(string text, [NotNullWhen(true)] out SdpSession? session, [NotNullWhen(false)] out SdpError? error)
    {
        session = null;
        if (text.Length > SdpLimits.MaxLength)
        {
            error = new SdpError(0, $"expected at most {SdpLimits.MaxLength} characters, found {text.Length}");
            return false;
        }

        SdpSections sections = new();
        ReadOnlySpan<char> rest = text;
        for (int number = 1; !rest.IsEmpty; number++)
        {
            int end = rest.IndexOf('\n');
            ReadOnlySpan<char> line = (end < 0 ? rest : rest[..end]).TrimEnd('\r');  // RFC 8866 §5: a parser SHOULD accept LF alone
            rest = end < 0 ? default : rest[(end + 1)..];
            string? expected = number > SdpLimits.MaxLines ? $"at most {SdpLimits.MaxLines} lines" : sections.Read(number, line);
            if (expected is not null)
            {
                error = SdpError.At(number, expected, line);
                return false;
            }
        }

        error = sections.Incomplete;
        session = error is null ? sections.ToSession() : null;
        return session is not null;
    }

    /// <exception cref="FormatException">Names the line and what was expected there.</exception>
    public static SdpSession Parse(string text) => TryParse(text, out SdpSession? session, out SdpError? error) ? session : throw error.ToException();
}
