namespace MlvcRtc.Signaling.Messages;

/// <summary>Server to client: something was refused. docs/signaling.md has a line for each code.</summary>
/// <param name="Code">One of <see cref="ErrorCode"/>; append-only.</param>
/// <param name="Message">Cause and remedy, for people.</param>
public sealed record ErrorMessage(string Code, string Message) : SignalMessage
{
    /// <summary>The server closes the socket after this message.</summary>
    public bool Closes { get; init; }

    internal override string? Problem() => TextLimits.Required("code", Code, TextLimits.Id) ?? TextLimits.Problem("message", Message, TextLimits.Candidate);
}

/// <summary>Every code an <see cref="ErrorMessage"/> may carry; append-only.</summary>
public static class ErrorCode
{
    // Messages
    public const string Malformed = "malformed";
    public const string UnknownType = "unknown-type";
    public const string TooLarge = "too-large";
    public const string NotText = "not-text";
    public const string JoinExpected = "join-expected";
    public const string AlreadyJoined = "already-joined";
    public const string Unexpected = "unexpected";
    public const string BadRoomName = "bad-room-name";
    public const string NoSuchPeer = "no-such-peer";

    // Tokens
    public const string TokenRequired = "token-required";
    public const string TokenMalformed = "token-malformed";
    public const string TokenSignature = "token-signature";
    public const string TokenExpired = "token-expired";
    public const string TokenNotYetValid = "token-not-yet-valid";
    public const string TokenRoom = "token-room";
    public const string TokenIssuer = "token-issuer";
    public const string TokenAudience = "token-audience";
    public const string TokenRole = "token-role";
    public const string TokenReplayed = "token-replayed";

    // Seats
    public const string RoomFull = "room-full";
    public const string ResumeExpired = "resume-expired";
    public const string Replaced = "replaced";
    public const string SeatLost = "seat-lost";

    // Limits
    public const string TooManyConnections = "too-many-connections";
    public const string TooManyRooms = "too-many-rooms";
    public const string RateLimited = "rate-limited";
    public const string JoinTimeout = "join-timeout";
    public const string SlowMessage = "slow-message";
    public const string SlowReader = "slow-reader";
    public const string IdleTimeout = "idle-timeout";

    // The server itself
    public const string GoingAway = "going-away";
    public const string Unavailable = "unavailable";

    /// <summary>The same attempt may succeed a little later, or at another node.</summary>
    public static bool IsTransient(string code) =>
        code is TooManyConnections or RateLimited or JoinTimeout or SlowMessage or SlowReader or IdleTimeout or GoingAway or Unavailable;
}
