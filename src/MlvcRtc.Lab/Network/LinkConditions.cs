namespace MlvcRtc.Lab.Network;

/// <summary>What one direction of a simulated link does to packets. The default is a perfect link.</summary>
public sealed record LinkConditions
{
    public ILossModel Loss { get; init; } = new NoLoss();

    /// <summary>One way, without queueing; at least zero.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Added to the delay: uniform in [0, Jitter).</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>True: jitter may let a packet overtake another. False: order is kept, as on most paths.</summary>
    public bool Reorders { get; init; }

    /// <summary>kbit/s (1 kbit = 1000 bit) of the bottleneck, IP and UDP headers included; 0 = no limit.</summary>
    public double RateKbps { get; init; }

    /// <summary>The bottleneck drops what would wait longer than this (droptail). 300 ms: a common home router under load.</summary>
    public TimeSpan QueueLimit { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Each packet arrives twice with this probability, 0..100.</summary>
    public double DuplicatePercent { get; init; }

    /// <summary>Each delivered packet has one flipped bit with this probability, 0..100: what UDP's checksum lets through, or a middlebox that computes it anew.</summary>
    public double CorruptPercent { get; init; }
}
