using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace MlvcRtc.App.Client;

/// <summary>
/// Who may drive the client: whoever shows a one-time token gets the cookie of a session, and the newest session is the only one. Both are 256 random bits, of which digests are kept and
/// compared in constant time. Safe for concurrent use.
/// </summary>
internal sealed class LocalAccess
{
    private const int SecretBytes = 32;

    /// <summary>Longer ones are not looked at: base64url of the secret has 43 characters.</summary>
    private const int LongestText = 64;

    private readonly Lock _guard = new();
    private byte[]? _token;
    private byte[]? _cookie;

    /// <summary>A fresh token; those handed out before and not used are void.</summary>
    public string NewToken()
    {
        (string text, byte[] digest) = Secret();
        lock (_guard)
        {
            _token = digest;
        }

        return text;
    }

    /// <summary>The cookie of a new session, which ends the one before; null when the token is not the one that waits to be used.</summary>
    public string? Redeem(string? token)
    {
        (string text, byte[] digest) = Secret();
        lock (_guard)
        {
            if (!Matches(token, _token))
            {
                return null;
            }

            _token = null;
            _cookie = digest;
            return text;
        }
    }

    /// <summary>True for the cookie of the newest session.</summary>
    public bool Admits(string? cookie)
    {
        lock (_guard)
        {
            return Matches(cookie, _cookie);
        }
    }

    private static bool Matches(string? text, byte[]? digest) =>
        digest is not null && text is { Length: > 0 and <= LongestText } && CryptographicOperations.FixedTimeEquals(DigestOf(text), digest);

    private static (string Text, byte[] Digest) Secret()
    {
        string text = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        return (text, DigestOf(text));
    }

    private static byte[] DigestOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
