namespace MlvcRtc.Signaling.Messages;

/// <summary>How long texts in messages may be, in UTF-16 units. The frame's own bound (<see cref="MessageReader.MaxBytes"/>) stops the rest.</summary>
internal static class TextLimits
{
    /// <summary>Ours are 22 characters (128 random bits in base64url) and 43 (256 bits).</summary>
    public const int Id = 64;

    /// <summary>Room for a person's name.</summary>
    public const int Name = 64;

    /// <summary>Ours are about 250; other issuers add claims.</summary>
    public const int Token = 4096;

    /// <summary>Ours are about 2 kB, Chromium's with every codec about 10 kB.</summary>
    public const int Sdp = 48 * 1024;

    /// <summary>Lines of RFC 8839 §5.1 stay below 300.</summary>
    public const int Candidate = 1024;

    /// <summary>RFC 8839 §5.4.</summary>
    public const int Ufrag = 256;

    public static string? Required(string field, string? text, int max, bool multiline = false) =>
        string.IsNullOrEmpty(text) ? $"\"{field}\" must not be empty." : Problem(field, text, max, multiline);

    /// <summary>Control characters are refused except line ends in SDP: they would reach logs and terminals.</summary>
    public static string? Problem(string field, string? text, int max, bool multiline = false)
    {
        if (text is null)
        {
            return null;
        }

        if (text.Length > max)
        {
            return $"\"{field}\" is longer than {max} characters.";
        }

        foreach (char c in text)
        {
            if (char.IsControl(c) && !(multiline && c is '\r' or '\n' or '\t'))
            {
                return $"\"{field}\" holds a control character.";
            }
        }

        return null;
    }
}
