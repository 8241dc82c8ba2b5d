using MlvcRtc.Rtp;

namespace MlvcRtc.WebRtc.Ice;

/// <summary>How far ICE has come (RFC 8445 §6.1.2.6; W3C RTCIceConnectionState).</summary>
public enum IceState
{
    New = 0,
    Checking = 1,
    Connected = 2,

    /// <summary>Consent checks go unanswered (RFC 7675 §5.1: traffic stops after 30 s at most).</summary>
    Disconnected = 3,
    Failed = 4,
    Closed = 5,
}

/// <summary>One side's credentials of one ICE generation (RFC 8839 §5.4).</summary>
/// <param name="UsernameFragment">4..256 ice-chars.</param>
/// <param name="Password">22..256 ice-chars.</param>
public sealed record IceCredentials(string UsernameFragment, string Password);

/// <summary>The selected path, for statistics.</summary>
public sealed record SelectedPath(string LocalType, string RemoteType, TimeSpan? RoundTripTime, int Changes);

/// <summary>
/// ICE as the peer sees it: one component, all media bundled. What the socket receives and is not STUN or TURN comes out of <see cref="Arrived"/>, from addresses that answered a check only.
/// </summary>
public interface IIceTransport : IAsyncDisposable
{
    IceState State { get; }

    event Action<IceState>? StateChanged;

    /// <summary>The value of an <c>a=candidate</c> line from "candidate:" on; "" = the end of this generation.</summary>
    event Action<string>? CandidateGathered;

    event PacketArrived? Arrived;

    /// <summary>Of the current generation.</summary>
    IceCredentials Local { get; }

    SelectedPath? Selected { get; }

    /// <summary>A new list is used from the next generation on: set it before <see cref="Restart"/>.</summary>
    /// <exception cref="ArgumentException">A server cannot be used; the message says which and why.</exception>
    IReadOnlyList<IceServer> IceServers { get; set; }

    /// <summary>Datagrams that arrived and were refused, those reasons that concern ICE.</summary>
    DiscardedPackets Discarded { get; }

    /// <summary>Begins to gather candidates for the current generation. Again after <see cref="Restart"/>.</summary>
    void StartGathering();

    /// <summary>New local credentials (RFC 8445 §9); the selected path carries media until another is found.</summary>
    void Restart();

    /// <summary>
    /// Takes the last <see cref="Restart"/> back, while the other side has not followed it: credentials and path are those of before. False, and nothing changes, when there was no path.
    /// </summary>
    bool TryUndoRestart();

    /// <summary>Begins or goes on to check, with the credentials of the other side.</summary>
    void SetRemote(IceCredentials remote, bool controlling);

    /// <summary>Malformed ones are counted and ignored.</summary>
    void AddRemoteCandidate(string candidate);

    /// <summary>Sends to the selected path; a no-op without one. Never blocks.</summary>
    void Send(ReadOnlySpan<byte> datagram);
}
