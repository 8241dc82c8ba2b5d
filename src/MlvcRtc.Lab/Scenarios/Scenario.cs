using MlvcRtc.Lab.Network;

namespace MlvcRtc.Lab.Scenarios;

/// <summary>What a scenario asks.</summary>
public enum ScenarioKind
{
    /// <summary>How well a call at a fixed rate survives loss: one run per recovery policy, estimator off.</summary>
    Recovery = 0,

    /// <summary>How well the bandwidth estimator uses a bottleneck: a source that always has data, no policies.</summary>
    Bandwidth = 1,
}

/// <summary>A network that a user would recognise, and what is sent over it.</summary>
/// <param name="Name">As on the command line and in reports: small letters, digits and dashes.</param>
/// <param name="Description">One line for people.</param>
public sealed record Scenario(string Name, string Description)
{
    public ScenarioKind Kind { get; init; }

    /// <summary>Delay there and back, without queues. The viewer's clock reckons with half of it.</summary>
    public required TimeSpan RoundTrip { get; init; }

    /// <summary>Coded video, kbit/s; in bandwidth scenarios where the estimator starts.</summary>
    public double Kbps { get; init; } = 300;

    /// <summary>What the receiver waits beyond the ideal before it shows a picture; the same for every policy.</summary>
    public TimeSpan PlayoutDelay { get; init; } = TimeSpan.FromMilliseconds(40);

    /// <summary>Length of a run unless the user says otherwise.</summary>
    public double Seconds { get; init; } = 30;

    /// <summary>Calls that share the bottleneck; more than one only in bandwidth scenarios.</summary>
    public int Calls { get; init; } = 1;

    /// <summary>The way of the video, made anew for each run: loss models remember.</summary>
    public required Func<LinkSchedule> Forward { get; init; }

    /// <summary>The way of the feedback.</summary>
    public required Func<LinkSchedule> Backward { get; init; }
}
