namespace MlvcRtc.Rtp.Reassembly;

/// <summary>
/// With one packet per frame the packet that proves a loss comes a whole frame interval after the lost one. Where frames come like clockwork, the frame that is not
/// there is suspected before: when it is overdue by four mean deviations (RFC 6298's margin for round trips), 8 ms at least. A suspicion may be wrong, and costs a
/// recovery frame then; so there is none where it would win less than half an interval, while fragments of the frame keep coming (a key frame takes several intervals to be sent), and after a false alarm for 5 s. Time comes in.
/// </summary>
internal sealed class OverdueFrame
{
    private const int Margin = 4;

    /// <summary>What a timer of an ordinary operating system and a send thread are late by at times (our measurement: 1..5 ms on an idle machine), and some to spare.</summary>
    private static readonly TimeSpan LeastAllowance = TimeSpan.FromMilliseconds(8);

    /// <summary>A suspicion ends by itself: the sender may have stopped to send.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan QuietAfterFalseAlarm = TimeSpan.FromSeconds(5);

    private long _frame = -1;
    private TimeSpan? _from;
    private TimeSpan _pause;
    private TimeSpan? _quietUntil;

    public bool IsOverdue(TimeSpan now) => now >= _from && now < _from + Lifetime && !(now < _quietUntil);

    /// <summary>When the answer of <see cref="IsOverdue"/> changes by time alone; null = it does not.</summary>
    public TimeSpan? NextLook(TimeSpan now) => now < _quietUntil ? null : _from > now ? _from : _from + Lifetime > now ? _from + Lifetime : null;

    public void Clear()
    {
        _frame = -1;
        _from = _quietUntil = null;
    }

    /// <param name="frame">The frame that is due while nothing later is here; -1 = there is no such frame, or nothing would depend on it.</param>
    public void Watch(long frame, FrameCadence cadence)
    {
        if (frame == _frame)
        {
            return;
        }

        _frame = frame;
        _from = null;
        _pause = cadence.Interval / 2;
        TimeSpan allowance = TimeSpan.FromTicks(Math.Max(LeastAllowance.Ticks, Margin * cadence.Deviation.Ticks));
        if (frame >= 0 && allowance < cadence.Interval / 2)
        {
            _from = cadence.Expected(frame) + allowance;
        }
    }

    /// <summary>A fragment came: the next may come half an interval later, which is how long the pacer takes for a packet at 150 kbit/s and 30 frames/s.</summary>
    public void FragmentArrived(long frame, TimeSpan now)
    {
        if (frame == _frame && _from < now + _pause)
        {
            _from = now + _pause;
        }
    }

    /// <summary>A frame became whole; the suspected one was only late.</summary>
    public void Arrived(long frame, TimeSpan now)
    {
        if (frame == _frame && IsOverdue(now))
        {
            _quietUntil = now + QuietAfterFalseAlarm;
        }
    }
}
