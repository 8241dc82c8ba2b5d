namespace MlvcRtc.Lab.Network;

/// <summary>
/// Loss in bursts: a chain of two states, of which the bad one loses every packet and the good one none (E. N. Gilbert, Capacity of a burst-noise
/// channel, 1960, with the loss of the bad state set to 1). Bursts last 1 / P(bad to good) packets on average, and the share of packets
/// lost is P(good to bad) / (P(good to bad) + P(bad to good)); both parameters follow from that.
/// </summary>
public sealed class GilbertElliottLoss : ILossModel
{
    private readonly double _toBad;
    private readonly double _toGood;
    private bool _bad;

    /// <param name="meanBurst">Packets lost in a row, on average; at least 1.</param>
    /// <param name="percent">Packets lost altogether, 0..99; so many that the good state must last a packet at least.</param>
    public GilbertElliottLoss(double meanBurst, double percent)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(meanBurst, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(percent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100 * meanBurst / (meanBurst + 1));
        double share = percent / 100;
        _toGood = 1 / meanBurst;
        _toBad = _toGood * share / (1 - share);
    }

    public bool Loses(long packetIndex, double chance, TimeSpan sentAt) => _bad = _bad ? chance >= _toGood : chance < _toBad;
}
