namespace MlvcRtc.WebRtc.Ice;

/// <summary>When the controlling side stops looking for better pairs (regular nomination, RFC 8445 §8.1.1; its stopping criterion is ours to choose). Pure.</summary>
internal sealed class Nomination
{
    /// <summary>A direct path works: better ones get two slots of the pacing more. Longer would be felt by who joins.</summary>
    private static readonly TimeSpan DirectPatience = TimeSpan.FromMilliseconds(100);

    /// <summary>Only a relayed path works: a direct one is worth a round trip across the world, for delay and for who pays the relay.</summary>
    private static readonly TimeSpan RelayedPatience = TimeSpan.FromMilliseconds(250);

    private TimeSpan _due = TimeSpan.MaxValue;
    private TimeSpan _begun;

    /// <summary>Successes from before do not count any more.</summary>
    public void Begin(TimeSpan now) => _begun = now;

    /// <summary>When to ask again; far away when nothing but an answer can change the choice.</summary>
    public TimeSpan Due(TimeSpan now) => _due > now ? _due : TimeSpan.MaxValue;

    /// <summary>The pair to nominate now, or null; only once the same.</summary>
    /// <param name="complete">Both sides have told all their candidates: nothing better than what the list holds will come.</param>
    public CandidatePair? Choose(Checklist list, TimeSpan now, bool complete)
    {
        _due = TimeSpan.MaxValue;
        bool betterPending = false;
        foreach (CandidatePair pair in list.Pairs)  // best first
        {
            if (pair.Nominating && pair.State != PairState.Failed)
            {
                return null;  // asked already; its answer, or its failure, comes
            }

            if (pair.State == PairState.Succeeded && pair.SucceededAt >= _begun)
            {
                _due = pair.SucceededAt + (pair.IsRelayed ? RelayedPatience : DirectPatience);
                return now >= _due || (!betterPending && (complete || !pair.IsRelayed)) ? pair : null;
            }

            betterPending |= pair.State < PairState.Succeeded;
        }

        return null;
    }
}
