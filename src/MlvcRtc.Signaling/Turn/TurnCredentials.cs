using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MlvcRtc.Signaling.Turn;

/// <summary>
/// Short-lived TURN credentials that a relay checks without asking anybody (draft-uberti-behave-turn-rest-00 §2.2; coturn's "use-auth-secret"): the name says until when it is
/// valid, the password is the HMAC-SHA-1 of the name.
/// </summary>
/// <param name="Username">Expiry in seconds since 1970, ":", and who.</param>
/// <param name="Password">base64(HMAC-SHA-1(secret, username)).</param>
public sealed record TurnCredentials(string Username, string Password)
{
    /// <summary>Default validity. An allocation outlives it; fresh ones are needed for a new allocation only, so short is safe.</summary>
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromMinutes(10);

    [SuppressMessage("Security", "CA5350", Justification = "SHA-1 is what the draft and coturn prescribe; HMAC-SHA-1 is unbroken.")]
    public static TurnCredentials Make(string secret, string peerId, DateTimeOffset now, TimeSpan lifetime)
    {
        string username = (now + lifetime).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) + ":" + peerId;
        return new TurnCredentials(username, Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(username))));
    }

    /// <summary>Without the password.</summary>
    public override string ToString() => $"TurnCredentials {{ Username = {Username} }}";
}
