using System.Text;
using MlvcRtc.WebRtc.Stun;

namespace MlvcRtc.WebRtc.Ice;

/// <summary>
/// One generation of ICE (RFC 8445): candidates become pairs, pairs are checked, one is nominated and kept alive. Pure: time and datagrams come in,
/// datagrams go out through the bases. Not thread-safe; a restart makes a new one.
/// </summary>
/// <param name="local">Our credentials of this generation.</param>
/// <param name="tieBreaker">Decides who controls when both sides think they do (RFC 8445 §7.3.1.1).</param>
/// <param name="counters">What is refused is counted there.</param>
/// <param name="random">For the intervals of consent checks.</param>
internal sealed partial class IceSession(IceCredentials local, ulong tieBreaker, IceCounters counters, Random random)
{
    /// <summary>Ta (RFC 8445 §14.2): the least time between two new checks.</summary>
    public static readonly TimeSpan Pacing = TimeSpan.FromMilliseconds(50);

    /// <summary>Two slots of the pacing.</summary>
    private static readonly TimeSpan MinRto = 2 * Pacing;

    /// <summary>Of each side. Stops lists without end; browsers tell 10 to 20.</summary>
    public const int MaxCandidates = 50;

    /// <summary>Transactions that may be open, two for each pair; a check more waits.</summary>
    private const int MaxChecks = 2 * Checklist.MaxPairs;

    private readonly byte[] _localKey = Encoding.ASCII.GetBytes(local.Password);
    private readonly byte[] _buffer = new byte[StunWriter.BufferBytes];
    private readonly Checklist _list = new();
    private readonly Dictionary<TransactionId, Check> _checks = [];
    private readonly List<(IceCandidate Candidate, LocalBase Base)> _locals = [];
    private readonly List<IceCandidate> _mapped = [];
    private readonly List<IceCandidate> _remotes = [];
    private readonly Nomination _nomination = new();
    private readonly CheckFailure _failure = new();
    private readonly List<Check> _due = [];
    private IceCredentials? _remote;
    private byte[] _remoteKey = [];
    private string _username = "";
    private TimeSpan _nextCheck;
    private bool _revived;
    private int _peerReflexives;

    public IceCredentials Local { get; } = local;

    public IceCredentials? Remote => _remote;

    public bool Controlling { get; private set; }

    /// <summary>The pair that carries media; null before one is nominated.</summary>
    public CandidatePair? Selected { get; private set; }

    /// <summary>Of <see cref="Selected"/>.</summary>
    public Consent? Consent { get; private set; }

    /// <summary>How often <see cref="Selected"/> changed.</summary>
    public int Selections { get; private set; }

    public IReadOnlyList<CandidatePair> Pairs => _list.Pairs;

    /// <summary>No local candidates will follow.</summary>
    public bool LocalEnded { get; set; }

    /// <summary>The other side has no more candidates.</summary>
    public bool RemoteEnded { get; set; }

    public IceState State(TimeSpan now)
    {
        if (Selected is { } selected && Consent is { } consent)
        {
            return consent.IsExpired(now) ? IceState.Failed
                : consent.IsSilent(now, selected.Base.LastArrival) ? IceState.Disconnected
                : IceState.Connected;
        }

        return _remote is null ? IceState.New : _failure.HasFailed(now) ? IceState.Failed : IceState.Checking;
    }

    /// <summary>Checks may begin.</summary>
    public void SetRemote(IceCredentials remote, bool controlling, TimeSpan now)
    {
        _remote = remote;
        _remoteKey = Encoding.ASCII.GetBytes(remote.Password);
        _username = $"{remote.UsernameFragment}:{Local.UsernameFragment}";
        if (_remotes.RemoveAll(candidate => !IsOf(candidate, remote)) is > 0 and int foreign)
        {
            for (int count = 0; count < foreign; count++)
            {
                counters.RefusedCandidate();
            }
        }

        Controlling = controlling;
        _remotes.ForEach(Pair);
        _list.Rank(controlling);
        _failure.Progress(now);
        Advance(now);
    }

    /// <summary>A host or relayed candidate; checks leave from its base.</summary>
    public void AddLocal(IceCandidate candidate, LocalBase localBase, TimeSpan now)
    {
        if (_locals.Count >= MaxCandidates)
        {
            return;
        }

        _locals.Add((candidate, localBase));
        _remotes.ForEach(Pair);
        _failure.Progress(now);
        Advance(now);
    }

    /// <summary>A server reflexive candidate: told to the other side, but its checks leave from the base that already has pairs (RFC 8445 §6.1.2.4).</summary>
    public void AddMapped(IceCandidate candidate) => _mapped.Add(candidate);

    /// <summary>The base is no longer there.</summary>
    public void RemoveBase(LocalBase localBase)
    {
        _locals.RemoveAll(candidate => ReferenceEquals(candidate.Base, localBase));
        _list.Remove(localBase);
        if (ReferenceEquals(Selected?.Base, localBase))
        {
            Consent!.Lost();
        }
    }

    /// <summary>The system refused a datagram of media: the path is gone, or about to come back.</summary>
    public void Refused(LocalBase localBase)
    {
        if (ReferenceEquals(Selected?.Base, localBase))
        {
            Consent!.Lost();
        }
    }

    public void AddRemote(IceCandidate candidate, TimeSpan now)
    {
        if (_remotes.Count >= MaxCandidates || (_remote is { } remote && !IsOf(candidate, remote)))
        {
            counters.RefusedCandidate();
            return;
        }

        // A check may have come from there before the line did: what it learnt stays (RFC 8445 §7.3.1.3).
        if (!_remotes.Exists(known => known.Address == candidate.Address))
        {
            _remotes.Add(candidate);
            Pair(candidate);
        }

        _failure.Progress(now);
        Advance(now);
    }

    /// <summary>Does what is due; returns when to come again.</summary>
    public TimeSpan Advance(TimeSpan now)
    {
        RepeatChecks(now);
        if (_remote is null)
        {
            return TimeSpan.MaxValue;
        }

        Nominate(now);
        bool searching = Selected is null || _revived;
        if (now >= _nextCheck && _checks.Count < MaxChecks && _list.Next(searching) is { } next)
        {
            Start(next, now, forConsent: false);
            _nextCheck = now + Pacing;
        }

        KeepConsent(now);
        _failure.Update(now, Selected is not null, _list.HasWork, LocalEnded && RemoteEnded);
        return NextDue(now, searching);
    }

    private static bool IsOf(IceCandidate candidate, IceCredentials remote) =>
        candidate.UsernameFragment is null || candidate.UsernameFragment == remote.UsernameFragment;

    private void Pair(IceCandidate remote)
    {
        if (_remote is null)
        {
            return;  // whether the candidate is of this generation is known with the credentials
        }

        foreach ((IceCandidate candidate, LocalBase localBase) in _locals)
        {
            _list.Add(candidate, localBase, remote, Controlling);
        }
    }

    private void Succeed(CandidatePair pair, TransportAddress mapped, TimeSpan now)
    {
        if (pair.State != PairState.Succeeded)
        {
            pair.State = PairState.Succeeded;
            pair.SucceededAt = now;
        }

        if (pair.Local.Type == CandidateType.Host && mapped != pair.Base.Address)
        {
            pair.SeenAs = _mapped.Exists(candidate => candidate.Address == mapped) ? CandidateType.ServerReflexive : CandidateType.PeerReflexive;
        }

        pair.Base.Trust(pair.Remote.Address);
        _list.Unfreeze(pair.Foundation);
    }

    /// <summary>The pair is nominated and works.</summary>
    private void Consider(CandidatePair pair, TimeSpan now)
    {
        pair.Requested = false;
        if (ReferenceEquals(pair, Selected))
        {
            return;
        }

        // The other side may nominate more than one pair, and the best counts (RFC 5245 §8.1.1.2 peers do so); a worse one counts when the present one has gone quiet.
        if (Selected is { } present && !Controlling && pair.Priority < present.Priority && !Consent!.IsQuiet(now, present.Base.LastArrival))
        {
            return;
        }

        Selected = pair;
        Selections++;
        Consent = new Consent(now, random);
        _revived = false;
        pair.Base.Prefer(pair.Remote.Address);
    }

    /// <summary>Controlling: asks the other side to use the best pair (RFC 8445 §8.1.1).</summary>
    private void Nominate(TimeSpan now)
    {
        if (Controlling && (Selected is null || _revived) && _nomination.Choose(_list, now, LocalEnded && RemoteEnded) is { } best)
        {
            best.Nominating = true;
            _list.Trigger(best, first: true);
        }
    }

    private void Start(CandidatePair pair, TimeSpan now, bool forConsent)
    {
        bool nominates = Controlling && (pair.Nominating || forConsent);
        foreach (Check earlier in _checks.Values)
        {
            earlier.Superseded |= !forConsent && ReferenceEquals(earlier.Pair, pair);
        }

        if (!forConsent && pair.State != PairState.Succeeded)
        {
            pair.State = PairState.InProgress;
        }

        Check check = new(TransactionId.NewRandom(), pair, now, Rto(pair), nominates, forConsent);
        _checks.Add(check.Transaction, check);
        Send(check);
    }

    /// <summary>RFC 8445 §14.3: max(500 ms, Ta * number of checks that are due); where the round trip is known, from it (RFC 8489 §6.2.1), so that a lost nomination costs little.</summary>
    private TimeSpan Rto(CandidatePair pair)
    {
        if (pair.RoundTripTime is { } known)
        {
            TimeSpan measured = 3 * known;  // RFC 6298 §2.2: after the first measurement, R + 4 * R / 2
            return measured < MinRto ? MinRto : measured < Retransmission.DefaultRto ? measured : Retransmission.DefaultRto;
        }

        TimeSpan paced = Pacing * _list.Pairs.Count(other => other.State is PairState.Waiting or PairState.InProgress);
        return paced > Retransmission.DefaultRto ? paced : Retransmission.DefaultRto;
    }

    private bool Send(Check check) => check.Pair.Base.Send(
        check.Pair.Remote.Address,
        CheckMessages.Request(
            _buffer,
            check.Transaction,
            _username,
            _remoteKey,
            CandidatePriority.Of(CandidateType.PeerReflexive, (ushort)(check.Pair.Local.Priority >> 8)),
            Controlling,
            tieBreaker,
            check.Nominates && Controlling));

    private void RepeatChecks(TimeSpan now)
    {
        _due.Clear();
        foreach (Check check in _checks.Values)
        {
            if (now >= check.Due)
            {
                _due.Add(check);
            }
        }

        foreach (Check check in _due)
        {
            if (check.GoesOn(now))
            {
                if (!check.Superseded)
                {
                    Send(check);
                }

                continue;
            }

            _checks.Remove(check.Transaction);
            if (!check.Superseded && !check.ForConsent && !ReferenceEquals(check.Pair, Selected))
            {
                // What worked once gets an ordinary check before it is given up: the other side waits for our nomination.
                check.Pair.State = check.Pair.Nominating ? PairState.Waiting : PairState.Failed;
                check.Pair.Nominating = false;
            }
        }
    }

    private void KeepConsent(TimeSpan now)
    {
        if (Selected is not { } selected || Consent is not { } consent || consent.IsExpired(now))
        {
            return;
        }

        if (now >= consent.Due(selected.Base.LastArrival))
        {
            consent.Sent(now);
            Start(selected, now, forConsent: true);
        }

        // The path is silent: the other pairs, if there are any, get their chance before the signaling has to help.
        if (!_revived && consent.IsSilent(now, selected.Base.LastArrival))
        {
            _revived = true;
            _nomination.Begin(now);
            foreach (CandidatePair pair in _list.Pairs)
            {
                pair.Nominating = false;
                pair.State = ReferenceEquals(pair, selected) ? pair.State : PairState.Waiting;
            }
        }
    }

    private TimeSpan NextDue(TimeSpan now, bool searching)
    {
        TimeSpan due = _list.HasNext(searching) ? (_nextCheck > now ? _nextCheck : now + Pacing) : TimeSpan.MaxValue;
        foreach (Check check in _checks.Values)
        {
            due = check.Due < due ? check.Due : due;
        }

        if (Selected is { } selected && Consent is { } consent && !consent.IsExpired(now))
        {
            TimeSpan next = consent.Due(selected.Base.LastArrival);
            TimeSpan verdict = consent.Verdict(now, selected.Base.LastArrival);
            due = next < due ? next : due;
            due = verdict < due ? verdict : due;
        }

        TimeSpan patience = Controlling && searching ? _nomination.Due(now) : TimeSpan.MaxValue;
        due = patience < due ? patience : due;
        TimeSpan failure = _failure.Due(now);
        return failure < due ? failure : due;
    }
}
