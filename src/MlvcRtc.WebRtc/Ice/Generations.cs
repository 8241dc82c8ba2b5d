using System.Net;
using MlvcRtc.WebRtc.Stun;

namespace MlvcRtc.WebRtc.Ice;

/// <summary>
/// The generation in use and, while a restart looks for a path, the one before it, which carries media until then (RFC 8445 §9). Everything happens under the agent's lock.
/// </summary>
/// <param name="make">Makes the next one, with fresh credentials.</param>
internal sealed class Generations(Func<IceGeneration> make)
{
    /// <summary>The old path stays that long after a restart found a new one: datagrams under way still arrive, and the other side may be a little later.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private readonly List<Task> _endings = [];
    private IceGeneration? _previous;
    private TimeSpan? _previousEnds;

    public IceGeneration Current { get; private set; } = make();

    /// <summary>When the threads of all that were given up have ended.</summary>
    public Task Ended => Task.WhenAll(_endings);

    public void Restart()
    {
        // The generation that carries media stays; one that never did goes.
        if (Current.Session.Selected is not null)
        {
            GiveUp(_previous);
            _previous = Current;
            _previousEnds = null;
        }
        else
        {
            GiveUp(Current);
        }

        Current = make();
    }

    /// <summary>Back to the generation that carries media; false when there is none, or media has moved on.</summary>
    public bool TryUndoRestart()
    {
        if (_previous is null || Current.Session.Selected is not null)
        {
            return false;
        }

        GiveUp(Current);
        (Current, _previous) = (_previous, null);
        return true;
    }

    /// <summary>Does what is due; returns when to come again.</summary>
    public TimeSpan Advance(TimeSpan now)
    {
        TimeSpan due = Current.Advance(now);
        if (_previous is { } previous)
        {
            TimeSpan next = previous.Advance(now);
            due = next < due ? next : due;
            if (Current.Session.Selected is not null)
            {
                _previousEnds ??= now + Farewell;
                due = _previousEnds.Value < due ? _previousEnds.Value : due;
            }

            if (now >= _previousEnds)
            {
                GiveUp(previous);
                _previous = null;
            }
        }

        return due;
    }

    /// <summary>How it stands, and the pair that media takes; null = none.</summary>
    public (IceState State, CandidatePair? Route) Path(TimeSpan now)
    {
        IceState state = Current.Session.State(now);
        CandidatePair? selected = Current.Session.Selected;

        // Restarting: the old path carries media until the new one is nominated.
        if (selected is null && _previous is { } previous && previous.Session.State(now) is var old and (IceState.Connected or IceState.Disconnected))
        {
            selected = previous.Session.Selected;
            state = old == IceState.Connected ? old : state == IceState.New ? old : state;
        }

        // Without consent nothing is sent (RFC 7675 §5.1).
        return (state, state == IceState.Failed ? null : selected);
    }

    /// <summary>A STUN message arrived. False: it is of neither.</summary>
    public bool Receive(LocalBase localBase, TransportAddress from, StunMessage message, TimeSpan now) =>
        Current.Receive(localBase, from, message, now) || (_previous is { } previous && previous.Receive(localBase, from, message, now));

    /// <summary>The system refused a datagram of media.</summary>
    public void Refused(LocalBase localBase)
    {
        Current.Session.Refused(localBase);
        _previous?.Session.Refused(localBase);
    }

    /// <summary>The addresses of this machine changed.</summary>
    public void Follow(IReadOnlyList<IPAddress> addresses, TimeSpan now)
    {
        Current.Follow(addresses, isCurrent: true, now);
        _previous?.Follow(addresses, isCurrent: false, now);
    }

    public void GiveUpAll()
    {
        GiveUp(Current);
        GiveUp(_previous);
    }

    private void GiveUp(IceGeneration? generation)
    {
        _endings.RemoveAll(static ending => ending.IsCompleted);
        generation?.Dispose();
        _endings.Add(generation?.Ended ?? Task.CompletedTask);
    }
}
