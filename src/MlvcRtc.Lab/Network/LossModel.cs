namespace MlvcRtc.Lab.Network;

/// <summary>Decides which packets a link loses. Stateful; one per direction and run. All chance comes from the link's seeded generator.</summary>
public interface ILossModel
{
    /// <summary>True when the packet is lost. Called once for every packet given to the link, in the order of sending.</summary>
    /// <param name="packetIndex">0 for the first packet of this direction.</param>
    /// <param name="chance">Uniform in [0, 1).</param>
    /// <param name="sentAt">When the packet was given to the link.</param>
    bool Loses(long packetIndex, double chance, TimeSpan sentAt);
}

/// <summary>Loses nothing.</summary>
public sealed class NoLoss : ILossModel
{
    public bool Loses(long packetIndex, double chance, TimeSpan sentAt) => false;
}

/// <summary>Loses each packet with the same probability, whatever happened before.</summary>
/// <param name="percent">0..100.</param>
public sealed class BernoulliLoss(double percent) : ILossModel
{
    public bool Loses(long packetIndex, double chance, TimeSpan sentAt) => chance * 100 < percent;
}

/// <summary>Loses exactly these packets.</summary>
public sealed class ListedLoss(params long[] packets) : ILossModel
{
    private readonly HashSet<long> _packets = [.. packets];

    public bool Loses(long packetIndex, double chance, TimeSpan sentAt) => _packets.Contains(packetIndex);
}
