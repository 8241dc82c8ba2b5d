using MlvcRtc.WebRtc.Stun;

namespace MlvcRtc.WebRtc.Turn;

/// <summary>One request to the server that awaits its answer.</summary>
internal sealed class TurnRequest(StunMethod method, TransportAddress peer = default, ushort channel = 0, uint? lifetime = null)
{
    /// <summary>Over UDP: after 0, 0.5, 1.5 and 3.5 s; a fifth would hold up the end of candidates.</summary>
    private const int Requests = 4;

    /// <summary>Over a stream nothing is repeated. RFC 8489 §6.2.2 allows 39.5 s; who joins a call will not wait that long.</summary>
    private static readonly TimeSpan StreamTimeout = TimeSpan.FromSeconds(10);

    private Retransmission _retransmission;

    public StunMethod Method { get; } = method;

    /// <summary>Of CreatePermission and ChannelBind.</summary>
    public TransportAddress Peer { get; } = peer;

    public ushort Channel { get; } = channel;

    /// <summary>Seconds; null = the server's default.</summary>
    public uint? Lifetime { get; } = lifetime;

    public TransactionId Transaction { get; private set; }

    /// <summary>How often it began anew, with another nonce.</summary>
    public int Attempts { get; private set; }

    public TimeSpan Due => _retransmission.Due;

    public void Begin(TimeSpan now, bool reliable)
    {
        Transaction = TransactionId.NewRandom();
        Attempts++;
        _retransmission = reliable ? new(now, StreamTimeout, requests: 1) : new(now, Retransmission.DefaultRto, Requests);
    }

    /// <summary>At <see cref="Due"/>: true = send again, false = no answer will come.</summary>
    public bool Next(TimeSpan now) => _retransmission.Next(now);
}
