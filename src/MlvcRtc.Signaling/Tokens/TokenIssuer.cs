using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace MlvcRtc.Signaling.Tokens;

/// <summary>Makes tokens that <see cref="TokenVerifier"/> accepts; any JWT library can do the same.</summary>
public static class TokenIssuer
{
    /// <param name="lifetime">From now; its start is not limited (no nbf).</param>
    /// <param name="secret">At least 32 bytes of UTF-8.</param>
    /// <exception cref="ArgumentException">The secret is too short.</exception>
    public static string Issue(string room, string subject, TimeSpan lifetime, string secret, TimeProvider time, string? issuer = null, string? audience = null)
    {
        byte[] key = Encoding.UTF8.GetBytes(secret);
        if (key.Length < JsonWebSignature.MinKeyBytes)
        {
            throw new ArgumentException($"The secret has {key.Length} bytes; HS256 needs at least {JsonWebSignature.MinKeyBytes} (RFC 7518 §3.2).", nameof(secret));
        }

        long now = time.GetUtcNow().ToUnixTimeSeconds();
        ArrayBufferWriter<byte> payload = new();
        using (Utf8JsonWriter json = new(payload))
        {
            json.WriteStartObject();
            json.WriteString("sub", subject);
            json.WriteString("room", room);
            json.WriteString("role", TokenClaims.Participant);
            json.WriteNumber("iat", now);
            json.WriteNumber("exp", now + (long)lifetime.TotalSeconds);
            json.WriteString("jti", Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)));
            if (issuer is not null)
            {
                json.WriteString("iss", issuer);
            }

            if (audience is not null)
            {
                json.WriteString("aud", audience);
            }

            json.WriteEndObject();
        }

        return JsonWebSignature.Sign(payload.WrittenSpan, key);
    }
}
