using MlvcRtc.Media;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;

namespace MlvcRtc.Rtp.Reassembly;

/// <summary>
/// Step 8: packets in any order become frames in decode order. A frame is delivered when it is complete and its reference is held. A frame with a hole holds
/// up those after it until the network had a fair chance to fill it; then the next frame that does without it goes on, and what came between is lost. When no such
/// frame is here or coming, the assembler is <see cref="Broken"/>; what comes is kept meanwhile, so that a straggler still mends the chain.
/// <para>
/// A lost frame is never delivered after a newer one, even if a retransmission completes it and it was marked: a decoder that steps back drops all newer
/// states; by the time of the repair, at least one round trip later, a sender that marks several frames per round trip has marked newer ones;
/// and nobody wants to see it any more.
/// </para>
/// Bounded in frames and bytes; allocates nothing in steady state. One thread at a time.
/// </summary>
public sealed class FrameAssembler
{
    /// <inheritdoc cref="FrameWindow.MaxFragments"/>
    public const int MaxFragments = FrameWindow.MaxFragments;

    /// <summary>After a retransmission would be here, so long it may still take to be decoded and shown (docs/payload-format.md §6).</summary>
    public static readonly TimeSpan RepairMargin = TimeSpan.FromMilliseconds(10);

    private readonly FrameWindow _window;
    private readonly HoleWatch _holes = new();
    private readonly FrameCadence _cadence = new();
    private readonly OverdueFrame _overdue = new();
    private TimeSpan _now;
    private bool _changed = true;  // since the last look at the holes
    private bool? _broken;         // null = to be worked out
    private TimeSpan? _nextLook;
    private TimeSpan? _interruptedAt;
    private int _generation;
    private FrameType _lastType;

    /// <param name="maxFrameBytes">Larger frames are refused; 1..294,400.</param>
    public FrameAssembler(int maxFrameBytes = PayloadFormat.MaxFrameBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxFrameBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxFrameBytes, PayloadFormat.MaxFrameBytes);
        _window = new FrameWindow(maxFrameBytes);
    }

    /// <summary>Measured by the transport; 100 ms until then (libwebrtc's default).</summary>
    public TimeSpan RoundTripTime
    {
        get => _holes.RoundTripTime;
        set
        {
            _changed |= value != _holes.RoundTripTime;
            _holes.RoundTripTime = value;
        }
    }

    /// <summary>
    /// Set where lost packets are asked for again: by when a frame of this capture time must be whole to be shown in time (null = not known). A frame
    /// whose repair can be here by then is waited for.
    /// </summary>
    public Func<TimeSpan, TimeSpan?>? DeadlineOf { get; set; }

    /// <summary>
    /// The frame that is due is lost, and nothing that is arriving does without it: ask the sender for help (letter a).
    /// Read it after taking all frames that are ready.
    /// </summary>
    public bool Broken => _broken ??= IsBroken();

    /// <summary>The frame that is due, of which the next one depends, should have been here some time ago, and nothing later came yet.</summary>
    public bool Overdue => _overdue.IsOverdue(_now);

    /// <summary>The newest frame of which a packet came; null before the first.</summary>
    public ushort? NewestFrameId => _window.Newest < 0 ? null : (ushort)_window.Newest;

    /// <summary>
    /// Set by a <see cref="TryTake"/> that ended an interruption, else null: the time from the arrival that the first lost frame would have had, by the
    /// cadence of those before it, to the delivery.
    /// </summary>
    public TimeSpan? RecoveredAfter { get; private set; }

    /// <summary>Bytes of buffers that hold fragments.</summary>
    public int BytesInFlight => _window.BytesInFlight;

    /// <summary>When <see cref="Poll"/> should be called though no packet came; null = no need.</summary>
    public TimeSpan? NextPoll => _overdue.NextLook(_now) is { } overdue && !(overdue >= _nextLook) ? overdue : _nextLook;

    internal FrameWindow Window => _window;

    internal FrameCadence Cadence => _cadence;

    internal TimeSpan ReorderAllowance => _holes.Age;

    /// <summary>Takes the payload of one RTP packet.</summary>
    /// <param name="now">Arrival; not before that of the previous call.</param>
    public InsertStatus Insert(in RtpPacket packet, TimeSpan now) => Insert(packet, now, out _);

    /// <inheritdoc cref="Insert(in RtpPacket, TimeSpan)"/>
    /// <param name="position">Valid unless the answer is Malformed or FrameTooLarge.</param>
    public InsertStatus Insert(in RtpPacket packet, TimeSpan now, out PacketPosition position)
    {
        InsertStatus status = _window.Insert(packet, now, out position);
        if (_generation != _window.Generation)
        {
            Forget();
        }

        _changed |= status == InsertStatus.Accepted;
        if (status == InsertStatus.Accepted && _window.Find(position.Frame) is { Complete: true } whole)
        {
            _cadence.Completed(whole.Number, whole.CaptureTime, now);
            _overdue.Arrived(whole.Number, now);
        }
        else if (status == InsertStatus.Accepted)
        {
            _overdue.FragmentArrived(position.Frame, now);
        }

        Poll(now);
        return status;
    }

    /// <summary>Lets time pass: a hole that stayed open long enough is believed.</summary>
    public void Poll(TimeSpan now)
    {
        _now = now;
        if (!_changed && !(now >= _nextLook))
        {
            return;
        }

        _changed = false;
        _broken = null;
        _nextLook = null;
        if (_window.Next < 0)
        {
            return;
        }

        int laterPackets = 0;
        for (long number = _window.Newest; number >= _window.Next; number--)
        {
            PartialFrame? frame = _window.Find(number);
            if (frame is not { Complete: true })
            {
                Look(number, frame, laterPackets, now);
            }

            laterPackets += frame?.Received ?? 0;
        }

        bool waits = _window.Newest < _window.Next || (_window.Newest == _window.Next && _window.Find(_window.Next) is not { Complete: true });
        bool chained = _window.Started && _lastType != FrameType.Recovery;
        _overdue.Watch(waits && chained ? _window.Next : -1, _cadence);
    }

    /// <summary>The next frame in decode order, copied into <paramref name="frame"/>; false when none can be had now.</summary>
    public bool TryTake(EncodedFrame frame, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(frame);
        RecoveredAfter = null;
        PartialFrame? ready = FindReady(now);
        if (ready is null)
        {
            return false;
        }

        if (_interruptedAt is { } interrupted)
        {
            RecoveredAfter = now > interrupted ? now - interrupted : TimeSpan.Zero;
            _interruptedAt = null;
        }

        _window.SkipTo(ready.Number);
        ready.CopyTo(frame);
        _lastType = ready.Type;
        _window.Deliver(ready);
        _changed = true;
        Poll(now);
        return true;
    }

    /// <summary>Frames that were given up since the last call, oldest first.</summary>
    public bool TryTakeLost(out LostFrames lost) => _window.TryTakeLost(out lost);

    /// <summary>Forgets everything, as for a new synchronisation source.</summary>
    public void Reset()
    {
        _window.Reset();
        Forget();
    }

    /// <summary>The fragment is here, or its frame is past: delivered, given up, or whole.</summary>
    internal bool Has(long frame, int fragment) =>
        frame < _window.Next || (_window.Find(frame) is { } found && (found.Complete || found.Has(fragment)));

    /// <summary>All of the frame is here, or it is past.</summary>
    internal bool IsWhole(long frame) => frame < _window.Next || _window.Find(frame) is { Complete: true };

    /// <summary>Packets that would complete the newest frame if nothing but its end is missing; else 1, the least that a following frame has.</summary>
    internal int TailMissing => _window.Find(_window.Newest) is { Complete: false, BeyondHole: 0 } newest ? newest.Missing : 1;

    /// <summary>A retransmission that is asked for now can be here in time for the frame to be shown.</summary>
    internal bool RepairIsInTime(long number, TimeSpan now) => now + RoundTripTime + RepairMargin <= Deadline(number);

    private TimeSpan? Deadline(long number) =>
        (_window.Find(number)?.CaptureTime ?? _cadence.CaptureOf(number)) is { } captured ? DeadlineOf?.Invoke(captured) : null;

    private void Forget()
    {
        _generation = _window.Generation;
        _changed = true;
        _holes.Clear();
        _cadence.Clear();
        _overdue.Clear();
        _interruptedAt = null;
        _lastType = default;
    }

    private void Look(long number, PartialFrame? frame, int laterPackets, TimeSpan now)
    {
        ref Hole hole = ref _holes.Look(number, frame?.FirstMissing ?? 0, laterPackets + (frame?.BeyondHole ?? 0), now);
        TimeSpan? next = null;
        if (hole.Believed)
        {
            hole.GiveUpAt ??= RepairIsInTime(number, now) ? Deadline(number) : now;
            next = hole.GiveUpAt > now ? hole.GiveUpAt : null;
            if (number == _window.Next && _window.Started)
            {
                _interruptedAt ??= _cadence.Expected(number) ?? hole.Since;
            }
        }
        else if (laterPackets > 0 || frame?.BeyondHole > 0)
        {
            next = hole.Since + _holes.Age;
        }

        _nextLook = _nextLook is null || next < _nextLook ? next ?? _nextLook : _nextLook;
    }

    private bool Decodable(PartialFrame frame) => _window.Delivered.CanDecode(frame.Type, frame.ReferenceNumber);

    /// <summary>The first whole frame that can be decoded, unless one before it may still be: arriving, overtaken, or being repaired.</summary>
    private PartialFrame? FindReady(TimeSpan now)
    {
        for (long number = Math.Max(_window.Next, 0); number <= _window.Newest; number++)
        {
            PartialFrame? frame = _window.Find(number);
            if (frame is not null && !Decodable(frame))
            {
                continue;  // its reference is lost for good, or among the frames just passed over
            }

            if (frame is { Complete: true })
            {
                return frame;
            }

            if (!_holes.IsGivenUp(number, now))
            {
                return null;
            }
        }

        return null;
    }

    private bool IsBroken()
    {
        bool broken = false;
        for (long number = Math.Max(_window.Next, 0); number <= _window.Newest; number++)
        {
            PartialFrame? frame = _window.Find(number);
            if (frame is { Discardable: true, Complete: false })
            {
                continue;  // nothing depends on it, whether it comes or not
            }

            bool lost = frame is not null && !Decodable(frame)
                ? broken || (frame.ReferenceNumber < _window.Next && (_window.Started || frame.Complete || _holes.IsBelieved(number)))
                : frame is not { Complete: true } && _holes.IsGivenUp(number, _now);
            if (!lost && (frame is not null || !broken))
            {
                return false;  // whole, or on its way: arriving, overtaken or being repaired
            }

            broken = true;
        }

        return broken;
    }
}
