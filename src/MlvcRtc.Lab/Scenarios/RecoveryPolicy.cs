using MlvcRtc.Rtp.Recovery;

namespace MlvcRtc.Lab.Scenarios;

/// <summary>A named set of recovery tools, given to both ends of a call.</summary>
/// <param name="Name">As on the command line and in reports.</param>
/// <param name="Tools">What may be used.</param>
public sealed record RecoveryPolicy(string Name, RecoveryTools Tools)
{
    /// <summary>All policies, from the poorest to the one that calls use.</summary>
    public static IReadOnlyList<RecoveryPolicy> All { get; } =
    [
        new("none", RecoveryTools.None),
        new("pli", RecoveryTools.KeyFrame),
        new("nack", RecoveryTools.KeyFrame | RecoveryTools.Retransmission),
        new("ltr", RecoveryTools.KeyFrame | RecoveryTools.References),
        new("ltr+nack", RecoveryTools.All),
    ];

    /// <summary>The policy of that name, or null.</summary>
    public static RecoveryPolicy? Find(string name) => All.FirstOrDefault(policy => policy.Name == name);
}
