using MlvcRtc.App.Reports;

namespace MlvcRtc.App.Calls;

/// <summary>How one call of a series began.</summary>
/// <param name="JoinedSecond">The other side waited for us; else we for it.</param>
/// <param name="JoinToPeerMs">From just before connecting to the signaling server to the news that the other side is there; only of who joined second.</param>
/// <param name="PeerToConnectedMs">From there to the first packet that could be sent.</param>
/// <param name="FirstFrameMs">The other side's first picture was decoded: counted by who joined second from just before connecting, by who waited from the news that the other is there. Null = none was.</param>
internal sealed record CallBeginning(bool JoinedSecond, double? JoinToPeerMs, double? PeerToConnectedMs, double? FirstFrameMs)
{
    public static CallBeginning Of(CallReport report) => new(
        report.JoinedSecond,
        report.JoinedSecond ? report.JoinToFirstFrameMs - report.PeerToFirstFrameMs : null,
        report.PeerToConnectedMs,
        report.JoinedSecond ? report.JoinToFirstFrameMs : report.PeerToFirstFrameMs);
}

/// <summary>Calls made one after the other, each in a room of its own, with models loaded anew: how soon do people see each other?</summary>
/// <param name="Calls">In order.</param>
internal sealed record CallSeries(IReadOnlyList<CallBeginning> Calls)
{
    /// <summary>Milliseconds from joining second to the first picture; null = we never did.</summary>
    public Percentiles? JoiningMs => Figures(joinedSecond: true);

    /// <summary>Milliseconds from the news that the other side is there to its first picture; null = we never waited.</summary>
    public Percentiles? WaitingMs => Figures(joinedSecond: false);

    /// <summary>Calls in which no picture of the other side was decoded.</summary>
    public int WithoutPicture => Calls.Count(static call => call.FirstFrameMs is null);

    /// <summary>The room of one of the calls.</summary>
    /// <param name="number">From 1 on.</param>
    public static string RoomOf(string name, int number) => $"{name}-{number}";

    private Percentiles? Figures(bool joinedSecond)
    {
        double[] figures = [.. Calls.Where(call => call.JoinedSecond == joinedSecond && call.FirstFrameMs is not null).Select(static call => call.FirstFrameMs!.Value)];
        return figures.Length == 0 ? null : Percentiles.Of(figures);
    }
}
