namespace MlvcRtc.Signaling.Messages;

/// <summary>The first message of a client, due within 5 s.</summary>
/// <param name="Room">See <see cref="RoomName"/>.</param>
public sealed record Join(string Room) : SignalMessage
{
    /// <summary>JWT (RFC 7519); not needed where the server is open, nor with <see cref="Resume"/>.</summary>
    public string? Token { get; init; }

    /// <summary>Shown to the other side; 64 characters at most, no control characters.</summary>
    public string? Name { get; init; }

    /// <summary>The resume token of an earlier <see cref="Joined"/>: the seat is taken up again, and a socket that still holds it is replaced.</summary>
    public string? Resume { get; init; }

    /// <summary>Random, at least 128 bits, the same in every repetition of one attempt to join: so a seat is found again whose <see cref="Joined"/> got lost with a socket.</summary>
    public string? Attempt { get; init; }

    internal override string? Problem() =>
        RoomName.Problem(Room)
        ?? TextLimits.Problem("token", Token, TextLimits.Token)
        ?? TextLimits.Problem("name", Name, TextLimits.Name)
        ?? TextLimits.Problem("resume", Resume, TextLimits.Id)
        ?? TextLimits.Problem("attempt", Attempt, TextLimits.Id)
        ?? (Attempt?.Length < MinAttempt ? $"\"attempt\" is a secret of at least {MinAttempt} random characters." : null);

    /// <summary>128 bits in base64url.</summary>
    public const int MinAttempt = 22;

    /// <summary>Without the secrets, so that a log of messages holds none.</summary>
    public override string ToString() => $"Join {{ Resume = {Resume is not null} }}";
}

/// <summary>Server to client: you have a seat.</summary>
/// <param name="PeerId">Who you are to the other side.</param>
/// <param name="ResumeToken">Secret; presented in <see cref="Join.Resume"/> within 30 s of a dropped socket.</param>
/// <param name="Polite">Your part in perfect negotiation (W3C webrtc-pc §10.7): true = the other was there before you, makes the offer and wins collisions.</param>
/// <param name="Peers">Who is there: nobody or one.</param>
/// <param name="IceServers">STUN and TURN servers, as W3C RTCIceServer.</param>
public sealed record Joined(string PeerId, string ResumeToken, bool Polite, IReadOnlyList<PeerInfo> Peers, IReadOnlyList<IceServerInfo> IceServers) : SignalMessage
{
    /// <summary>An old seat was taken up again: numbers go on, and what is unacknowledged is to be sent again.</summary>
    public bool Resumed { get; init; }

    /// <summary>Seconds that the TURN credentials stay valid; null = there are none.</summary>
    public int? IceServersTtl { get; init; }

    internal override string? Problem() =>
        TextLimits.Required("peerId", PeerId, TextLimits.Id)
        ?? TextLimits.Required("resumeToken", ResumeToken, TextLimits.Id)
        ?? (Peers.Count > 1 ? "\"peers\" names more than one." : null)
        ?? Peers.Select(peer => peer is null ? "\"peers\" holds null." : peer.Problem()).FirstOrDefault(problem => problem is not null)
        ?? IceServerInfo.Problem(IceServers);

    public override string ToString() => $"Joined {{ PeerId = {PeerId}, Polite = {Polite}, Resumed = {Resumed} }}";
}

/// <summary>Somebody in the room.</summary>
public sealed record PeerInfo(string PeerId)
{
    public string? Name { get; init; }

    internal string? Problem() => TextLimits.Required("peerId", PeerId, TextLimits.Id) ?? TextLimits.Problem("name", Name, TextLimits.Name);

    public override string ToString() => $"PeerInfo {{ PeerId = {PeerId} }}";
}

/// <summary>Server to client: the other has come. You were there before, so you are impolite towards it and make the offer.</summary>
public sealed record PeerJoined(PeerInfo Peer) : SignalMessage
{
    internal override string? Problem() => Peer.Problem();
}

/// <summary>Server to client: the other has a new socket; send again what it has not acknowledged.</summary>
public sealed record PeerResumed(string PeerId) : SignalMessage
{
    internal override string? Problem() => TextLimits.Required("peerId", PeerId, TextLimits.Id);
}

/// <summary>Server to client: the other has gone for good.</summary>
/// <param name="Reason">"bye" = it said so; "timeout" = its socket was gone for longer than it may.</param>
public sealed record PeerLeft(string PeerId, string Reason) : SignalMessage
{
    public const string SaidBye = "bye";
    public const string TimedOut = "timeout";

    internal override string? Problem() => TextLimits.Required("peerId", PeerId, TextLimits.Id) ?? TextLimits.Required("reason", Reason, TextLimits.Id);
}
