using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Reports;

namespace MlvcRtc.UnitTests.Rtp.Reports;

/// <summary>What a report says of a stream, by what came of it (RFC 3550 A.1, A.3, A.8).</summary>
public sealed class ReceptionStatisticsTests
{
    private readonly ReceptionStatistics _statistics = new(90_000);
    private TimeSpan _now;

    [Fact]
    public void Nothing_that_came_is_nothing_lost()
    {
        Assert.False(_statistics.HasNews);
        Assert.Equal(new ReportBlock(1, 0, 0, 0, 0, 2, 3), _statistics.Take(1, 2, 3));
    }

    [Theory]
    [InlineData(new[] { 1, 2, 3, 4 }, 0, 0, 4)]
    [InlineData(new[] { 1, 3, 4 }, 1, 64, 4)]
    [InlineData(new[] { 1, 3, 2, 4 }, 0, 0, 4)]                        // overtaken
    [InlineData(new[] { 1, 2, 2, 2, 3 }, -2, 0, 3)]                    // doubled: below zero, as A.3 has it
    [InlineData(new[] { 65_534, 65_535, 1, 2 }, 1, 51, 65_538)]        // one wrap
    [InlineData(new[] { 1, 2, 40_000, 3 }, 0, 0, 3)]                   // a leap that nothing confirms
    [InlineData(new[] { 1, 2, 40_000, 40_001, 40_002 }, 0, 0, 40_002)] // begun anew
    [InlineData(new[] { 0, 65_535, 1 }, -1, 0, 1)]                     // before the first: counts as come, not as expected
    public void Losses_are_those_of_RFC_3550(int[] numbers, int lost, byte fraction, uint highest)
    {
        Come(numbers);
        ReportBlock report = _statistics.Take(1, 0, 0);
        Assert.Equal((lost, fraction, highest), (report.CumulativeLost, report.FractionLost, report.HighestSequence));
    }

    [Fact]
    public void The_fraction_is_of_the_time_since_the_last_report_and_the_sum_of_all()
    {
        Come(1, 2, 4);
        Assert.Equal((1, 64), (Take().CumulativeLost, 64));
        Come(5, 6);
        ReportBlock calm = Take();
        Assert.Equal((1, (byte)0), (calm.CumulativeLost, calm.FractionLost));
        Assert.False(_statistics.HasNews);
        Come(16);
        ReportBlock burst = Take();
        Assert.Equal((10, (byte)(9 * 256 / 10)), (burst.CumulativeLost, burst.FractionLost));
    }

    [Fact]
    public void Even_arrivals_have_no_jitter_and_uneven_ones_their_mean_difference()
    {
        for (int i = 0; i < 1000; i++)
        {
            _statistics.Add((ushort)i, (uint)(3000 * i), TimeSpan.FromSeconds(i / 30.0));
        }

        Assert.InRange(Take().Jitter, 0u, 1u);
        for (int i = 1000; i < 2000; i++)
        {
            _statistics.Add((ushort)i, (uint)(3000 * i), TimeSpan.FromSeconds(i / 30.0) + TimeSpan.FromMilliseconds(i % 2 * 10));
        }

        Assert.InRange(Take().Jitter, 880u, 905u);  // 10 ms between any two, 900 ticks
    }

    [Fact]
    public void A_retransmission_with_its_old_time_is_no_jitter()
    {
        for (int i = 0; i < 1000; i++)
        {
            TimeSpan arrival = TimeSpan.FromSeconds(i / 30.0);
            _statistics.Add((ushort)(2 * i), (uint)(3000 * i), arrival);
            _statistics.Add((ushort)((2 * i) + 1), (uint)(3000 * Math.Max(0, i - 5)), arrival);
        }

        Assert.InRange(Take().Jitter, 0u, 1u);
    }

    [Fact]
    public void No_numbers_and_times_overflow_anything()
    {
        Random random = new(11);
        for (int i = 0; i < 200_000; i++)
        {
            uint timestamp = (i % 4) switch
            {
                0 => 0,
                1 => 0x8000_0000,
                2 => uint.MaxValue,
                _ => (uint)random.NextInt64(1L << 32),
            };
            ushort number = (ushort)(i % 3 == 0 ? random.Next(1 << 16) : i);
            _statistics.Add(number, timestamp, TimeSpan.FromSeconds(random.NextDouble() * (i % 2 == 0 ? 1e9 : 1)));
            ReportBlock report = i % 50 == 0 ? Take() : default;
            Assert.InRange(report.Jitter, 0u, 1u << 31);
            Assert.InRange(report.CumulativeLost, -(1 << 23), (1 << 23) - 1);
        }

        Span<byte> bytes = stackalloc byte[ReportBlock.SizeBytes];
        foreach (int lost in new[] { -(1 << 23), -1, 0, 1, (1 << 23) - 1 })
        {
            ReportBlock block = new(1, 255, lost, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue);
            block.Write(bytes);
            Assert.Equal(block, ReportBlock.Read(bytes));
        }
    }

    [Theory]
    [InlineData("1900-01-01T00:00:00Z", 0UL)]
    [InlineData("1970-01-01T00:00:00.5Z", 0x83AA7E80_80000000)]
    [InlineData("2036-02-07T06:28:16Z", 0UL)]  // begins anew
    public void Wall_clock_time_is_that_of_NTP(string instant, ulong ntp) =>
        Assert.Equal(ntp, NtpTime.From(DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture)).Value);

    private void Come(params int[] numbers)
    {
        foreach (int number in numbers)
        {
            _now += TimeSpan.FromMilliseconds(10);
            _statistics.Add((ushort)number, (uint)(_now.TotalSeconds * 90_000), _now);
        }
    }

    private ReportBlock Take() => _statistics.Take(1, 0, 0);
}
