using MlvcRtc.WebRtc.Stun;

namespace MlvcRtc.WebRtc.Ice;

/// <summary>Where datagrams leave: a socket, or an allocation on a relay (RFC 8445 §4, "base").</summary>
internal abstract class LocalBase(TransportAddress address, CandidateType type)
{
    private TransportAddress[] _answered = [];
    private long _lastArrival;

    public TransportAddress Address { get; } = address;

    /// <summary><see cref="CandidateType.Host"/> or <see cref="CandidateType.Relayed"/>.</summary>
    public CandidateType Type { get; } = type;

    /// <summary>The last datagram from an address that answered a check; on the clock of the arrivals.</summary>
    public TimeSpan LastArrival => TimeSpan.FromTicks(Interlocked.Read(ref _lastArrival));

    /// <summary>Sends one datagram. False: the system refused it, and will refuse the next one too (no route, no such address any more).</summary>
    public abstract bool Send(TransportAddress remote, ReadOnlySpan<byte> datagram);

    /// <summary>Media will flow to this address: a relay makes it cheap.</summary>
    public virtual void Prefer(TransportAddress remote)
    {
    }

    /// <summary>From now on datagrams from this address are heard. Called under the agent's lock.</summary>
    public void Trust(TransportAddress remote)
    {
        if (!_answered.Contains(remote))
        {
            Volatile.Write(ref _answered, [.. _answered, remote]);
        }
    }

    /// <summary>Whether the address answered a check. From any thread, without garbage.</summary>
    public bool Trusts(TransportAddress remote)
    {
        foreach (TransportAddress answered in Volatile.Read(ref _answered))
        {
            if (answered == remote)
            {
                return true;
            }
        }

        return false;
    }

    public void NoteArrival(TimeSpan now) => Interlocked.Exchange(ref _lastArrival, now.Ticks);
}
