namespace MlvcRtc.Lab.Network;

/// <summary>Everything sent from <paramref name="from"/> until before <paramref name="to"/> is lost: a tunnel, a changed network, a pulled cable.</summary>
/// <param name="otherwise">What is lost at other times; null = nothing.</param>
public sealed class Blackout(TimeSpan from, TimeSpan to, ILossModel? otherwise = null) : ILossModel
{
    public bool Loses(long packetIndex, double chance, TimeSpan sentAt)
    {
        bool lost = otherwise?.Loses(packetIndex, chance, sentAt) ?? false;
        return lost || (sentAt >= from && sentAt < to);
    }
}

/// <summary>
/// One lost packet at a time: the first that is sent after each of a row of instants, about <paramref name="period"/> apart. The instants are the same whatever
/// is sent, and spread by the golden ratio so that losses meet every phase of the frame interval.
/// </summary>
/// <param name="period">Mean distance of losses; above 0.</param>
/// <param name="after">Nothing is lost before.</param>
public sealed class IsolatedLoss(TimeSpan period, TimeSpan after) : ILossModel
{
    private const double GoldenRatio = 0.6180339887498949;

    /// <summary>Share of the period by which instants are moved: two are never closer than half a period.</summary>
    private const double Spread = 0.5;

    private long _losses;

    public bool Loses(long packetIndex, double chance, TimeSpan sentAt)
    {
        if (sentAt < Instant(_losses))
        {
            return false;
        }

        while (Instant(_losses) <= sentAt)
        {
            _losses++;
        }

        return true;
    }

    private TimeSpan Instant(long loss) => after + (period * (loss + (Spread * (loss * GoldenRatio % 1))));
}
