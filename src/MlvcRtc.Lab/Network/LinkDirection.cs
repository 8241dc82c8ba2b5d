namespace MlvcRtc.Lab.Network;

/// <summary>
/// One way through the simulated network: bottleneck queue, then loss, then delay and jitter, then duplication and damage. The n-th packet
/// meets the same chances for the same seed, whatever the conditions, so that two runs differ only where they should.
/// Not safe for concurrent use; <see cref="SimulatedLink"/> guards it.
/// </summary>
internal sealed class LinkDirection(int seed, LinkSchedule schedule)
{
    /// <summary>IPv4 20 + UDP 8; part of what a bottleneck carries.</summary>
    private const int HeaderBytes = 28;

    private readonly Random _random = new(seed);
    private readonly Random _damage = new(unchecked(seed ^ 0x5A17));  // apart, so that the others' chances do not depend on it
    private readonly PriorityQueue<Flight, (TimeSpan At, long Order)> _inFlight = new();
    private readonly Stack<byte[]> _free = new();
    private TimeSpan _bottleneckFree;
    private TimeSpan _lastArrival;
    private long _packets;
    private long _order;

    /// <summary>Hears of every packet when it is sent.</summary>
    public event PacketJudged? Judged;

    public LinkSchedule Schedule { get; set; } = schedule;

    public LinkCounts Counts { get; private set; }

    public TimeSpan? NextArrival => _inFlight.TryPeek(out _, out (TimeSpan At, long Order) next) ? next.At : null;

    public void Send(ReadOnlySpan<byte> packet, TimeSpan now)
    {
        LinkConditions conditions = Schedule.At(now);
        double lossChance = _random.NextDouble();
        double jitterChance = _random.NextDouble();
        double duplicateChance = _random.NextDouble();
        double damageChance = _damage.NextDouble();
        double damagePlace = _damage.NextDouble();
        bool lost = conditions.Loss.Loses(_packets++, lossChance, now);
        Counts = Counts with { Sent = Counts.Sent + 1 };

        TimeSpan start = now;
        TimeSpan departure = now;
        if (conditions.RateKbps > 0)
        {
            start = _bottleneckFree > now ? _bottleneckFree : now;
            departure = start + TimeSpan.FromMilliseconds((packet.Length + HeaderBytes) * 8 / conditions.RateKbps);
        }

        bool overflows = start - now > conditions.QueueLimit;
        if (!overflows && conditions.RateKbps > 0)
        {
            _bottleneckFree = departure;
        }

        TimeSpan arrival = departure + conditions.Delay + (conditions.Jitter * jitterChance);
        if (!conditions.Reorders)
        {
            arrival = arrival > _lastArrival ? arrival : _lastArrival;
        }

        Judged?.Invoke(packet, new PacketFate(now, start - now, arrival, overflows || lost));
        if (overflows)
        {
            Counts = Counts with { Overflowed = Counts.Overflowed + 1 };
            return;
        }

        if (lost)
        {
            Counts = Counts with { Lost = Counts.Lost + 1 };
            return;
        }

        _lastArrival = arrival;
        byte[] flying = Fly(packet, arrival);
        if (duplicateChance * 100 < conditions.DuplicatePercent)
        {
            Fly(packet, arrival);
        }

        if (damageChance * 100 < conditions.CorruptPercent && packet.Length > 0)
        {
            int bit = (int)(damagePlace * packet.Length * 8);
            flying[bit / 8] ^= (byte)(1 << (bit % 8));
            Counts = Counts with { Corrupted = Counts.Corrupted + 1 };
        }
    }

    /// <summary>Takes the next packet that is here by <paramref name="now"/>; give its buffer back by <see cref="Return"/>.</summary>
    public bool TryReceive(TimeSpan now, out Flight flight, out TimeSpan arrival)
    {
        arrival = default;
        flight = default;
        if (!_inFlight.TryPeek(out _, out (TimeSpan At, long Order) next) || next.At > now)
        {
            return false;
        }

        flight = _inFlight.Dequeue();
        arrival = next.At;
        Counts = Counts with { Delivered = Counts.Delivered + 1, DeliveredBytes = Counts.DeliveredBytes + flight.Length };
        return true;
    }

    public void Return(Flight flight) => _free.Push(flight.Buffer);

    private byte[] Fly(ReadOnlySpan<byte> packet, TimeSpan arrival)
    {
        byte[] buffer = _free.TryPop(out byte[]? used) ? used : new byte[SimulatedLink.MaxPacketBytes];
        packet.CopyTo(buffer);
        _inFlight.Enqueue(new Flight(buffer, packet.Length), (arrival, _order++));
        return buffer;
    }

    internal readonly record struct Flight(byte[] Buffer, int Length);
}

/// <summary>What one direction did so far.</summary>
/// <param name="Sent">Packets given to the link.</param>
/// <param name="Lost">By the loss model.</param>
/// <param name="Overflowed">By the bottleneck's full queue.</param>
/// <param name="Delivered">Duplicates included.</param>
/// <param name="DeliveredBytes">Without IP and UDP headers.</param>
/// <param name="Corrupted">Delivered with a flipped bit.</param>
public readonly record struct LinkCounts(long Sent, long Lost, long Overflowed, long Delivered, long DeliveredBytes, long Corrupted = 0);
