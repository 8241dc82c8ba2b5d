using System.Text.Json;

namespace MlvcRtc.Signaling.Tokens;

/// <summary>What a token says (RFC 7519 §4). Times are seconds since 1970.</summary>
/// <param name="Subject">"sub": who it was made for.</param>
/// <param name="Room">The room it opens; "*" = any.</param>
/// <param name="ExpiresAt">"exp".</param>
public sealed record TokenClaims(string Subject, string Room, long ExpiresAt)
{
    public const string AnyRoom = "*";

    /// <summary>The only role there is; rooms of two have no audience.</summary>
    public const string Participant = "participant";

    /// <summary>"nbf"; null = valid at once.</summary>
    public long? NotBefore { get; init; }

    /// <summary>"jti"; null = the token is known by its hash.</summary>
    public string? Id { get; init; }

    public string? Issuer { get; init; }

    /// <summary>"aud": one text or several.</summary>
    public IReadOnlyList<string> Audience { get; init; } = [];

    public string Role { get; init; } = Participant;

    /// <summary>Reads a payload whose signature was right; false when a claim is missing or of a wrong kind.</summary>
    internal static bool TryParse(ReadOnlyMemory<byte> payload, out TokenClaims? claims)
    {
        claims = null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(payload, new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object
                || !TryText(root, "sub", out string? subject) || subject is null
                || !TryText(root, "room", out string? room) || room is null
                || !TryTime(root, "exp", out long? expires) || expires is null
                || !TryTime(root, "nbf", out long? notBefore)
                || !TryText(root, "jti", out string? id)
                || !TryText(root, "iss", out string? issuer)
                || !TryText(root, "role", out string? role)
                || !TryTexts(root, "aud", out IReadOnlyList<string> audience))
            {
                return false;
            }

            claims = new TokenClaims(subject, room, expires.Value) { NotBefore = notBefore, Id = id, Issuer = issuer, Audience = audience, Role = role ?? Participant };
            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;  // InvalidOperationException: half a surrogate pair inside a string
        }
    }

    /// <summary>Absent is fine and gives null; empty or another kind is not.</summary>
    private static bool TryText(JsonElement root, string name, out string? text)
    {
        text = null;
        if (!root.TryGetProperty(name, out JsonElement value))
        {
            return true;
        }

        text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        return !string.IsNullOrEmpty(text);
    }

    /// <summary>NumericDate (RFC 7519 §2) may have a fraction, which is dropped.</summary>
    private static bool TryTime(JsonElement root, string name, out long? seconds)
    {
        seconds = null;
        if (!root.TryGetProperty(name, out JsonElement value))
        {
            return true;
        }

        // Up to the year 9999, so that sums with it cannot overflow.
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double number) || !(number is >= 0 and < 253_402_300_800))
        {
            return false;
        }

        seconds = (long)number;
        return true;
    }

    private static bool TryTexts(JsonElement root, string name, out IReadOnlyList<string> texts)
    {
        texts = [];
        if (!root.TryGetProperty(name, out JsonElement value))
        {
            return true;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            texts = [value.GetString()!];
            return true;
        }

        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
        {
            return false;
        }

        texts = [.. value.EnumerateArray().Select(item => item.GetString()!)];
        return true;
    }
}
