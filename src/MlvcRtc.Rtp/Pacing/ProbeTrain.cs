using MlvcRtc.Rtp.Congestion;

namespace MlvcRtc.Rtp.Pacing;

/// <summary>The times at which the packets of a probe leave: evenly at its rate, until it has enough packets and bytes. One thread at a time.</summary>
public sealed class ProbeTrain
{
    private ProbePlan _plan;
    private TimeSpan _start;
    private int _packets;
    private long _bytes;

    /// <summary>Of the train on its way; 0 = none.</summary>
    public int Cluster => _plan.Cluster;

    /// <summary>When its next packet leaves; null = no train is on its way.</summary>
    public TimeSpan? NextSend => Cluster == 0 ? null : _start + TimeSpan.FromMilliseconds(_bytes * 8 / _plan.Kbps);

    /// <summary>Begins a train; the one before has ended.</summary>
    public void Start(ProbePlan plan, TimeSpan now)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(plan.Kbps, nameof(plan));
        _plan = plan;
        _start = now;
        _packets = 0;
        _bytes = 0;
    }

    /// <summary>A packet of the train left; the last one ends it.</summary>
    public void Sent(int sizeBytes)
    {
        _packets++;
        _bytes += sizeBytes;
        if (_packets >= ProbePlan.MinPackets && _bytes >= _plan.MinBytes)
        {
            _plan = default;
        }
    }
}
