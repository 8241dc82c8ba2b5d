using MlvcRtc.Rtp.Congestion;
using MlvcRtc.Rtp.Feedback;

namespace MlvcRtc.UnitTests.Rtp.Congestion;

public sealed class ArrivalLogTests
{
    private readonly ArrivalLog _log = new(ownSsrc: 1);

    [Fact]
    public void The_first_message_comes_a_tenth_of_a_second_after_the_first_packet()
    {
        Assert.Null(_log.NextReport);
        Arrive(5, 1000);
        Assert.Equal(1100, _log.NextReport!.Value.TotalMilliseconds);
        Assert.Empty(ReportsAt(1099));
        Assert.Equal("5:1000", Assert.Single(ReportsAt(1100)));
        Assert.Null(_log.NextReport);   // nothing new, no message
    }

    [Fact]
    public void Holes_are_reported_and_so_is_the_straggler_that_fills_one()
    {
        Arrive(0, 0);
        Arrive(3, 20);
        Assert.Equal(["0:0 1:- 2:- 3:20"], ReportsAt(100));
        Arrive(1, 110);
        Arrive(4, 120);
        Assert.Equal(["1:110 2:- 3:20 4:120"], ReportsAt(400));
    }

    [Fact]
    public void Of_two_copies_the_first_counts()
    {
        Arrive(0, 0);
        Arrive(0, 50);
        Assert.Equal(["0:0"], ReportsAt(100));
    }

    [Theory]
    [InlineData(20, 250)]     // 68 bytes · 8 / 5 % of 20 kbit/s = 544 ms: at most 250
    [InlineData(80, 136)]     // 544 / 4
    [InlineData(1000, 50)]    // 544 / 50 = 11 ms: at least 50
    public void Feedback_takes_about_a_twentieth_of_the_bandwidth(int kbps, double expectedMs)
    {
        for (int i = 0; i < 400; i++)
        {
            double now = 20 * i;
            Arrive((ushort)i, now, bytes: kbps * 20 / 8);
            ReportsAt(now);
        }

        Assert.InRange(_log.Interval.TotalMilliseconds, expectedMs * 0.9, expectedMs * 1.1);
    }

    [Fact]
    public void A_leap_of_numbers_costs_no_more_than_the_window()
    {
        Arrive(0, 0);
        Arrive(30_000, 10);
        Assert.Equal(["30000:10"], ReportsAt(200));
        Arrive(60_000, 210);
        Arrive(unchecked((ushort)60_000 - 4000), 211);
        List<string> reports = ReportsAt(1000);
        Assert.InRange(reports.Count, 3, 5);   // 4,001 statuses, 1,024 in a message
        Assert.StartsWith("56000:211 56001:- ", reports[0], StringComparison.Ordinal);
        Assert.EndsWith(" 60000:210", reports[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_go_on_where_sixteen_bits_end()
    {
        Arrive(65_535, 0);
        Arrive(1, 10);
        Assert.Equal(["65535:0 0:- 1:10"], ReportsAt(100));
    }

    private void Arrive(int number, double atMs, int bytes = 1000) => _log.Add((ushort)number, bytes, TimeSpan.FromMilliseconds(atMs));

    /// <summary>"number:arrival in ms" of each status, a string for each message.</summary>
    private List<string> ReportsAt(double nowMs)
    {
        List<string> reports = [];
        byte[] bytes = new byte[TransportFeedbackWriter.MaxBytes];
        while (_log.TryWrite(bytes, 2, TimeSpan.FromMilliseconds(nowMs), out int length))
        {
            TransportFeedback feedback = FeedbackOf.Read(bytes.AsSpan(0, length));
            List<string> statuses = [];
            for (ArrivalReader reader = feedback.ReadArrivals(); reader.TryNext(out ushort number, out bool arrived, out TimeSpan since);)
            {
                TimeSpan at = (feedback.ReferenceTime * TransportFeedback.ReferenceTick) + since;
                statuses.Add(arrived ? $"{number}:{at.TotalMilliseconds:F0}" : $"{number}:-");
            }

            reports.Add(string.Join(' ', statuses));
        }

        return reports;
    }
}
