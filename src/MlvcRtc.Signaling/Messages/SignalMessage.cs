using System.Text.Json.Serialization;

namespace MlvcRtc.Signaling.Messages;

/// <summary>One JSON text frame of the signaling protocol <c>mlvcrtc.v1</c>; docs/signaling.md has the table. The property "type" names the record.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Join), "join")]
[JsonDerivedType(typeof(Joined), "joined")]
[JsonDerivedType(typeof(PeerJoined), "peer-joined")]
[JsonDerivedType(typeof(PeerResumed), "peer-resumed")]
[JsonDerivedType(typeof(PeerLeft), "peer-left")]
[JsonDerivedType(typeof(Offer), "offer")]
[JsonDerivedType(typeof(Answer), "answer")]
[JsonDerivedType(typeof(Candidate), "candidate")]
[JsonDerivedType(typeof(EndOfCandidates), "end-of-candidates")]
[JsonDerivedType(typeof(Ack), "ack")]
[JsonDerivedType(typeof(IceServersRequest), "ice-servers-request")]
[JsonDerivedType(typeof(IceServers), "ice-servers")]
[JsonDerivedType(typeof(Ping), "ping")]
[JsonDerivedType(typeof(Pong), "pong")]
[JsonDerivedType(typeof(Bye), "bye")]
[JsonDerivedType(typeof(GoingAway), "going-away")]
[JsonDerivedType(typeof(ErrorMessage), "error")]
public abstract record SignalMessage
{
    /// <summary>Why the content is not allowed, for people; null = it is. Syntax has been checked before.</summary>
    internal virtual string? Problem() => null;
}

/// <summary>Either side, at any time after joining: are you there? Answered by <see cref="Pong"/> with the same number.</summary>
public sealed record Ping(long Id) : SignalMessage;

public sealed record Pong(long Id) : SignalMessage;

/// <summary>Client to server: the seat is given up at once; the other hears <see cref="PeerLeft"/> "bye".</summary>
public sealed record Bye : SignalMessage;

/// <summary>Server to client: this node shuts down. Reconnect with the resume token after <paramref name="AfterMs"/>; another node, or this one restarted, takes over.</summary>
/// <param name="AfterMs">Milliseconds to wait before reconnecting; differs from client to client, so that not all come at once.</param>
public sealed record GoingAway(int AfterMs) : SignalMessage;
