using MlvcRtc.WebRtc.Stun;

namespace MlvcRtc.WebRtc.Ice;

/// <summary>
/// Asks a STUN server how it sees one of our sockets (RFC 8445 §5.1.1.2), and asks again while the mapping has to be kept open. The server is not
/// authenticated: a forged answer costs a candidate that no check succeeds over. Pure: time comes in.
/// </summary>
internal sealed class MappingProbe(LocalBase localBase, TransportAddress server)
{
    /// <summary>4 requests in 0, 0.5, 1.5 and 3.5 s, and 8 s more for the last one's answer: a server that is down must not hold up the end of candidates longer.</summary>
    private const int Requests = 4;

    /// <summary>Tr, RFC 8445 §11.</summary>
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    private readonly byte[] _buffer = new byte[StunMessage.HeaderBytes + 8];
    private TransactionId _transaction;
    private Retransmission _retransmission;
    private TimeSpan _asked;
    private bool _waiting;

    public LocalBase Base { get; } = localBase;

    public TransportAddress Server { get; } = server;

    /// <summary>An answer came, or none will.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Null = not known.</summary>
    public TransportAddress? Mapped { get; private set; }

    public TimeSpan Due => _waiting ? _retransmission.Due : _asked + KeepAlive;

    public void Start(TimeSpan now)
    {
        _transaction = TransactionId.NewRandom();
        _retransmission = new Retransmission(now, Retransmission.DefaultRto, Requests);
        _asked = now;
        _waiting = true;
        Send();
    }

    public void Advance(TimeSpan now)
    {
        if (now < Due)
        {
            return;
        }

        if (!_waiting)
        {
            Start(now);
        }
        else if (_retransmission.Next(now))
        {
            Send();
        }
        else
        {
            _waiting = false;
            IsDone = true;
        }
    }

    /// <summary>False: not an answer to this question.</summary>
    public bool Receive(LocalBase localBase, TransportAddress from, StunMessage message)
    {
        if (!_waiting || message.Transaction != _transaction || message.Class is not (StunClass.Success or StunClass.Error)
            || from != Server || !ReferenceEquals(localBase, Base))
        {
            return false;
        }

        _waiting = false;
        IsDone = true;
        if (message.Class == StunClass.Success && message.TryGetXorAddress(StunAttribute.XorMappedAddress, out TransportAddress mapped))
        {
            Mapped ??= mapped;
        }

        return true;
    }

    private void Send()
    {
        StunWriter writer = new(_buffer, StunClass.Request, StunMethod.Binding, _transaction);
        writer.AddFingerprint();
        Base.Send(Server, writer.Written);
    }
}
