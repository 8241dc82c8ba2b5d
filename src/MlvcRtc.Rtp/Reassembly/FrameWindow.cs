using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;

namespace MlvcRtc.Rtp.Reassembly;

/// <summary>
/// The frames in flight: from the one that is due to the newest of which a packet came. Checks every packet against the format, counts frames without
/// wrapping and keeps all within bounds. What leaves the window undelivered is named as lost. Allocates nothing in steady state.
/// </summary>
internal sealed class FrameWindow
{
    /// <summary>Frames in flight at most: 640 ms at 100 frames/s, longer than a key frame takes to come at 300 ms round trip.</summary>
    public const int MaxFrames = 64;

    /// <summary>Fragments in flight at most: four frames of the largest size, 1.2 MB.</summary>
    public const int MaxFragments = 4 * PayloadFormat.MaxFragments;

    /// <summary>Packets from so far in the past, this often in a row, mean that the sender began to count anew (compare MAX_DROPOUT in RFC 3550 A.1).</summary>
    private const int RestartDistance = 2 * MaxFrames, RestartPackets = 3;

    private readonly FragmentPool _pool = new(MaxFragments);
    private readonly PartialFrame[] _frames = new PartialFrame[MaxFrames];
    private readonly Queue<LostFrames> _lost = new();
    private readonly int _maxFrameBytes;
    private SequenceUnwrapper _frameNumbers = new();
    private int _packetsFromThePast;
    private long _leap = -1;     // frame of the last packet that was refused for being too far ahead
    private TimeSpan? _lastCaptureTime;

    public FrameWindow(int maxFrameBytes)
    {
        _maxFrameBytes = maxFrameBytes;
        for (int i = 0; i < MaxFrames; i++)
        {
            _frames[i] = new PartialFrame(_pool);
        }
    }

    /// <summary>The frame that is due; -1 before the first packet.</summary>
    public long Next { get; private set; } = -1;

    /// <summary>The newest frame of which a packet came; -1 before the first.</summary>
    public long Newest { get; private set; } = -1;

    /// <summary>Something was delivered.</summary>
    public bool Started { get; private set; }

    /// <summary>Type of the frame delivered last; null = none was.</summary>
    public Media.FrameType? LastType { get; private set; }

    /// <summary>What was delivered and is still a reference.</summary>
    public ReferenceTracker Delivered { get; } = new();

    /// <summary>+1 with every start from nothing.</summary>
    public int Generation { get; private set; }

    /// <summary>Bytes of buffers that hold fragments.</summary>
    public int BytesInFlight => _pool.InUse * PayloadFormat.MaxPayloadBytes;

    /// <summary>The frame, if a packet of it is here.</summary>
    public PartialFrame? Find(long number) => _frames[number & (MaxFrames - 1)] is { } frame && frame.Number == number ? frame : null;

    /// <summary>Frames that were given up, oldest first.</summary>
    public bool TryTakeLost(out LostFrames lost) => _lost.TryDequeue(out lost);

    /// <summary>Keeps the fragment of a packet.</summary>
    /// <param name="position">Valid unless Malformed or FrameTooLarge.</param>
    public InsertStatus Insert(in RtpPacket packet, TimeSpan now, out PacketPosition position)
    {
        position = default;
        ReadOnlySpan<byte> payload = packet.Payload;
        if (payload.Length > PayloadFormat.MaxPayloadBytes
            || PayloadDescriptor.Read(payload, out PayloadDescriptor descriptor) != DescriptorStatus.Ok
            || payload.Length == descriptor.SizeBytes)
        {
            return InsertStatus.Malformed;
        }

        ReadOnlySpan<byte> fragment = payload[descriptor.SizeBytes..];

        // Fragments are equal within one byte, so one of them tells the least size of the frame before anything is kept.
        if ((long)(fragment.Length - 1) * (descriptor.LastFragment + 1) + 1 > _maxFrameBytes)
        {
            return InsertStatus.FrameTooLarge;
        }

        long number = Number(descriptor.FrameId);
        position = new PacketPosition(number, descriptor.FragmentIndex, descriptor.LastFragment);
        if (number < Next && (Started || number <= Newest - MaxFrames))
        {
            return RefuseOld(number);
        }

        if (LeapsAlone(number, descriptor))
        {
            return InsertStatus.TooFarAhead;
        }

        _packetsFromThePast = 0;
        MakeRoomFor(number);
        return Keep(number, packet, descriptor, fragment, now);
    }

    /// <summary>Gives up all frames before <paramref name="number"/> and tells which.</summary>
    public void SkipTo(long number)
    {
        if (number <= Next)
        {
            return;
        }

        foreach (PartialFrame frame in _frames)
        {
            if (frame.Number >= 0 && frame.Number < number)
            {
                GiveUp(frame);
            }
        }

        if (_lost.Count < MaxFrames)
        {
            _lost.Enqueue(new LostFrames((ushort)Next, (int)Math.Min(number - Next, int.MaxValue)));
        }

        Next = number;
    }

    /// <summary>The frame, due and whole, was copied out: it counts as a reference and the one after it is due.</summary>
    public void Deliver(PartialFrame frame)
    {
        Delivered.Add(frame.Number, frame.Type, frame.TemporalId, frame.LtrSlot);
        LastType = frame.Type;
        frame.Release();
        Started = true;
        Next++;
    }

    /// <summary>Forgets everything, as for a new synchronisation source.</summary>
    public void Reset()
    {
        foreach (PartialFrame frame in _frames)
        {
            frame.Release();
        }

        _frameNumbers = new SequenceUnwrapper();
        Delivered.Clear();
        Next = Newest = -1;
        Started = false;
        LastType = null;
        Generation++;
        _lastCaptureTime = null;
        _packetsFromThePast = 0;
        _leap = -1;
    }

    private InsertStatus Keep(long number, in RtpPacket packet, in PayloadDescriptor descriptor, ReadOnlySpan<byte> fragment, TimeSpan now)
    {
        PartialFrame frame = _frames[number & (MaxFrames - 1)];
        if (frame.Number != number)
        {
            _lastCaptureTime = RtpTimestamp.ToTimeSpan(packet.Timestamp, near: _lastCaptureTime ?? now);
            frame.Begin(number, descriptor, packet.Timestamp, _lastCaptureTime.Value);
        }
        else if (!frame.Agrees(descriptor, packet.Timestamp))
        {
            return InsertStatus.Inconsistent;
        }

        if (frame.Has(descriptor.FragmentIndex))
        {
            return InsertStatus.Duplicate;
        }

        if (frame.SizeBytes + fragment.Length > _maxFrameBytes)
        {
            return InsertStatus.FrameTooLarge;
        }

        if (!TryStore(fragment, number, out short handle))
        {
            return InsertStatus.NoRoom;
        }

        frame.Add(descriptor, handle);
        return InsertStatus.Accepted;
    }

    private long Number(ushort frameId)
    {
        // The first frame starts one circle above zero, so that numbers below it stay positive.
        long number = _frameNumbers.Unwrap(frameId) + 0x10000;
        if (Next < 0)
        {
            Next = Newest = number;
        }

        return number;
    }

    private InsertStatus RefuseOld(long number)
    {
        if (Next - number >= RestartDistance && ++_packetsFromThePast >= RestartPackets)
        {
            Reset();
        }

        return InsertStatus.TooLate;
    }

    /// <summary>
    /// A leap over more than the window counts only when something confirms it, for one stray packet must not end the frames in flight: the next packet,
    /// or a recovery frame whose reference, out of 65,536 it could name, is one of the eight at most that are kept here. So the first recovery frame after
    /// a blackout is not lost on the doorstep.
    /// </summary>
    private bool LeapsAlone(long number, in PayloadDescriptor descriptor)
    {
        bool leaps = number - Newest > MaxFrames;
        bool confirmed = _leap >= 0 && Math.Abs(number - _leap) <= MaxFrames;
        _leap = leaps ? number : -1;
        return leaps && !confirmed
            && (descriptor.Type != Media.FrameType.Recovery || !Delivered.CanDecode(descriptor.Type, number - descriptor.ReferenceDistance));
    }

    /// <summary>Moves the window so that it holds <paramref name="number"/>.</summary>
    private void MakeRoomFor(long number)
    {
        Newest = Math.Max(Newest, number);
        if (number < Next)
        {
            Next = number;  // before the first delivery, reordering may show an earlier beginning
        }
        else if (number - Next >= MaxFrames)
        {
            SkipTo(number - MaxFrames + 1);
        }
    }

    private bool TryStore(ReadOnlySpan<byte> fragment, long number, out short handle)
    {
        while (!_pool.TryStore(fragment, out handle))
        {
            if (Next >= number)
            {
                return false;
            }

            SkipTo(Next + 1);
        }

        return true;
    }

    private void GiveUp(PartialFrame frame)
    {
        // The sender's table has this frame in the slot, so the decoder drops what the slot held before with the next frame that it decodes.
        if (frame.LtrSlot is { } slot)
        {
            Delivered.Overwrite(slot);
        }

        frame.Release();
    }
}
