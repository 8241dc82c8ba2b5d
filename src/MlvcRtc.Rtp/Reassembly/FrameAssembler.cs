using MlvcRtc.Media;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;

namespace MlvcRtc.Rtp.Reassembly;

/// <summary>
/// Step 8: packets in any order become frames in decode order. A frame is delivered when it is complete and its
/// reference was delivered. A hole in the frame that is due makes the assembler <see cref="Broken"/> once the network
/// had a fair chance to fill it; what comes later is kept, so that a straggler still mends the chain, until a frame
/// arrives that does not need the hole. Bounded in frames and bytes; allocates nothing in steady state. One thread at a time.
/// </summary>
public sealed class FrameAssembler
{
    /// <summary>Frames in flight at most: 640 ms at 100 frames/s, longer than a key frame takes to come at 300 ms round trip.</summary>
    public const int MaxFrames = 64;

    /// <summary>Fragments in flight at most: four frames of the largest size, 1.2 MB.</summary>
    public const int MaxFragments = 4 * PayloadFormat.MaxFragments;

    /// <summary>Packets from so far in the past, this often in a row, mean that the sender began to count anew (compare MAX_DROPOUT in RFC 3550 A.1).</summary>
    private const int RestartDistance = 2 * MaxFrames, RestartPackets = 3;

    private readonly FragmentPool _pool = new(MaxFragments);
    private readonly PartialFrame[] _frames = new PartialFrame[MaxFrames];
    private readonly HoleWatch _hole = new();
    private readonly ReferenceTracker _delivered = new();
    private readonly Queue<LostFrames> _lost = new();
    private readonly int _maxFrameBytes;
    private SequenceUnwrapper _frameNumbers = new();
    private long _next = -1;     // the frame that is due; -1 before the first packet
    private long _newest = -1;
    private bool _started;       // something was delivered
    private int _packetsFromThePast;
    private long _leap = -1;     // frame of the last packet that was refused for being too far ahead
    private TimeSpan? _lastCaptureTime;

    /// <param name="maxFrameBytes">Larger frames are refused; 1..294,400.</param>
    public FrameAssembler(int maxFrameBytes = PayloadFormat.MaxFrameBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxFrameBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxFrameBytes, PayloadFormat.MaxFrameBytes);
        _maxFrameBytes = maxFrameBytes;
        for (int i = 0; i < MaxFrames; i++)
        {
            _frames[i] = new PartialFrame(_pool);
        }
    }

    /// <summary>Measured by the transport; 100 ms until then (libwebrtc's default).</summary>
    public TimeSpan RoundTripTime
    {
        get => _hole.RoundTripTime;
        set => _hole.RoundTripTime = value;
    }

    /// <summary>
    /// The frame that is due is lost, and nothing that is arriving does without it: ask the sender for help (letter a).
    /// Read it after taking all frames that are ready.
    /// </summary>
    public bool Broken => _hole.Believed && !MendingOnItsWay();

    /// <summary>Bytes of buffers that hold fragments.</summary>
    public int BytesInFlight => _pool.InUse * PayloadFormat.MaxPayloadBytes;

    /// <summary>When <see cref="Poll"/> should be called though no packet came; null = no need.</summary>
    public TimeSpan? NextPoll => _hole.NextLook;

    /// <summary>Takes the payload of one RTP packet.</summary>
    /// <param name="now">Arrival; not before that of the previous call.</param>
    public InsertStatus Insert(in RtpPacket packet, TimeSpan now)
    {
        InsertStatus status = TryInsert(packet, now);
        Poll(now);
        return status;
    }

    /// <summary>Lets time pass: a hole that stayed open long enough is believed.</summary>
    public void Poll(TimeSpan now)
    {
        if (_next < 0)
        {
            return;
        }

        PartialFrame due = Place(_next);
        bool present = due.Number == _next;
        if (present && due.Complete && Decodable(due))
        {
            _hole.Clear();
        }
        else if (present && due.Complete)
        {
            _hole.Believe();  // its reference is lost for good: nothing that may still come makes it decodable
        }
        else
        {
            _hole.Look((_next, present ? due.FirstMissing : 0), PacketsBeyondHole(_next), now);
        }
    }

    /// <summary>The next frame in decode order, copied into <paramref name="frame"/>; false when none can be had now.</summary>
    public bool TryTake(EncodedFrame frame, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(frame);
        PartialFrame? ready = FindReady();
        if (ready is null)
        {
            return false;
        }

        SkipTo(ready.Number);
        ready.CopyTo(frame);
        _delivered.Add(ready.Number, ready.Type, ready.LtrSlot);
        ready.Release();
        _started = true;
        _next++;
        Poll(now);
        return true;
    }

    /// <summary>Frames that were given up since the last call, oldest first.</summary>
    public bool TryTakeLost(out LostFrames lost) => _lost.TryDequeue(out lost);

    /// <summary>Forgets everything, as for a new synchronisation source.</summary>
    public void Reset()
    {
        foreach (PartialFrame frame in _frames)
        {
            frame.Release();
        }

        _frameNumbers = new SequenceUnwrapper();
        _delivered.Clear();
        _next = _newest = -1;
        _started = false;
        _lastCaptureTime = null;
        _hole.Clear();
        _packetsFromThePast = 0;
        _leap = -1;
    }

    private InsertStatus TryInsert(in RtpPacket packet, TimeSpan now)
    {
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
        if (number < _next && (_started || number <= _newest - MaxFrames))
        {
            return RefuseOld(number);
        }

        if (LeapsAlone(number))
        {
            return InsertStatus.TooFarAhead;
        }

        _packetsFromThePast = 0;
        MakeWindow(number);
        PartialFrame frame = Place(number);
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

    private PartialFrame Place(long number) => _frames[number & (MaxFrames - 1)];

    private long Number(ushort frameId)
    {
        // The first frame starts one circle above zero, so that numbers below it stay positive.
        long number = _frameNumbers.Unwrap(frameId) + 0x10000;
        if (_next < 0)
        {
            _next = _newest = number;
        }

        return number;
    }

    private InsertStatus RefuseOld(long number)
    {
        if (_next - number >= RestartDistance && ++_packetsFromThePast >= RestartPackets)
        {
            Reset();
        }

        return InsertStatus.TooLate;
    }

    /// <summary>A leap over more than the window counts only when the next packet confirms it: one stray packet must not end the frames in flight.</summary>
    private bool LeapsAlone(long number)
    {
        bool leaps = number - _newest > MaxFrames;
        bool confirmed = _leap >= 0 && Math.Abs(number - _leap) <= MaxFrames;
        _leap = leaps ? number : -1;
        return leaps && !confirmed;
    }

    /// <summary>Moves the window of frames in flight so that it holds <paramref name="number"/>.</summary>
    private void MakeWindow(long number)
    {
        _newest = Math.Max(_newest, number);
        if (number < _next)
        {
            _next = number;  // before the first delivery, reordering may show an earlier beginning
        }
        else if (number - _next >= MaxFrames)
        {
            SkipTo(number - MaxFrames + 1);
        }
    }

    private bool TryStore(ReadOnlySpan<byte> fragment, long number, out short handle)
    {
        while (!_pool.TryStore(fragment, out handle))
        {
            if (_next >= number)
            {
                return false;
            }

            SkipTo(_next + 1);
        }

        return true;
    }

    private bool Decodable(PartialFrame frame) => _delivered.CanDecode(frame.Type, frame.ReferenceNumber);

    /// <summary>The due frame if it is whole; else, once broken, the first that does not need what is missing.</summary>
    private PartialFrame? FindReady()
    {
        if (_next < 0)
        {
            return null;
        }

        long end = _hole.Believed ? _newest : _next;
        for (long number = _next; number <= end; number++)
        {
            PartialFrame frame = Place(number);
            if (frame.Number == number && frame.Complete && Decodable(frame))
            {
                return frame;
            }
        }

        return null;
    }

    /// <summary>Packets here that come after the first one missing in frame <paramref name="number"/>; counts to <see cref="HoleWatch.LaterPackets"/> at least.</summary>
    private int PacketsBeyondHole(long number)
    {
        PartialFrame holed = Place(number);
        int packets = holed.Number == number ? holed.BeyondHole : 0;
        for (long later = number + 1; later <= _newest && packets < HoleWatch.LaterPackets; later++)
        {
            PartialFrame frame = Place(later);
            packets += frame.Number == later ? frame.Received : 0;
        }

        return packets;
    }

    /// <summary>A frame that does without the missing one is arriving, and no hole in it is believed yet.</summary>
    private bool MendingOnItsWay()
    {
        for (long number = _next + 1; number <= _newest; number++)
        {
            PartialFrame frame = Place(number);
            if (frame.Number == number && Decodable(frame) && (frame.Complete || PacketsBeyondHole(number) < HoleWatch.LaterPackets))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Gives up all frames before <paramref name="number"/> and tells which.</summary>
    private void SkipTo(long number)
    {
        if (number <= _next)
        {
            return;
        }

        foreach (PartialFrame frame in _frames)
        {
            if (frame.Number < number)
            {
                frame.Release();
            }
        }

        if (_lost.Count < MaxFrames)
        {
            _lost.Enqueue(new LostFrames((ushort)_next, (int)Math.Min(number - _next, int.MaxValue)));
        }

        _next = number;
        _hole.Clear();
    }
}
