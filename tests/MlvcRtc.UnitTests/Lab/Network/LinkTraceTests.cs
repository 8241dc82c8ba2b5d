using MlvcRtc.Lab.Network;

namespace MlvcRtc.UnitTests.Lab.Network;

public sealed class LinkTraceTests
{
    [Fact]
    public void A_trace_is_read_line_by_line()
    {
        LinkTrace trace = LinkTrace.Parse(new StringReader("mlvc-trace 1\n# a comment\n\n0 4200 18 0.5\n  200\t0  19 0\nend 1000\n"));
        Assert.Equal([new TracePoint(0, 4200, 18, 0.5), new TracePoint(200, 0, 19, 0)], trace.Points);
        Assert.Equal(1000, trace.LengthMs);
    }

    [Fact]
    public void Where_the_rate_is_zero_nothing_gets_through_and_at_its_end_the_trace_begins_anew()
    {
        LinkSchedule schedule = LinkTrace.Parse(new StringReader("mlvc-trace 1\n0 4200 18 0\n200 0 19 0\nend 1000\n")).ToSchedule(new() { Jitter = TimeSpan.FromMilliseconds(3) });
        LinkConditions open = schedule.At(TimeSpan.FromMilliseconds(1100));
        Assert.Equal((4200.0, 18.0, 3.0), (open.RateKbps, open.Delay.TotalMilliseconds, open.Jitter.TotalMilliseconds));
        Assert.False(open.Loss.Loses(0, 0.999, TimeSpan.Zero));
        Assert.True(schedule.At(TimeSpan.FromMilliseconds(1300)).Loss.Loses(0, 0.999, TimeSpan.Zero));
    }

    [Theory]
    [InlineData("", "begins with")]
    [InlineData("mlvc-trace 2\n0 1 1 0\nend 10\n", "begins with")]
    [InlineData("mlvc-trace 1\n0 1 1 0\n", "ends with")]
    [InlineData("mlvc-trace 1\n5 1 1 0\nend 10\n", "Line 2: times begin at 0 and rise")]
    [InlineData("mlvc-trace 1\n0 1 1 0\n0 1 1 0\nend 10\n", "Line 3: times begin at 0 and rise")]
    [InlineData("mlvc-trace 1\n0 -1 1 0\nend 10\n", "Line 2: expected")]
    [InlineData("mlvc-trace 1\n0 1 1 101\nend 10\n", "Line 2: expected")]
    [InlineData("mlvc-trace 1\n0 1 1\nend 10\n", "Line 2: expected")]
    [InlineData("mlvc-trace 1\n0 1 1 0\nend 0\n", "Line 3: 'end'")]
    public void What_is_not_a_trace_is_refused_with_line_and_rule(string text, string complaint) =>
        Assert.Contains(complaint, Assert.Throws<InvalidDataException>(() => LinkTrace.Parse(new StringReader(text))).Message, StringComparison.Ordinal);

    [Fact]
    public void The_embedded_traces_are_what_their_generators_make()
    {
        foreach (TraceGenerator generator in TraceGenerator.Embedded)
        {
            string file = File.ReadAllText(Path.Combine(Repository.Root, "src", "MlvcRtc.Lab", "Network", "Traces", generator.Name + ".trace"));
            Assert.Equal(generator.Make(), file);
            Assert.Equal(300, LinkTrace.Embedded(generator.Name).Points.Count);  // 60 s in steps of 200 ms
        }
    }
}
