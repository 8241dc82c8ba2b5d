using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.Rtp.Playout;

/// <summary>One packet's place in the sound.</summary>
public readonly ref struct SoundItem(TimeSpan due, ReadOnlySpan<byte> payload)
{
    /// <summary>When it is to be heard.</summary>
    public TimeSpan Due { get; } = due;

    /// <summary>Empty when the packet never came; valid until the next call.</summary>
    public ReadOnlySpan<byte> Payload { get; } = payload;

    public bool IsLost => Payload.IsEmpty;
}

/// <summary>
/// The jitter buffer of sound: packets leave in order of their numbers, each when it is due, and what is not here by then is given up. Due is the capture time + the least transit of the last
/// 10 s + a delay that 95 % of the packets keep, as for pictures (<see cref="PlayoutClock"/>); where somebody begins to speak it may fall at once (Ramjee et al., "Adaptive playout mechanisms for
/// packetized audio applications in wide-area networks", INFOCOM 1994). Knows nothing of the codec. Time comes in; allocates nothing after the start. One thread at a time.
/// </summary>
/// <param name="clockRateHz">Of the RTP time: 48,000 for Opus, whatever was recorded (RFC 7587 §4.1).</param>
public sealed class SoundPlayout(int clockRateHz)
{
    /// <summary>Longest payload kept; longer ones are refused, as no datagram holds them.</summary>
    public const int MaxPayloadBytes = 1500;

    /// <summary>Packets that wait at most: 1.28 s of 20 ms packets. Above the most delay, so that only a burst of lies fills it.</summary>
    private const int Places = 64;

    /// <summary>A number so far away is no late packet: the sender counts anew (RFC 3550 A.1, MAX_DROPOUT).</summary>
    private const int Leap = 3000;

    /// <summary>NetEq's quantile, as for pictures.</summary>
    private const double InTimeShare = 0.95;

    /// <summary>Within speech it falls by 10 ms in a second, slower than for pictures: 1 % too fast is not heard as a change of speed.</summary>
    private const double FallPerSecond = 0.01;

    /// <summary>A packet's usual length until two have told it (RFC 7587 §3: 20 ms is the default).</summary>
    private static readonly TimeSpan UsualInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>120 ms: RFC 7587 §3.</summary>
    private static readonly TimeSpan LongestPacket = TimeSpan.FromMilliseconds(120);

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>What timers and sockets of two programs on one machine are late by, half a packet.</summary>
    private static readonly TimeSpan LeastDelay = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan MostDelay = TimeSpan.FromMilliseconds(200);

    /// <summary>A packet this much earlier or later than the one before comes from a sender that set its clock anew.</summary>
    private static readonly TimeSpan ClockStep = TimeSpan.FromSeconds(5);

    private readonly byte[] _bytes = new byte[Places * MaxPayloadBytes];
    private readonly Place[] _places = new Place[Places];
    private readonly SlidingQuantile _transits = new(Window, 1024);
    private SequenceUnwrapper _sequence = new();
    private uint _lastTimestamp;
    private long _lastTicks;
    private TimeSpan _lastTransit;
    private TimeSpan? _leastGap;  // between the captures of packets with following numbers: pauses make some gaps larger
    private long _newest;
    private TimeSpan _newestCapture;
    private TimeSpan _offset;  // base + delay
    private TimeSpan _updated;
    private long _next;
    private bool _begun;
    private int _waiting;

    /// <summary>Numbers given up.</summary>
    public long Lost { get; private set; }

    /// <summary>Packets that came twice, or after they had been given up.</summary>
    public long Late { get; private set; }

    /// <summary>From the arrival that an undelayed packet has to its sound.</summary>
    public TimeSpan Delay { get; private set; }

    /// <summary>On top of <see cref="Delay"/>, so that the picture comes with the sound (<see cref="LipSync"/>).</summary>
    public TimeSpan Hold { get; set; }

    /// <summary>When what was captured at this RTP time is due, but for <see cref="Hold"/>; null before the first packet.</summary>
    public TimeSpan? PlayedAt(uint timestamp) => _begun ? TimeOf(_lastTicks + unchecked((int)(timestamp - _lastTimestamp))) + _offset : null;

    /// <summary>A packet arrived.</summary>
    /// <param name="arrival">Not before that of the previous call.</param>
    public void Add(ushort number, uint timestamp, ReadOnlySpan<byte> payload, TimeSpan arrival)
    {
        if (payload.Length is 0 or > MaxPayloadBytes)
        {
            return;
        }

        long sequence = _sequence.Unwrap(number);
        TimeSpan capture = ToCapture(timestamp);
        TimeSpan transit = arrival - capture;
        if (!_begun || Math.Abs(sequence - _next) > Leap || (transit - _lastTransit).Duration() > ClockStep)
        {
            Begin(number, timestamp);
            sequence = number;
            capture = ToCapture(timestamp);
            transit = arrival - capture;
        }

        _lastTransit = transit;
        _transits.Add(arrival, transit);
        bool begins = sequence == _newest + 1 && _newestCapture < capture && NoteGap(capture - _newestCapture);
        Update(arrival, begins);
        if (sequence < _next || (sequence < _next + Places && PlaceOf(sequence).Used))
        {
            Late++;
            return;
        }

        for (; sequence >= _next + Places; _next++)
        {
            GiveUpOldest();
        }

        if (sequence > _newest)
        {
            (_newest, _newestCapture) = (sequence, capture);
        }

        PlaceOf(sequence) = new Place(Used: true, capture, payload.Length);
        payload.CopyTo(_bytes.AsSpan((int)(sequence % Places) * MaxPayloadBytes));
        _waiting++;
    }

    /// <summary>When <see cref="TryTake"/> has something; null = nothing waits.</summary>
    public TimeSpan? NextDue
    {
        get
        {
            if (_waiting == 0)
            {
                return null;
            }

            long present = _next;
            while (!PlaceOf(present).Used)
            {
                present++;
            }

            return PlaceOf(present).Capture - ((present - _next) * Interval) + _offset + Hold;
        }
    }

    /// <summary>The next packet, or the next that is given up, when it is due.</summary>
    public bool TryTake(TimeSpan now, out SoundItem item)
    {
        item = default;
        if (NextDue is not { } due || due > now)
        {
            return false;
        }

        ref Place place = ref PlaceOf(_next);
        if (place.Used)
        {
            item = new SoundItem(due, _bytes.AsSpan((int)(_next % Places) * MaxPayloadBytes, place.Length));
            place = default;
            _waiting--;
        }
        else
        {
            item = new SoundItem(due, []);
            Lost++;
        }

        _next++;
        return true;
    }

    /// <summary>Of a packet.</summary>
    private TimeSpan Interval => _leastGap ?? UsualInterval;

    private ref Place PlaceOf(long sequence) => ref _places[sequence % Places];

    private TimeSpan ToCapture(uint timestamp)
    {
        _lastTicks += unchecked((int)(timestamp - _lastTimestamp));
        _lastTimestamp = timestamp;
        return TimeOf(_lastTicks);
    }

    private TimeSpan TimeOf(long ticks) => new((long)Math.Round(ticks * ((double)TimeSpan.TicksPerSecond / clockRateHz)));

    private void Begin(ushort number, uint timestamp)
    {
        Array.Clear(_places);
        _transits.Clear();
        _sequence = new SequenceUnwrapper();
        _sequence.Unwrap(number);
        (_lastTimestamp, _lastTicks) = (timestamp, timestamp);
        (_begun, _next, _newest, _newestCapture, _leastGap, _waiting, _updated) = (true, number, number - 1L, TimeSpan.MaxValue, null, 0, TimeSpan.MinValue);
    }

    private void GiveUpOldest()
    {
        ref Place place = ref PlaceOf(_next);
        _waiting -= place.Used ? 1 : 0;
        place = default;
        Lost++;
    }

    /// <summary>Whether the speaker paused before this packet: its number is the next, its time is not (RFC 7587 §3.1.3).</summary>
    private bool NoteGap(TimeSpan gap)
    {
        bool paused = gap > 1.5 * Interval;
        TimeSpan most = _leastGap ?? LongestPacket;
        _leastGap = gap < most ? gap : most;
        return paused;
    }

    private void Update(TimeSpan now, bool begins)
    {
        TimeSpan least = _transits.Least;
        TimeSpan wanted = _transits.At(InTimeShare) - least + LeastDelay;
        TimeSpan goal = least + (wanted > MostDelay ? MostDelay : wanted);
        if (!begins && _updated != TimeSpan.MinValue && _offset > goal && _offset - goal < ClockStep)
        {
            TimeSpan fallen = _offset - ((now - _updated) * FallPerSecond);
            TimeSpan most = least + MostDelay;
            fallen = fallen > most ? most : fallen;
            goal = fallen > goal ? fallen : goal;
        }

        (_offset, _updated) = (goal, now);
        Delay = goal - least;
    }

    private readonly record struct Place(bool Used, TimeSpan Capture, int Length);
}
