using System.Buffers.Binary;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.Rtp.Feedback;

/// <summary>Writes <see cref="TransportFeedback"/> messages. Allocates nothing.</summary>
public static class TransportFeedbackWriter
{
    /// <summary>Stands for "did not arrive".</summary>
    public static readonly TimeSpan NotArrived = TimeSpan.MinValue;

    /// <summary>Bytes of one message at most: below the least IPv6 MTU with its headers.</summary>
    public const int MaxBytes = 1200;

    /// <summary>Statuses in one message at most; what is left goes into the next.</summary>
    public const int MaxStatuses = 1024;

    private const int HeadBytes = 4 + TransportFeedback.FixedBodyBytes;
    private const long MaxSmallDelta = byte.MaxValue, MaxLargeDelta = short.MaxValue, MinLargeDelta = short.MinValue;

    // 64 ms / 250 µs
    private const long DeltaTicksPerReferenceTick = 256;

    /// <summary>Writes as many statuses as fit.</summary>
    /// <param name="destination">At least <see cref="MaxBytes"/>.</param>
    /// <param name="arrivals">When the packets <paramref name="baseNumber"/>, +1, ... arrived, or <see cref="NotArrived"/>; not before the clock's origin.</param>
    /// <param name="reported">Statuses written; at least one.</param>
    /// <returns>Bytes written; a multiple of four.</returns>
    public static int Write(
        Span<byte> destination, uint senderSsrc, uint mediaSsrc, ushort baseNumber, byte count, ReadOnlySpan<TimeSpan> arrivals, out int reported)
    {
        long first = FirstArrival(arrivals);
        long reference = first / DeltaTicksPerReferenceTick;
        Span<byte> statuses = stackalloc byte[MaxStatuses];
        reported = Classify(arrivals, reference, statuses, out int deltaBytes);
        statuses = statuses[..reported];

        int size = HeadBytes;
        while (!statuses.IsEmpty)
        {
            (ushort chunk, int taken) = NextChunk(statuses);
            BinaryPrimitives.WriteUInt16BigEndian(destination[size..], chunk);
            statuses = statuses[taken..];
            size += 2;
        }

        WriteDeltas(destination[size..], arrivals[..reported], reference);
        size += deltaBytes;

        // The zeros that round up to whole words are part of the message in the draft's drawing, so the P bit stays 0.
        int padded = (size + 3) & ~3;
        destination[size..padded].Clear();
        destination[0] = (2 << 6) | TransportFeedback.Fmt;
        destination[1] = RtcpPacket.TransportFeedback;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)((padded / 4) - 1));
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], senderSsrc);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], mediaSsrc);
        BinaryPrimitives.WriteUInt16BigEndian(destination[12..], baseNumber);
        BinaryPrimitives.WriteUInt16BigEndian(destination[14..], (ushort)reported);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], ((uint)(reference & 0xFFFFFF) << 8) | count);
        return padded;
    }

    private static long DeltaTicks(TimeSpan arrival) => arrival.Ticks / TransportFeedback.DeltaTick.Ticks;

    private static long FirstArrival(ReadOnlySpan<TimeSpan> arrivals)
    {
        foreach (TimeSpan arrival in arrivals)
        {
            if (arrival != NotArrived)
            {
                return DeltaTicks(arrival);
            }
        }

        return 0;  // a message about lost packets alone: nobody looks at its reference time
    }

    /// <summary>Statuses of as many packets as fit into the message, and whose deltas fit into 16 bits.</summary>
    private static int Classify(ReadOnlySpan<TimeSpan> arrivals, long reference, Span<byte> statuses, out int deltaBytes)
    {
        deltaBytes = 0;
        long last = reference * DeltaTicksPerReferenceTick;
        int count = 0;
        foreach (TimeSpan arrival in arrivals)
        {
            int status = StatusChunk.NotArrived;
            if (arrival != NotArrived)
            {
                long delta = DeltaTicks(arrival) - last;
                if (delta is < MinLargeDelta or > MaxLargeDelta)
                {
                    break;
                }

                status = delta is >= 0 and <= MaxSmallDelta ? StatusChunk.SmallDelta : StatusChunk.LargeDelta;
                last += delta;
            }

            // Chunks need two bytes for seven statuses at worst.
            int chunkBytes = 2 * ((count / StatusChunk.TwoBitStatuses) + 1);
            if (count == statuses.Length || HeadBytes + chunkBytes + deltaBytes + status > MaxBytes)
            {
                break;
            }

            statuses[count++] = (byte)status;
            deltaBytes += status;
        }

        return count;
    }

    private static (ushort Chunk, int Taken) NextChunk(ReadOnlySpan<byte> statuses)
    {
        int run = statuses.IndexOfAnyExcept(statuses[0]);
        run = Math.Min(run < 0 ? statuses.Length : run, StatusChunk.MaxRun);
        ReadOnlySpan<byte> fourteen = statuses[..Math.Min(statuses.Length, StatusChunk.OneBitStatuses)];
        int large = fourteen.IndexOf((byte)StatusChunk.LargeDelta);
        int inVector = large < 0 ? fourteen.Length : Math.Min(statuses.Length, StatusChunk.TwoBitStatuses);
        if (run >= inVector)
        {
            return (StatusChunk.Run(statuses[0], run), run);
        }

        return large < 0
            ? (StatusChunk.OneBit(fourteen), inVector)
            : (StatusChunk.TwoBit(statuses[..inVector]), inVector);
    }

    private static void WriteDeltas(Span<byte> destination, ReadOnlySpan<TimeSpan> arrivals, long reference)
    {
        long last = reference * DeltaTicksPerReferenceTick;
        int at = 0;
        foreach (TimeSpan arrival in arrivals)
        {
            if (arrival == NotArrived)
            {
                continue;
            }

            long delta = DeltaTicks(arrival) - last;
            last += delta;
            if (delta is >= 0 and <= MaxSmallDelta)
            {
                destination[at++] = (byte)delta;
            }
            else
            {
                BinaryPrimitives.WriteInt16BigEndian(destination[at..], (short)delta);
                at += 2;
            }
        }
    }
}
