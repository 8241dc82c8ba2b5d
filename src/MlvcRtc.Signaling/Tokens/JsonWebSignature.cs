using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace MlvcRtc.Signaling.Tokens;

/// <summary>How a compact JWS (RFC 7515 §7.1) fared.</summary>
internal enum SignatureStatus
{
    Ok = 0,
    Malformed = 1,
    Wrong = 2,
}

/// <summary>
/// JWS compact serialisation with HMAC-SHA-256 and nothing else: the algorithm is ours to choose, not the token's, which is what stops "alg":"none" and
/// public keys used as HMAC keys (RFC 8725 §3.1).
/// </summary>
internal static class JsonWebSignature
{
    /// <summary>RFC 7518 §3.2: the key has at least the size of the hash.</summary>
    public const int MinKeyBytes = 32;

    /// <summary>Checks the signature and hands out the payload. Never throws on the token.</summary>
    public static SignatureStatus TryVerify(string token, ReadOnlySpan<byte> key, out byte[] payload)
    {
        payload = [];
        int first = token.IndexOf('.', StringComparison.Ordinal);
        int second = first < 0 ? -1 : token.IndexOf('.', first + 1);
        if (second < 0 || token.IndexOf('.', second + 1) >= 0
            || !TryDecode(token.AsSpan(0, first), out byte[] header)
            || !TryDecode(token.AsSpan(first + 1, second - first - 1), out byte[] content)
            || !TryDecode(token.AsSpan(second + 1), out byte[] signature)
            || !IsHs256(header))
        {
            return SignatureStatus.Malformed;
        }

        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(token[..second]), expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, signature))
        {
            return SignatureStatus.Wrong;
        }

        payload = content;
        return SignatureStatus.Ok;
    }

    public static string Sign(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> key)
    {
        string input = Base64Url.EncodeToString("""{"alg":"HS256","typ":"JWT"}"""u8) + "." + Base64Url.EncodeToString(payload);
        return input + "." + Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(input)));
    }

    private static bool TryDecode(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = [];
        // No padding and no white space (RFC 7515 §2); the decoder alone would let them pass.
        if (text.ContainsAnyExcept(Base64UrlAlphabet) || !Base64Url.IsValid(text, out int length))
        {
            return false;
        }

        bytes = new byte[length];
        return Base64Url.TryDecodeFromChars(text, bytes, out int written) && written == length;
    }

    private static readonly System.Buffers.SearchValues<char> Base64UrlAlphabet =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private static bool IsHs256(byte[] header)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(header, new JsonDocumentOptions { MaxDepth = 2, AllowDuplicateProperties = false });
            JsonElement root = document.RootElement;

            // "crit" names extensions that we must understand; we know none (RFC 7515 §4.1.11).
            return root.ValueKind == JsonValueKind.Object
                && root.TryGetProperty("alg"u8, out JsonElement algorithm) && algorithm.ValueKind == JsonValueKind.String && algorithm.ValueEquals("HS256"u8)
                && !root.TryGetProperty("crit"u8, out _);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
