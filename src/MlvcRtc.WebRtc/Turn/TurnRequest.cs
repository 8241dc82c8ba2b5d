using MlvcRtc.WebRtc.Stun;

namespace MlvcRtc.WebRtc.Turn;

/// <summary>One request to the server that awaits its answer.</summary>
internal sealed class TurnRequest(StunMethod method, TransportAddress peer = default, ushort channel = 0, uint? lifetime = null)
{
    /// <summary>Over UDP: after 0, 0.5, 1.5 and 3.5 s; a fifth would hold up the end of candidates.</summary>
    private const int Requests = 4;

    /// <summary>Bytes of REALM and of NONCE at most (RFC 8489 §§14.9, 14.10): the server chose them, and we repeat them.</summary>
    public const int MaxQuotedBytes = 763;

    /// <summary>17 = UDP, in the first byte (RFC 8656 §18.8).</summary>
    private const uint RequestedUdp = 17u << 24;

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

    /// <summary>Begins the message; credentials and signature are to follow.</summary>
    public StunWriter Write(Span<byte> buffer)
    {
        StunWriter writer = new(buffer, StunClass.Request, Method, Transaction);
        switch (Method)
        {
            case StunMethod.Allocate:
                writer.Add(StunAttribute.RequestedTransport, RequestedUdp);
                break;
            case StunMethod.ChannelBind:
                writer.Add(StunAttribute.ChannelNumber, (uint)Channel << 16);
                writer.AddXorAddress(StunAttribute.XorPeerAddress, Peer);
                break;
            case StunMethod.CreatePermission:
                writer.AddXorAddress(StunAttribute.XorPeerAddress, Peer);
                break;
        }

        if (Lifetime is { } lifetime)
        {
            writer.Add(StunAttribute.Lifetime, lifetime);
        }

        return writer;
    }

    /// <summary>At <see cref="Due"/>: true = send again, false = no answer will come.</summary>
    public bool Next(TimeSpan now) => _retransmission.Next(now);
}
