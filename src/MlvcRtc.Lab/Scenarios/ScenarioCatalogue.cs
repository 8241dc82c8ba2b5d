using MlvcRtc.Lab.Network;

namespace MlvcRtc.Lab.Scenarios;

/// <summary>All scenarios of the lab, in the order of the overview.</summary>
public static class ScenarioCatalogue
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        Plain("clean", "No loss, 80 ms round trip: what recovery costs when there is nothing to recover", Ms(80), () => new NoLoss()),
        Isolated(20),
        Isolated(80),
        Isolated(200),
        Plain("random-2", "2 % random loss each way, 80 ms round trip, 200 kbit/s", Ms(80), () => new BernoulliLoss(2)) with { Kbps = 200 },
        Plain("random-2-near", "2 % random loss each way, 2 ms round trip, 200 kbit/s: two machines on one radio network", Ms(2), () => new BernoulliLoss(2)) with { Kbps = 200 },
        Plain("random-5", "5 % random loss each way, 80 ms round trip, 300 kbit/s", Ms(80), () => new BernoulliLoss(5)),
        Plain("random-20", "20 % random loss each way, 80 ms round trip, 300 kbit/s", Ms(80), () => new BernoulliLoss(20)),
        Plain("bursts", "5 % loss in bursts of 8 packets on average (Gilbert-Elliott), feedback loses 5 % at random; 80 ms round trip", Ms(80), () => new GilbertElliottLoss(8, 5)) with
        {
            Backward = () => Delayed(Ms(40), new BernoulliLoss(5)),
        },
        Plain("blackout", "The network is gone for 3 s from second 8 on, both ways; 80 ms round trip", Ms(80), () => new Blackout(Seconds(8), Seconds(11))) with { Seconds = 20 },
        Traced("home-wifi", "Home Wi-Fi with a microwave oven next door: fast, short fades, jitter that reorders", Ms(24), Ms(8), reorders: true) with { Kbps = 600, PlayoutDelay = Ms(50) },
        Traced("congested-4g", "A mobile cell in the evening: 1.1 Mbit/s on average, deep slow fades, bloated queue", Ms(76), Ms(15), reorders: false) with
        {
            Kbps = 300,
            PlayoutDelay = Ms(60),
        },
        Traced("hotel", "Hotel network: 0.9 Mbit/s shared by the corridor, 1.5 % loss and worse at times", Ms(56), Ms(10), reorders: false) with { Kbps = 250, PlayoutDelay = Ms(50) },
        new("train-tunnel", "A train at 70 ms round trip: every 15 s a tunnel of 2.5 s without network, thin cells at both ends of it")
        {
            RoundTrip = Ms(70),
            Forward = () => Tunnel(new LinkConditions { Delay = Ms(35), Jitter = Ms(8), RateKbps = 1500 }),
            Backward = () => Tunnel(new LinkConditions { Delay = Ms(35), Jitter = Ms(8) }),
            PlayoutDelay = Ms(50),
        },
        new("transatlantic", "Europe to California: 150 ms round trip, little loss, little jitter")
        {
            RoundTrip = Ms(150),
            Forward = () => new LinkConditions { Delay = Ms(75), Jitter = Ms(5), Loss = new BernoulliLoss(0.7) },
            Backward = () => new LinkConditions { Delay = Ms(75), Jitter = Ms(5), Loss = new BernoulliLoss(0.7) },
            Kbps = 400,
            PlayoutDelay = Ms(50),
        },
        Bottleneck("steady-500", "A bottleneck of 500 kbit/s that never changes", 40, new LinkStep(TimeSpan.Zero, Rate(500))),
        Bottleneck("drop-1000-300", "A bottleneck of 1000 kbit/s that falls to 300 at second 20 and recovers at second 40", 70, new(TimeSpan.Zero, Rate(1000)), new(Seconds(20), Rate(300)), new(Seconds(40), Rate(1000))),
        Bottleneck("shared-1000", "Two calls behind one bottleneck of 1000 kbit/s", 90, new LinkStep(TimeSpan.Zero, Rate(1000))) with { Calls = 2 },
    ];

    /// <summary>The scenario of that name, or null.</summary>
    public static Scenario? Find(string name) => All.FirstOrDefault(scenario => scenario.Name == name);

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static LinkConditions Delayed(TimeSpan delay, ILossModel loss) => new() { Delay = delay, Loss = loss };

    private static Scenario Plain(string name, string description, TimeSpan roundTrip, Func<ILossModel> loss) => new(name, description)
    {
        RoundTrip = roundTrip,
        Forward = () => Delayed(roundTrip / 2, loss()),
        Backward = () => Delayed(roundTrip / 2, loss()),
    };

    private static Scenario Isolated(int roundTripMs) =>
        new($"single-loss-{roundTripMs}", $"One lost packet about every second, nothing else; {roundTripMs} ms round trip")
        {
            RoundTrip = Ms(roundTripMs),
            Forward = () => Delayed(Ms(roundTripMs / 2.0), new IsolatedLoss(Seconds(1), after: Seconds(2))),
            Backward = () => Delayed(Ms(roundTripMs / 2.0), new NoLoss()),
        };

    private static Scenario Traced(string name, string description, TimeSpan roundTrip, TimeSpan jitter, bool reorders) => new(name, description)
    {
        RoundTrip = roundTrip,
        Forward = () => LinkTrace.Embedded(name).ToSchedule(new LinkConditions { Jitter = jitter, Reorders = reorders }),
        Backward = () => new LinkConditions { Delay = roundTrip / 2, Jitter = jitter, Reorders = reorders, Loss = new BernoulliLoss(0.5) },
    };

    private static LinkSchedule Tunnel(LinkConditions open)
    {
        LinkConditions thin = open with { RateKbps = 350, Loss = new BernoulliLoss(8) };
        LinkConditions none = open with { Loss = new BernoulliLoss(100) };
        return new LinkSchedule([new(TimeSpan.Zero, open), new(Seconds(9), thin), new(Seconds(10), none), new(Seconds(12.5), thin), new(Seconds(13.5), open)], Seconds(15));
    }

    private static LinkConditions Rate(double kbps) => new() { Delay = Ms(25), RateKbps = kbps };

    private static Scenario Bottleneck(string name, string description, double seconds, params LinkStep[] steps) => new(name, description)
    {
        Kind = ScenarioKind.Bandwidth,
        RoundTrip = Ms(50),
        Seconds = seconds,
        Forward = () => new LinkSchedule(steps),
        Backward = () => new LinkConditions { Delay = Ms(25) },
    };
}
