using MlvcRtc.WebRtc.Stun;

namespace MlvcRtc.WebRtc.Ice;

/// <summary>One Binding request on its way.</summary>
internal sealed class Check(TransactionId transaction, CandidatePair pair, TimeSpan now, TimeSpan rto, bool nominates, bool forConsent)
{
    /// <summary>A consent check is sent once (RFC 7675 §5.1: the next one is another transaction); its answer may come until consent expires.</summary>
    private static readonly TimeSpan ConsentWait = Ice.Consent.Lifetime;

    private Retransmission _retransmission = forConsent ? new(now, ConsentWait, requests: 1) : new(now, rto);

    public TransactionId Transaction { get; } = transaction;

    public CandidatePair Pair { get; } = pair;

    public bool Nominates { get; } = nominates;

    public bool ForConsent { get; } = forConsent;

    /// <summary>Of the first request.</summary>
    public TimeSpan SentAt { get; } = now;

    /// <summary>An answer tells the round trip only if there was one request (Karn).</summary>
    public bool SentOnce => _retransmission.Sent == 1;

    /// <summary>Another check took its place: it is not sent again, but an answer still counts (RFC 8445 §7.3.1.4).</summary>
    public bool Superseded { get; set; }

    public TimeSpan Due => _retransmission.Due;

    /// <summary>At <see cref="Due"/>: true = wait on, after sending it again unless it is superseded; false = forget it.</summary>
    public bool GoesOn(TimeSpan now) => _retransmission.Next(now);
}
