using MlvcRtc.Signaling.Messages;

namespace MlvcRtc.Signaling.Client;

/// <summary>What a <see cref="SignalingClient"/> tells its program, in order.</summary>
public abstract record SignalingEvent;

/// <summary>The other is there. Also the first event when it was there before us.</summary>
/// <param name="Polite">Our part towards it, for <see cref="PerfectNegotiation"/>. False: we were there first and make the offer now.</param>
public sealed record PeerArrived(PeerInfo Peer, bool Polite) : SignalingEvent;

/// <summary>The other has gone for good: end the call with it. Somebody else may come.</summary>
/// <param name="Reason"><see cref="PeerLeft.SaidBye"/>, <see cref="PeerLeft.TimedOut"/>, or <see cref="SeatLost"/>.</param>
public sealed record PeerGone(string PeerId, string Reason) : SignalingEvent
{
    /// <summary>We lost our seat (the server forgot us, or we were away too long) and take a new one: to each other we are new.</summary>
    public const string SeatLost = "seat-lost";
}

/// <summary>An offer, an answer, a candidate, or their end; each exactly once, in the order of sending.</summary>
public sealed record MessageArrived(NumberedMessage Message) : SignalingEvent;

/// <summary>Our socket dropped and is being replaced. Nothing to do: media goes on.</summary>
/// <param name="Reason">For logs.</param>
public sealed record ConnectionDropped(string Reason) : SignalingEvent;

/// <summary>We have our seat again.</summary>
/// <param name="Away">How long we had no connection.</param>
public sealed record ConnectionResumed(TimeSpan Away) : SignalingEvent;

/// <summary>Fresh TURN credentials, asked for by <see cref="SignalingClient.RequestIceServers"/>, or new with a resumed connection.</summary>
/// <param name="Ttl">Seconds of validity; null = no limit.</param>
public sealed record IceServersArrived(IReadOnlyList<IceServerInfo> Servers, int? Ttl) : SignalingEvent;

/// <summary>The last event: the client has ended and will not come back.</summary>
/// <param name="Code">An <see cref="ErrorCode"/>, <see cref="SignalingClient.Left"/> or <see cref="SignalingClient.Unreachable"/>.</param>
public sealed record SignalingEnded(string Code, string Message) : SignalingEvent;
