namespace MlvcRtc.Codec.RateControl;

/// <summary>
/// Bits that were produced and not yet drained at the target rate: the queue a network of exactly that rate would have. It holds one
/// second (libmlvc's reference controller, as are the fills below).
/// </summary>
internal sealed class LeakyBucket
{
    /// <summary>The fill that the controller steers to, in capacities.</summary>
    public const double TargetFill = 0.1;

    /// <summary>Above this, in capacities, frames are skipped.</summary>
    public const double FullFill = 0.9;

    /// <summary>
    /// Unused bits that may be made up for, in capacities. The reference forgets them at once (0). Measured with mlvc-xs v0.200, four clips of
    /// 320x180, 30 frames/s: at 90 % of a clip's range the rate ends 0.2 to 2.9 points nearer to the target than with 0; at 10 to 40 % it makes no difference.
    /// </summary>
    private const double Credit = 0.2;

    public LeakyBucket(double bitsPerSecond)
    {
        Capacity = bitsPerSecond;
        Fill = TargetFill * Capacity;
    }

    /// <summary>Bits of one second.</summary>
    public double Capacity { get; private set; }

    /// <summary>Bits; negative when there is credit.</summary>
    public double Fill { get; private set; }

    public void Drain(TimeSpan passed) => Fill = Math.Max(Fill - (passed.TotalSeconds * Capacity), -Credit * Capacity);

    public void Add(double bits) => Fill += bits;

    /// <summary>Changes the rate; the bits above (or below) the target fill stay as they are.</summary>
    public void SetRate(double bitsPerSecond)
    {
        double excess = Fill - (TargetFill * Capacity);
        Capacity = bitsPerSecond;
        Fill = (TargetFill * Capacity) + excess;
    }
}
