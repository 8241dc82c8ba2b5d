namespace MlvcRtc.Lab.Network;

/// <summary>
/// One way through the simulated network: bottleneck queue, then loss, then delay and jitter, then duplication. The n-th packet
/// meets the same chances for the same seed, whatever the conditions, so that two runs differ only where they should.
/// Not safe for concurrent use; <see cref="SimulatedLink"/> guards it.
/// </summary>
internal sealed class LinkDirection(int seed, LinkConditions conditions)
{
    /// <summary>IPv4 20 + UDP 8; part of what a bottleneck carries.</summary>
    private const int HeaderBytes = 28;

    private readonly Random _random = new(seed);
    private readonly PriorityQueue<Flight, (TimeSpan At, long Order)> _inFlight = new();
    private readonly Stack<byte[]> _free = new();
    private TimeSpan _bottleneckFree;
    private TimeSpan _lastArrival;
    private long _packets;
    private long _order;

    public LinkConditions Conditions { get; set; } = conditions;

    public LinkCounts Counts { get; private set; }

    public TimeSpan? NextArrival => _inFlight.TryPeek(out _, out (TimeSpan At, long Order) next) ? next.At : null;

    public void Send(ReadOnlySpan<byte> packet, TimeSpan now)
    {
        double lossChance = _random.NextDouble();
        double jitterChance = _random.NextDouble();
        double duplicateChance = _random.NextDouble();
        long index = _packets++;
        Counts = Counts with { Sent = Counts.Sent + 1 };

        TimeSpan departure = now;
        if (Conditions.RateKbps > 0)
        {
            TimeSpan start = _bottleneckFree > now ? _bottleneckFree : now;
            if (start - now > Conditions.QueueLimit)
            {
                Counts = Counts with { Overflowed = Counts.Overflowed + 1 };
                return;
            }

            _bottleneckFree = departure = start + TimeSpan.FromMilliseconds((packet.Length + HeaderBytes) * 8 / Conditions.RateKbps);
        }

        if (Conditions.Loss.Loses(index, lossChance))
        {
            Counts = Counts with { Lost = Counts.Lost + 1 };
            return;
        }

        TimeSpan arrival = departure + Conditions.Delay + (Conditions.Jitter * jitterChance);
        if (!Conditions.Reorders)
        {
            arrival = arrival > _lastArrival ? arrival : _lastArrival;
        }

        _lastArrival = arrival;
        Fly(packet, arrival);
        if (duplicateChance * 100 < Conditions.DuplicatePercent)
        {
            Fly(packet, arrival);
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

    private void Fly(ReadOnlySpan<byte> packet, TimeSpan arrival)
    {
        byte[] buffer = _free.TryPop(out byte[]? used) ? used : new byte[SimulatedLink.MaxPacketBytes];
        packet.CopyTo(buffer);
        _inFlight.Enqueue(new Flight(buffer, packet.Length), (arrival, _order++));
    }

    internal readonly record struct Flight(byte[] Buffer, int Length);
}

/// <summary>What one direction did so far.</summary>
/// <param name="Sent">Packets given to the link.</param>
/// <param name="Lost">By the loss model.</param>
/// <param name="Overflowed">By the bottleneck's full queue.</param>
/// <param name="Delivered">Duplicates included.</param>
/// <param name="DeliveredBytes">Without IP and UDP headers.</param>
public readonly record struct LinkCounts(long Sent, long Lost, long Overflowed, long Delivered, long DeliveredBytes);
