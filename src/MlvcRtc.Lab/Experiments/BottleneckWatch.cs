using MlvcRtc.Lab.Network;

namespace MlvcRtc.Lab.Experiments;

/// <summary>How long packets wait for the bottleneck, and how much of it is used.</summary>
public sealed class BottleneckWatch
{
    /// <summary>IPv4 20 + UDP 8, as the link counts.</summary>
    private const int HeaderBytes = 28;

    /// <summary>How finely the rate of a changing bottleneck is summed up.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    private readonly List<(TimeSpan At, TimeSpan Delay, int Bits)> _packets = [];

    /// <summary>Every packet that got into the queue: when it came, how long it waited, its bits with IP and UDP headers.</summary>
    public IReadOnlyList<(TimeSpan At, TimeSpan Delay, int Bits)> Packets => _packets;

    /// <summary>A packet was given to the link.</summary>
    public void Judged(ReadOnlySpan<byte> packet, in PacketFate fate)
    {
        if (!fate.Lost)
        {
            _packets.Add((fate.SentAt, fate.QueueDelay, (packet.Length + HeaderBytes) * 8));
        }
    }

    /// <summary>Share of the bottleneck's capacity that was used, 0..1; null when there is no bottleneck.</summary>
    public double? Utilisation(LinkSchedule schedule, TimeSpan from, TimeSpan to)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        double capacityBits = 0;
        for (TimeSpan at = from; at < to; at += Step)
        {
            capacityBits += schedule.At(at).RateKbps * Step.TotalMilliseconds;
        }

        return capacityBits == 0 ? null : _packets.Where(packet => packet.At >= from && packet.At < to).Sum(packet => (double)packet.Bits) / capacityBits;
    }
}
