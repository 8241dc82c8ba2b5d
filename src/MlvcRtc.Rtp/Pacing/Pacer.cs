namespace MlvcRtc.Rtp.Pacing;

/// <summary>
/// Step 5: a leaky bucket that spreads the packets of a frame over time, so that a frame is no burst for the bottleneck.
/// It drains at 2.5 times the target rate: an ordinary frame leaves within half a frame interval (0.4 of one), while a key
/// frame of ten times that size holds the bucket for several intervals and the encoder skips meanwhile (<see cref="QueueTime"/>).
/// Pure: polled with time. Bounded; allocates nothing once its ring has grown. One thread at a time.
/// </summary>
public sealed class Pacer
{
    /// <summary>Share of the target rate at which the bucket drains (libwebrtc's pacing factor).</summary>
    public const double DrainFactor = 2.5;

    /// <summary>The same while a frame is queued that mends a broken picture: its last packet is what the viewer waits for. Two or three packets, twice as fast. Ours.</summary>
    public const double UrgentDrainFactor = 2 * DrainFactor;

    /// <summary>Packets queued at most: four frames of the largest size.</summary>
    public const int Capacity = 1024;

    /// <summary>A late poll may catch up this much at once (libwebrtc's pacer burst interval); timers are about 1 ms late on an idle machine.</summary>
    private static readonly TimeSpan MaxCatchUp = TimeSpan.FromMilliseconds(5);

    private readonly byte[]?[] _packets = new byte[Capacity][];  // ring of reused buffers
    private readonly int[] _lengths = new int[Capacity];
    private readonly int _maxPacketBytes;
    private int _head;
    private int _count;
    private long _queuedBytes;
    private double _targetKbps;
    private TimeSpan _nextSend;
    private bool _urgent;

    /// <param name="maxPacketBytes">Largest packet that will be queued.</param>
    /// <param name="targetKbps">kbit/s (1 kbit = 1000 bit) that the sender aims at; above 0.</param>
    public Pacer(int maxPacketBytes, double targetKbps)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxPacketBytes, 1);
        _maxPacketBytes = maxPacketBytes;
        TargetKbps = targetKbps;
    }

    /// <summary>kbit/s that the sender aims at; above 0. Takes effect on what is queued already.</summary>
    public double TargetKbps
    {
        get => _targetKbps;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            _targetKbps = value;
        }
    }

    public int QueuedPackets => _count;

    /// <summary>How long the queue needs to drain. Skip the next frame before encoding when this exceeds one frame interval.</summary>
    public TimeSpan QueueTime => TimeToSend(_queuedBytes);

    /// <summary>When the next packet may leave; null = the queue is empty.</summary>
    public TimeSpan? NextSend => _count > 0 ? _nextSend : null;

    /// <summary>What is queued mends a broken picture: until the queue is empty it drains at <see cref="UrgentDrainFactor"/>.</summary>
    public void Hurry() => _urgent = true;

    /// <summary>True when a frame of so many packets fits.</summary>
    public bool HasRoom(int packets) => _count + packets <= Capacity;

    /// <summary>A buffer for one packet; it joins the queue by <see cref="Commit"/>.</summary>
    /// <exception cref="InvalidOperationException">The queue is full; ask <see cref="HasRoom"/> first.</exception>
    public Span<byte> Reserve()
    {
        if (_count == Capacity)
        {
            throw new InvalidOperationException("The pacer queue is full.");
        }

        int place = (_head + _count) % Capacity;
        return _packets[place] ??= GC.AllocateUninitializedArray<byte>(_maxPacketBytes);
    }

    /// <summary>Queues the first <paramref name="length"/> bytes of the reserved buffer.</summary>
    public void Commit(int length, TimeSpan now)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _maxPacketBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        _urgent &= _count > 0;
        if (_count == 0 && _nextSend < now)
        {
            _nextSend = now;  // an idle bucket saves no credit
        }

        _lengths[(_head + _count) % Capacity] = length;
        _count++;
        _queuedBytes += length;
    }

    /// <summary>The next packet if it may leave now; its bytes are valid until the next <see cref="Reserve"/>.</summary>
    public bool TryDequeue(TimeSpan now, out ReadOnlySpan<byte> packet)
    {
        packet = default;
        return _nextSend <= now && TryDequeueEarly(now, out packet);
    }

    /// <summary>The next packet though its time may not have come: a probe sends faster. Its share of the bucket is taken all the same.</summary>
    public bool TryDequeueEarly(TimeSpan now, out ReadOnlySpan<byte> packet)
    {
        packet = default;
        if (_count == 0)
        {
            return false;
        }

        int length = _lengths[_head];
        packet = _packets[_head].AsSpan(0, length);
        _head = (_head + 1) % Capacity;
        _count--;
        _queuedBytes -= length;
        Spend(length, now);
        return true;
    }

    /// <summary>When a packet that overtakes the queue may leave.</summary>
    public TimeSpan NextTurn => _nextSend;

    /// <summary>Lets a packet that is not in the queue leave before those that are. False when nothing may leave yet.</summary>
    public bool TryOvertake(int length, TimeSpan now)
    {
        if (_nextSend > now)
        {
            return false;
        }

        _nextSend = _count == 0 ? now : _nextSend;
        Spend(length, now);
        return true;
    }

    /// <summary>How long so many bytes need to leave.</summary>
    public TimeSpan TimeToSend(long bytes) => TimeSpan.FromMilliseconds(bytes * 8 / (_targetKbps * (_urgent ? UrgentDrainFactor : DrainFactor)));  // bytes · 8 bit / (kbit/s · 2.5) = milliseconds

    private void Spend(int length, TimeSpan now)
    {
        TimeSpan earliest = now - MaxCatchUp;
        _nextSend = (_nextSend < earliest ? earliest : _nextSend) + TimeToSend(length);
    }
}
