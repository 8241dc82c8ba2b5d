using MlvcRtc.WebRtc.Stun;

namespace MlvcRtc.WebRtc.Ice;

/// <summary>RFC 8445 §6.1.2.6.</summary>
internal enum PairState
{
    Frozen = 0,
    Waiting = 1,
    InProgress = 2,
    Succeeded = 3,
    Failed = 4,
}

/// <summary>A way from one of our bases to one of the other side's candidates (RFC 8445 §6.1.2).</summary>
internal sealed class CandidatePair(IceCandidate local, LocalBase localBase, IceCandidate remote)
{
    public IceCandidate Local { get; } = local;

    public LocalBase Base { get; } = localBase;

    public IceCandidate Remote { get; } = remote;

    public string Foundation { get; } = $"{local.Foundation}:{remote.Foundation}";

    /// <summary>Changes with the role.</summary>
    public ulong Priority { get; private set; }

    public PairState State { get; set; }

    /// <summary>In the triggered-check queue.</summary>
    public bool Queued { get; set; }

    /// <summary>Controlled: the other side asked for this pair; it is taken once our own check has succeeded (RFC 8445 §7.3.1.5).</summary>
    public bool Requested { get; set; }

    /// <summary>Controlling: the next check carries USE-CANDIDATE.</summary>
    public bool Nominating { get; set; }

    /// <summary>Of the last answered check.</summary>
    public TimeSpan? RoundTripTime { get; set; }

    /// <summary>How the other side and servers see our end: the mapped address makes it srflx or prflx (RFC 8445 §7.2.5.3.2).</summary>
    public CandidateType SeenAs { get; set; } = local.Type;

    /// <summary>When the first check succeeded last.</summary>
    public TimeSpan SucceededAt { get; set; }

    public bool IsRelayed => Local.Type == CandidateType.Relayed || Remote.Type == CandidateType.Relayed;

    public void Rank(bool controlling) => Priority = controlling
        ? CandidatePriority.OfPair(Local.Priority, Remote.Priority)
        : CandidatePriority.OfPair(Remote.Priority, Local.Priority);

    public bool Joins(LocalBase localBase, TransportAddress remote) => ReferenceEquals(Base, localBase) && Remote.Address == remote;
}
