using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.Rtp.Congestion;

/// <summary>
/// The receiver's half of the measurement: notes when numbered packets arrive and writes <see cref="TransportFeedback"/> about
/// them at intervals. Bounded: packets more than <see cref="Capacity"/> numbers old go unreported. Allocates nothing. One
/// thread at a time.
/// </summary>
/// <param name="ownSsrc">Who we are in the feedback.</param>
public sealed class ArrivalLog(uint ownSsrc)
{
    /// <summary>As many as the sender remembers.</summary>
    public const int Capacity = SentPackets.Capacity;

    /// <summary>Between two messages until the rate is known (draft-holmer-rmcat-transport-wide-cc-extensions-01 §4, libwebrtc's default).</summary>
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Bounds of the interval (libwebrtc: RemoteEstimatorProxy).</summary>
    public static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(50), MaxInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>Share of the received rate that feedback may take (libwebrtc: 5 %).</summary>
    private const double RateShare = 0.05;

    /// <summary>Bytes of a usual message on the wire: IP 20 + UDP 8 + SRTP 10 + message 30 (libwebrtc: kTwccReportSize).</summary>
    private const int MessageBytes = 68;

    /// <summary>Weight of the newest interval in the received rate; about four intervals of memory.</summary>
    private const double RateGain = 0.25;

    private readonly TimeSpan[] _arrivals = new TimeSpan[Capacity];
    private readonly TimeSpan[] _reporting = new TimeSpan[TransportFeedbackWriter.MaxStatuses];
    private readonly SequenceUnwrapper _numbers = new();
    private long _next = -1;    // first number to report; -1 before the first packet
    private long _newest = -1;
    private bool _news;
    private byte _messages;
    private long _bytes;
    private double _receivedKbps;
    private TimeSpan _lastReport;

    /// <summary>Between two messages now.</summary>
    public TimeSpan Interval { get; private set; } = DefaultInterval;

    /// <summary>When <see cref="TryWrite"/> has a message; null = nothing arrived since the last.</summary>
    public TimeSpan? NextReport => _news ? _lastReport + Interval : null;

    /// <summary>A packet with this transport-wide number arrived.</summary>
    /// <param name="sizeBytes">RTP packet with its header.</param>
    public void Add(ushort number, int sizeBytes, TimeSpan arrival)
    {
        long unwrapped = _numbers.Unwrap(number);
        if (_newest < 0 || Math.Abs(unwrapped - _newest) >= Capacity)
        {
            StartAt(unwrapped, arrival);
        }

        for (; _newest < unwrapped; _newest++)
        {
            _arrivals[Place(_newest + 1)] = TransportFeedbackWriter.NotArrived;
        }

        // A straggler is reported after all, with what follows it; the sender passes over what it knows.
        _next = Math.Max(Math.Min(_next, unwrapped), _newest - Capacity + 1);
        ref TimeSpan noted = ref _arrivals[Place(unwrapped)];
        noted = noted == TransportFeedbackWriter.NotArrived ? arrival : noted;  // of two copies the first counts
        _bytes += sizeBytes;
        _news = true;
    }

    /// <summary>Writes a message when one is due; call until it returns false.</summary>
    /// <param name="destination">At least <see cref="TransportFeedbackWriter.MaxBytes"/>.</param>
    /// <param name="mediaSsrc">A stream of the sender.</param>
    /// <param name="written">Bytes of the message.</param>
    public bool TryWrite(Span<byte> destination, uint mediaSsrc, TimeSpan now, out int written)
    {
        written = 0;
        if (!(NextReport <= now))
        {
            return false;
        }

        int pending = (int)Math.Min(_newest - _next + 1, _reporting.Length);
        for (int i = 0; i < pending; i++)
        {
            _reporting[i] = _arrivals[Place(_next + i)];
        }

        written = TransportFeedbackWriter.Write(
            destination, ownSsrc, mediaSsrc, unchecked((ushort)_next), _messages++, _reporting.AsSpan(0, pending), out int reported);
        _next += reported;
        _news = _next <= _newest;
        if (!_news)
        {
            ChooseInterval(now);
        }

        return true;
    }

    private static int Place(long number) => (int)(((number % Capacity) + Capacity) % Capacity);

    private void StartAt(long number, TimeSpan now)
    {
        Array.Fill(_arrivals, TransportFeedbackWriter.NotArrived);
        _next = number;
        _newest = number;
        _lastReport = _news || _messages > 0 ? _lastReport : now;
    }

    private void ChooseInterval(TimeSpan now)
    {
        double elapsedMs = Math.Max(1, (now - _lastReport).TotalMilliseconds);
        double kbps = _bytes * 8 / elapsedMs;
        _receivedKbps = _receivedKbps == 0 ? kbps : _receivedKbps + (RateGain * (kbps - _receivedKbps));
        double intervalMs = MessageBytes * 8 / Math.Max(1, RateShare * _receivedKbps);
        Interval = TimeSpan.FromMilliseconds(Math.Clamp(intervalMs, MinInterval.TotalMilliseconds, MaxInterval.TotalMilliseconds));
        _lastReport = now;
        _bytes = 0;
    }
}
