namespace MlvcRtc.WebRtc.Stun;

/// <summary>When one request over UDP is sent again and when it is given up (RFC 8489 §6.2.1): after RTO, 2 RTO, 4 RTO …; the last one waits 16 RTO.</summary>
internal struct Retransmission
{
    /// <summary>RFC 8489 §6.2.1, RFC 8445 §14.3.</summary>
    public static readonly TimeSpan DefaultRto = TimeSpan.FromMilliseconds(500);

    /// <summary>Rc: requests in all (RFC 8489 §6.2.1).</summary>
    public const int DefaultRequests = 7;

    /// <summary>Rm: how many RTO the last request waits (RFC 8489 §6.2.1).</summary>
    private const int LastWait = 16;

    private readonly int _requests;
    private readonly TimeSpan _rto;
    private TimeSpan _wait;

    /// <param name="now">When the first request is sent.</param>
    public Retransmission(TimeSpan now, TimeSpan rto, int requests = DefaultRequests)
    {
        _rto = rto;
        _wait = rto;
        _requests = requests;
        Sent = 1;
        Due = now + rto;
    }

    /// <summary>Requests so far.</summary>
    public int Sent { get; private set; }

    /// <summary>When to call <see cref="Next"/>.</summary>
    public TimeSpan Due { get; private set; }

    /// <summary>At <see cref="Due"/>: true = send again, false = nobody will answer.</summary>
    public bool Next(TimeSpan now)
    {
        if (Sent >= _requests)
        {
            return false;
        }

        Sent++;
        _wait *= 2;
        Due = now + (Sent == _requests ? _rto * LastWait : _wait);
        return true;
    }
}
