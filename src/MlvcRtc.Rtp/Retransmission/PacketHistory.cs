using System.Diagnostics.CodeAnalysis;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.Rtp.Retransmission;

/// <summary>What a packet is part of, as far as sending it again is concerned.</summary>
/// <param name="FrameId">FRAME_ID of its frame.</param>
/// <param name="IsDiscardable">No later frame refers to its frame.</param>
/// <param name="IsLasting">Frames refer to its frame for long: a key frame, a recovery frame or a marked one. It is sent again first.</param>
public readonly record struct SentPacket(ushort FrameId, bool IsDiscardable, bool IsLasting);

/// <summary>Whether a packet is sent again, and if not, why. Append-only.</summary>
public enum ResendStatus
{
    /// <summary>It waits for its turn.</summary>
    Queued = 0,

    /// <summary>It was never sent, or longer ago than the history reaches.</summary>
    Unknown = 1,

    /// <summary>It was sent within the last fifth of the round trip.</summary>
    TooSoon = 2,

    /// <summary>No frame needs its frame, or a later frame made it useless.</summary>
    NotNeeded = 3,

    /// <summary>Retransmissions have used up their share of the rate.</summary>
    OverBudget = 4,
}

/// <summary>
/// The packets of the last second, for sending again what was lost: the same payload, timestamp and marker under a new sequence number. Each packet at most
/// every fifth of the round trip (<see cref="RepeatsPerRoundTrip"/>), nothing that no frame needs any more, and no more than a share of the rate. A packet that was sent again can be asked for by either
/// number. Pure; bounded to <see cref="Capacity"/> packets; its buffers are reused. One thread at a time.
/// </summary>
/// <param name="maxPacketBytes">Largest packet that will be kept.</param>
public sealed class PacketHistory(int maxPacketBytes)
{
    /// <summary>Packets kept at most: a second at 4.7 Mbit/s. A power of two, so that a number's place stays the same across its wrap.</summary>
    public const int Capacity = 512;

    /// <summary>Requests that wait at most; in a round trip that loses more the picture is beyond repair by packets.</summary>
    public const int MaxQueued = 64;

    /// <summary>Older packets belong to pictures that nobody waits for (issue 3: 200 ms to 1 s).</summary>
    public static readonly TimeSpan Age = TimeSpan.FromSeconds(1);

    /// <summary>Retransmissions may use so much of the target rate, saved up for half a second: 20 % loss of everything, retransmissions included, needs a quarter. Ours.</summary>
    public const double ShareOfRate = 0.5;

    private const double SavedSeconds = 0.5;

    /// <summary>A receiver that asks again after a quarter of the round trip insures itself against the loss of a repair (<see cref="MissingPackets"/>); requests that come closer are duplicates.</summary>
    private const int RepeatsPerRoundTrip = 5;

    private readonly Entry[] _entries = new Entry[Capacity];
    private readonly ushort[] _queue = new ushort[MaxQueued];
    private int _queued;
    private double _budgetBytes;
    private TimeSpan? _budgetAt;
    private ushort? _neededFrom;

    /// <summary>A request waits for its turn.</summary>
    public bool HasQueued => _queued > 0;

    /// <summary>Bytes of the requests that wait.</summary>
    public int QueuedBytes { get; private set; }

    /// <summary>Packets sent again.</summary>
    public long PacketsResent { get; private set; }

    /// <summary>Requests that were refused for another reason than <see cref="ResendStatus.TooSoon"/>.</summary>
    public long RequestsRefused { get; private set; }

    /// <summary>A packet leaves for the first time. The bytes are copied.</summary>
    public void Sent(ReadOnlySpan<byte> packet, ushort sequenceNumber, in SentPacket part, TimeSpan now)
    {
        ref Entry entry = ref Place(sequenceNumber);
        entry.Bytes ??= GC.AllocateUninitializedArray<byte>(maxPacketBytes);
        packet.CopyTo(entry.Bytes);
        entry.Length = packet.Length;
        entry.Part = part;
        entry.LastSent = entry.FirstSent = now;
        entry.Original = sequenceNumber;
    }

    /// <summary>Frames before this one are of no use any more: it repairs the picture without them.</summary>
    public void Supersede(ushort frameId) => _neededFrom = frameId;

    /// <summary>The receiver asks for a packet.</summary>
    /// <param name="sequenceNumber">Of the packet, or of its retransmission.</param>
    /// <param name="targetKbps">The whole stream's rate; positive.</param>
    /// <param name="roundTripTime">Not negative.</param>
    /// <param name="now">Time.</param>
    public ResendStatus Request(ushort sequenceNumber, double targetKbps, TimeSpan roundTripTime, TimeSpan now)
    {
        ResendStatus status = Judge(sequenceNumber, targetKbps, roundTripTime, now, out ushort original);
        if (status == ResendStatus.Queued)
        {
            ref Entry entry = ref _entries[original % Capacity];
            entry.LastSent = now;
            _budgetBytes -= entry.Length;
            QueuedBytes += entry.Length;
            _queue[_queued++] = original;
        }

        RequestsRefused += status is ResendStatus.Queued or ResendStatus.TooSoon ? 0 : 1;
        return status;
    }

    /// <summary>Length of the packet that <see cref="TryTake"/> gives next; 0 when none waits.</summary>
    public int NextLength => _queued > 0 ? _entries[_queue[NextInQueue()] % Capacity].Length : 0;

    /// <summary>The next packet to send again; its bytes are the history's, and valid until the next call. Its number is the old one.</summary>
    /// <param name="sequenceNumber">The number it will be sent under; it may be asked for by that, too.</param>
    /// <param name="packet">Header and payload.</param>
    public bool TryTake(ushort sequenceNumber, [NotNullWhen(true)] out ReadOnlySpan<byte> packet)
    {
        packet = default;
        if (_queued == 0)
        {
            return false;
        }

        int next = NextInQueue();
        ushort original = _queue[next];
        _queue.AsSpan((next + 1).._queued).CopyTo(_queue.AsSpan(next));
        _queued--;
        ref Entry entry = ref _entries[original % Capacity];
        QueuedBytes -= entry.Length;
        packet = entry.Bytes.AsSpan(0, entry.Length);
        PacketsResent++;

        // The new number's place keeps no bytes of its own, only where they are; unless it is the same place.
        if (sequenceNumber % Capacity != original % Capacity)
        {
            ref Entry alias = ref Place(sequenceNumber);
            alias.FirstSent = entry.FirstSent;
            alias.Original = original;
        }

        return true;
    }

    private ref Entry Place(ushort sequenceNumber)
    {
        ref Entry entry = ref _entries[sequenceNumber % Capacity];
        int waiting = _queue.AsSpan(0, _queued).IndexOf(entry.Original);
        if (entry.IsKept && entry.Original == entry.Number && waiting >= 0)
        {
            // Its bytes are about to be overwritten before its turn came.
            QueuedBytes -= entry.Length;
            _queue.AsSpan((waiting + 1).._queued).CopyTo(_queue.AsSpan(waiting));
            _queued--;
        }

        entry.IsKept = true;
        entry.Number = sequenceNumber;
        return ref entry;
    }

    private ResendStatus Judge(ushort sequenceNumber, double targetKbps, TimeSpan roundTripTime, TimeSpan now, out ushort original)
    {
        Refill(targetKbps, now);
        original = _entries[sequenceNumber % Capacity].Original;
        ref Entry asked = ref _entries[sequenceNumber % Capacity];
        ref Entry entry = ref _entries[original % Capacity];
        if (!asked.IsKept || asked.Number != sequenceNumber || !entry.IsKept || entry.Number != original || now - entry.FirstSent > Age)
        {
            return ResendStatus.Unknown;
        }

        if (entry.Part.IsDiscardable || (_neededFrom is { } from && SequenceNumber.IsNewer(from, entry.Part.FrameId)))
        {
            return ResendStatus.NotNeeded;
        }

        // What was sent for the first time is never too soon: the receiver saw later packets.
        bool waits = _queue.AsSpan(0, _queued).Contains(original);
        if (waits || (entry.LastSent > entry.FirstSent && now - entry.LastSent < roundTripTime / RepeatsPerRoundTrip))
        {
            return ResendStatus.TooSoon;
        }

        return entry.Length > _budgetBytes || _queued == MaxQueued ? ResendStatus.OverBudget : ResendStatus.Queued;
    }

    private void Refill(double targetKbps, TimeSpan now)
    {
        double bytesPerSecond = ShareOfRate * targetKbps * 1000 / 8;
        double most = Math.Max(SavedSeconds * bytesPerSecond, maxPacketBytes);
        double seconds = _budgetAt is { } last ? Math.Max(0, (now - last).TotalSeconds) : double.PositiveInfinity;
        _budgetBytes = Math.Min(most, _budgetBytes + (seconds * bytesPerSecond));
        _budgetAt = now;
    }

    private int NextInQueue()
    {
        for (int i = 0; i < _queued; i++)
        {
            if (_entries[_queue[i] % Capacity].Part.IsLasting)
            {
                return i;
            }
        }

        return 0;
    }

    private struct Entry
    {
        public bool IsKept;
        public ushort Number;
        public ushort Original;  // = Number, or the number of the packet that this one repeated
        public byte[]? Bytes;
        public int Length;
        public SentPacket Part;
        public TimeSpan FirstSent;
        public TimeSpan LastSent;
    }
}
