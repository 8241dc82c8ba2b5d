namespace MlvcRtc.Rtp.Retransmission;

/// <summary>What retransmissions cost, smoothed over a second: so much less may new frames have, so that all together stay at the target.</summary>
public sealed class RetransmissionRate
{
    private static readonly TimeSpan Smoothing = TimeSpan.FromSeconds(1);

    private double _bytes;  // of the last second, older ones weighing less
    private TimeSpan _at;

    /// <summary>A packet was sent again.</summary>
    public void Add(int bytes, TimeSpan now)
    {
        Decay(now);
        _bytes += bytes;
    }

    /// <summary>kbit/s (1 kbit = 1000 bit).</summary>
    public double Kbps(TimeSpan now)
    {
        Decay(now);
        return _bytes * 8 / 1000 / Smoothing.TotalSeconds;
    }

    private void Decay(TimeSpan now)
    {
        if (now > _at)
        {
            _bytes *= Math.Exp(-(now - _at) / Smoothing);
            _at = now;
        }
    }
}
