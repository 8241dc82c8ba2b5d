using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.Rtp.Congestion;

/// <summary>
/// Numbers departing packets and remembers them until the receiver's feedback tells what became of them. Bounded: a packet
/// that is <see cref="Capacity"/> numbers old is forgotten. Allocates nothing. One thread at a time.
/// </summary>
public sealed class SentPackets
{
    /// <summary>Packets remembered: 3 s at 15 Mbit/s in packets of 1,200 bytes.</summary>
    public const int Capacity = 4096;

    /// <summary>What IPv4 (20) and UDP (8) add to a packet on its way through a bottleneck.</summary>
    public const int IpUdpBytes = 28;

    // 2^24 steps of 64 ms
    private const long ReferenceWrap = 1L << 24;

    private readonly Departure[] _departures = new Departure[Capacity];
    private readonly PacketResult[] _results = new PacketResult[Capacity];
    private long _next;
    private long? _lastReference;

    private enum Fate : byte
    {
        Unknown = 0,
        Lost = 1,
        Arrived = 2,
    }

    /// <summary>When the newest packet left that the last message reported as arrived; null = it reported none.</summary>
    public TimeSpan? NewestReportedSent { get; private set; }

    /// <summary>Notes a packet that leaves now and gives it its number.</summary>
    /// <param name="sizeBytes">IP and UDP headers included.</param>
    /// <param name="probeCluster">0 = no probe.</param>
    public ushort Add(int sizeBytes, TimeSpan now, int probeCluster = 0)
    {
        _departures[_next % Capacity] = new Departure(_next, now, sizeBytes, probeCluster, Fate.Unknown);
        return unchecked((ushort)_next++);
    }

    /// <summary>
    /// What a feedback message tells anew, in order of numbers; valid until the next call. Packets that were never sent, are
    /// forgotten or were reported before are passed over, so that no message makes more of them than there were.
    /// </summary>
    public ReadOnlySpan<PacketResult> Resolve(in TransportFeedback feedback)
    {
        NewestReportedSent = null;
        if (_next == 0 || feedback.StatusCount > Capacity)
        {
            return [];
        }

        long newest = _next - 1;
        long number = newest + SequenceNumber.Distance((ushort)newest, feedback.BaseNumber);
        long? reference = null;
        int count = 0;
        ArrivalReader reader = feedback.ReadArrivals();
        for (; reader.TryNext(out _, out bool arrived, out TimeSpan sinceReference); number++)
        {
            if (number < 0 || number > newest || number <= newest - Capacity)
            {
                continue;
            }

            ref Departure departure = ref _departures[number % Capacity];
            if (arrived)
            {
                NewestReportedSent = departure.Sent;
                reference ??= Unwrap(feedback.ReferenceTime);
            }

            Fate fate = arrived ? Fate.Arrived : Fate.Lost;
            if (fate <= departure.Fate)
            {
                continue;
            }

            TimeSpan? arrival = arrived ? (reference!.Value * TransportFeedback.ReferenceTick) + sinceReference : null;
            _results[count++] = new PacketResult(
                number, departure.Sent, arrival, departure.SizeBytes, departure.ProbeCluster, departure.Fate == Fate.Lost);
            departure = departure with { Fate = fate };
        }

        return _results.AsSpan(0, count);
    }

    /// <summary>The reference time nearest to the last one.</summary>
    private long Unwrap(uint reference)
    {
        long wrapped = reference;
        if (_lastReference is { } last)
        {
            long step = (wrapped - last) & (ReferenceWrap - 1);
            wrapped = last + (step >= ReferenceWrap / 2 ? step - ReferenceWrap : step);
        }

        _lastReference = wrapped;
        return wrapped;
    }

    private readonly record struct Departure(long Number, TimeSpan Sent, int SizeBytes, int ProbeCluster, Fate Fate);
}
