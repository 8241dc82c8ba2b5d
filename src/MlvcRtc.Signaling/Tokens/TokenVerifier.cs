using System.Text;
using MlvcRtc.Signaling.Messages;
using MlvcRtc.Signaling.Rooms;

namespace MlvcRtc.Signaling.Tokens;

/// <summary>Decides whether a token opens a room. The checks stand in the order in which they are safe: nothing inside a token is read before its signature was right.</summary>
/// <param name="secret">At least <see cref="JsonWebSignature.MinKeyBytes"/> bytes of UTF-8.</param>
/// <param name="issuer">"iss" must be this; null = not checked.</param>
/// <param name="audience">"aud" must hold this; null = not checked.</param>
public sealed class TokenVerifier(string secret, string? issuer, string? audience, TimeProvider time)
{
    /// <summary>How far clocks of issuer and server may differ (RFC 7519 §4.1.4: "no more than a few minutes").</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(60);

    private readonly byte[] _key = Encoding.UTF8.GetBytes(secret);

    /// <param name="room">The room that is asked for.</param>
    public TokenVerdict Verify(string token, string room)
    {
        if (token.Length > TextLimits.Token)
        {
            return Refused(ErrorCode.TokenMalformed, $"The token is longer than {TextLimits.Token} characters.");
        }

        switch (JsonWebSignature.TryVerify(token, _key, out byte[] payload))
        {
            case SignatureStatus.Malformed:
                return Refused(ErrorCode.TokenMalformed, "The token is not a JWT signed with HS256. Get one from whoever runs this server (mlvcrtc-server token).");
            case SignatureStatus.Wrong:
                return Refused(ErrorCode.TokenSignature, "The token was signed with another secret. Make it with the secret of this server.");
        }

        if (!TokenClaims.TryParse(payload, out TokenClaims? claims) || claims is null)
        {
            return Refused(ErrorCode.TokenMalformed, "The token lacks sub, room or exp, or one of its claims is of a wrong kind.");
        }

        long now = time.GetUtcNow().ToUnixTimeSeconds();
        long skew = (long)ClockSkew.TotalSeconds;
        return claims switch
        {
            _ when claims.ExpiresAt + skew <= now => Refused(ErrorCode.TokenExpired, $"The token expired {now - claims.ExpiresAt} s ago. Get a new one, or set the clocks right."),
            _ when claims.NotBefore - skew > now => Refused(ErrorCode.TokenNotYetValid, $"The token becomes valid in {claims.NotBefore - now} s. Wait, or set the clocks right."),
            _ when issuer is not null && claims.Issuer != issuer => Refused(ErrorCode.TokenIssuer, "The token is from another issuer (iss) than this server trusts."),
            _ when audience is not null && !claims.Audience.Contains(audience) => Refused(ErrorCode.TokenAudience, "The token is meant for another service (aud)."),
            _ when claims.Role != TokenClaims.Participant => Refused(ErrorCode.TokenRole, $"The token's role is not \"{TokenClaims.Participant}\", the only one here."),
            _ when claims.Room != TokenClaims.AnyRoom && claims.Room != room => Refused(ErrorCode.TokenRoom, "The token is for another room. Get one for this room."),
            _ => new TokenVerdict(null, null)
            {
                // Hashed: names that others chose are neither keys of a store nor anybody's business. Without a jti the signed part counts: signatures can be spelled in several ways.
                TokenId = RoomRules.HashOf(claims.Id is null ? token[..token.LastIndexOf('.')] : $"{claims.Issuer}\n{claims.Id}"),
                Subject = RoomRules.HashOf($"{claims.Issuer}\n{claims.Subject}"),
            },
        };
    }

    private static TokenVerdict Refused(string code, string message) => new(code, message);
}

/// <param name="Code">Why not, an <see cref="ErrorCode"/>; null = the token opens the room.</param>
/// <param name="Message">Cause and remedy.</param>
public sealed record TokenVerdict(string? Code, string? Message)
{
    /// <summary>What the token is known by while somebody uses it.</summary>
    public string? TokenId { get; init; }

    /// <summary>Whose it is, for limits.</summary>
    public string? Subject { get; init; }
}
