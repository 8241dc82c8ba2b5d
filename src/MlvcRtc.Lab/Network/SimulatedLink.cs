using MlvcRtc.Media;
using MlvcRtc.Rtp;

namespace MlvcRtc.Lab.Network;

/// <summary>
/// A network in a box: two ends joined by two directions with seeded impairments. Nothing arrives by itself: somebody calls
/// <see cref="Deliver"/>, a test under virtual time or a <see cref="LinkPump"/> in real time. Sending is thread-safe.
/// </summary>
public sealed class SimulatedLink
{
    /// <summary>Ethernet's MTU less IPv4 and UDP headers, rounded up.</summary>
    public const int MaxPacketBytes = 1500;

    private readonly Lock _guard = new();
    private readonly TimeProvider _time;
    private readonly LinkDirection _aToB;
    private readonly LinkDirection _bToA;
    private readonly End _a;
    private readonly End _b;

    /// <param name="seed">Same seed, same packets: same decisions.</param>
    /// <param name="time">Tells when packets are sent; its clock is the clock of arrivals.</param>
    public SimulatedLink(LinkConditions aToB, LinkConditions bToA, int seed, TimeProvider time)
    {
        _time = time;
        _aToB = new LinkDirection(seed, aToB);
        _bToA = new LinkDirection(unchecked(seed + 1), bToA);
        _a = new End(this, _aToB);
        _b = new End(this, _bToA);
    }

    /// <summary>Raised, outside all locks, when a packet was sent and <see cref="NextArrival"/> may be earlier than before.</summary>
    internal event Action? Sent;

    /// <summary>What becomes of each packet from A to B, told when it is sent, under the link's lock.</summary>
    public event PacketJudged? JudgedAToB
    {
        add => _aToB.Judged += value;
        remove => _aToB.Judged -= value;
    }

    /// <inheritdoc cref="JudgedAToB"/>
    public event PacketJudged? JudgedBToA
    {
        add => _bToA.Judged += value;
        remove => _bToA.Judged -= value;
    }

    public IPacketLink A => _a;

    public IPacketLink B => _b;

    /// <summary>May be changed while packets fly; those in flight keep their fate. Setting it replaces the schedule.</summary>
    public LinkConditions ConditionsAToB
    {
        get => Guarded(() => _aToB.Schedule.At(MediaClock.Now(_time)));
        set => ScheduleAToB = value;
    }

    /// <inheritdoc cref="ConditionsAToB"/>
    public LinkConditions ConditionsBToA
    {
        get => Guarded(() => _bToA.Schedule.At(MediaClock.Now(_time)));
        set => ScheduleBToA = value;
    }

    /// <summary>Conditions over the time of the link's clock. May be changed while packets fly.</summary>
    public LinkSchedule ScheduleAToB
    {
        get => Guarded(() => _aToB.Schedule);
        set => Guarded(() => _aToB.Schedule = value);
    }

    /// <inheritdoc cref="ScheduleAToB"/>
    public LinkSchedule ScheduleBToA
    {
        get => Guarded(() => _bToA.Schedule);
        set => Guarded(() => _bToA.Schedule = value);
    }

    public LinkCounts CountsAToB => Guarded(() => _aToB.Counts);

    public LinkCounts CountsBToA => Guarded(() => _bToA.Counts);

    /// <summary>When <see cref="Deliver"/> has something to do; null = nothing flies.</summary>
    public TimeSpan? NextArrival
    {
        get
        {
            lock (_guard)
            {
                return Earlier(_aToB.NextArrival, _bToA.NextArrival);
            }
        }
    }

    /// <summary>Hands over what is here by <paramref name="now"/>, in order of arrival. One thread at a time.</summary>
    public void Deliver(TimeSpan now)
    {
        while (NextDirection(now) is { } direction)
        {
            LinkDirection.Flight flight;
            TimeSpan arrival;
            lock (_guard)
            {
                direction.TryReceive(now, out flight, out arrival);
            }

            End receiver = direction == _aToB ? _b : _a;
            receiver.Receive(flight.Buffer.AsSpan(0, flight.Length), arrival);
            lock (_guard)
            {
                direction.Return(flight);
            }
        }
    }

    private static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other : one;

    private LinkDirection? NextDirection(TimeSpan now)
    {
        lock (_guard)
        {
            TimeSpan? next = Earlier(_aToB.NextArrival, _bToA.NextArrival);
            return next is null || next > now ? null : next == _aToB.NextArrival ? _aToB : _bToA;
        }
    }

    private T Guarded<T>(Func<T> read)
    {
        lock (_guard)
        {
            return read();
        }
    }

    private void Send(LinkDirection direction, ReadOnlySpan<byte> packet)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(packet.Length, MaxPacketBytes, nameof(packet));
        lock (_guard)
        {
            direction.Send(packet, MediaClock.Now(_time));
        }

        Sent?.Invoke();
    }

    private sealed class End(SimulatedLink link, LinkDirection outgoing) : IPacketLink
    {
        public event PacketArrived? Arrived;

        public void Send(ReadOnlySpan<byte> packet) => link.Send(outgoing, packet);

        public void Receive(ReadOnlySpan<byte> packet, TimeSpan arrival) => Arrived?.Invoke(packet, arrival);
    }
}
