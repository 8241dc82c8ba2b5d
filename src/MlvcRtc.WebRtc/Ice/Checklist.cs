using MlvcRtc.WebRtc.Stun;

namespace MlvcRtc.WebRtc.Ice;

/// <summary>
/// The pairs of one generation, best first, and which is checked next (RFC 8445 §§6.1.2, 6.1.4.2; pairs that come later, RFC 8838 §12). Pure: it sends nothing and knows no clock.
/// </summary>
internal sealed class Checklist
{
    /// <summary>RFC 8445 §6.1.2.5 names this default. It stops a stranger's list from making us send to the whole world.</summary>
    public const int MaxPairs = 100;

    private readonly List<CandidatePair> _pairs = [];
    private readonly LinkedList<CandidatePair> _triggered = [];

    /// <summary>Best first.</summary>
    public IReadOnlyList<CandidatePair> Pairs => _pairs;

    /// <summary>Pairs that are yet to be checked, or whose check is under way.</summary>
    public bool HasWork => _triggered.Count > 0 || _pairs.Exists(pair => pair.State < PairState.Succeeded);

    /// <summary>Something could be sent at the next opportunity.</summary>
    public bool HasNext(bool ordinary) => _triggered.Count > 0 || (ordinary && _pairs.Exists(pair => pair.State <= PairState.Waiting));

    public CandidatePair? Find(LocalBase localBase, TransportAddress remote) => _pairs.Find(pair => pair.Joins(localBase, remote));

    /// <summary>The new pair; null when it cannot be (another family), is there already, or when better ones fill the list.</summary>
    public CandidatePair? Add(IceCandidate local, LocalBase localBase, IceCandidate remote, bool controlling)
    {
        if (local.Address.IsV6 != remote.Address.IsV6 || Find(localBase, remote.Address) is not null)
        {
            return null;
        }

        CandidatePair pair = new(local, localBase, remote);
        pair.Rank(controlling);
        if (_pairs.Count >= MaxPairs && !MakeRoom(pair.Priority))
        {
            return null;
        }

        // Of several pairs with one foundation the first is tried; the others follow when it succeeded or nothing else is left.
        CandidatePair? kin = _pairs.Find(other => other.Foundation == pair.Foundation && other.State != PairState.Failed);
        pair.State = kin is null || kin.State == PairState.Succeeded ? PairState.Waiting : PairState.Frozen;
        int at = _pairs.FindIndex(other => other.Priority < pair.Priority);
        _pairs.Insert(at < 0 ? _pairs.Count : at, pair);
        return pair;
    }

    /// <summary>The role changed.</summary>
    public void Rank(bool controlling)
    {
        _pairs.ForEach(pair => pair.Rank(controlling));
        _pairs.Sort((left, right) => right.Priority.CompareTo(left.Priority));
    }

    /// <summary>To be checked before all others (RFC 8445 §7.3.1.4); <paramref name="first"/>: even before other triggered ones.</summary>
    public void Trigger(CandidatePair pair, bool first = false)
    {
        if (pair.Queued)
        {
            return;
        }

        pair.Queued = true;
        if (first)
        {
            _triggered.AddFirst(pair);
        }
        else
        {
            _triggered.AddLast(pair);
        }
    }

    /// <summary>What to check now; null = nothing is waiting.</summary>
    /// <param name="ordinary">False: triggered checks only, since a path is already in use.</param>
    public CandidatePair? Next(bool ordinary)
    {
        while (_triggered.First is { } head)
        {
            _triggered.RemoveFirst();
            head.Value.Queued = false;
            if (head.Value.State != PairState.Succeeded || head.Value.Nominating)
            {
                return head.Value;
            }
        }

        if (!ordinary)
        {
            return null;
        }

        return _pairs.Find(pair => pair.State == PairState.Waiting)
            ?? _pairs.Find(pair => pair.State == PairState.Frozen
                && !_pairs.Exists(other => other.Foundation == pair.Foundation && other.State == PairState.InProgress));
    }

    /// <summary>A check succeeded: what shares its foundation need not wait any longer.</summary>
    public void Unfreeze(string foundation)
    {
        foreach (CandidatePair pair in _pairs)
        {
            if (pair.State == PairState.Frozen && pair.Foundation == foundation)
            {
                pair.State = PairState.Waiting;
            }
        }
    }

    /// <summary>The base is gone, and everything that left from it.</summary>
    public void Remove(LocalBase localBase) => RemoveWhere(pair => ReferenceEquals(pair.Base, localBase));

    /// <summary>The worst pair that nothing is known of yet leaves for a better one.</summary>
    private bool MakeRoom(ulong priority)
    {
        CandidatePair? worst = _pairs.FindLast(pair => pair.State is PairState.Frozen or PairState.Waiting or PairState.Failed && !pair.Queued);
        if (worst is null || (worst.Priority >= priority && worst.State != PairState.Failed))
        {
            return false;
        }

        RemoveWhere(pair => ReferenceEquals(pair, worst));
        return true;
    }

    private void RemoveWhere(Predicate<CandidatePair> match)
    {
        foreach (CandidatePair pair in _pairs.FindAll(match))
        {
            _pairs.Remove(pair);
            _triggered.Remove(pair);
            pair.State = PairState.Failed;
        }
    }
}
