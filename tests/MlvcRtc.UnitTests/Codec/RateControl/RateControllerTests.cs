using MlvcRtc.Codec.RateControl;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Codec.RateControl;

/// <summary>What a caller can rely on, over sources with other curves than the controller starts from.</summary>
public sealed class RateControllerTests
{
    /// <summary>
    /// Bits of a steady frame at q 0, slope, pattern, frame rate: sources up to the most complex clip the first guesses were made for. A still more complex one
    /// is met too, but its first frame after the key frame can only be guessed, and may be larger.
    /// </summary>
    public static TheoryData<double, double, double, double> Sources()
    {
        var data = new TheoryData<double, double, double, double>();
        foreach ((double scale, double slope) in new[] { (250, 0.03), (250, 0.05), (500, 0.03), (500, 0.04), (500, 0.05), (700, 0.03), (700, 0.04) })
        {
            foreach ((double pattern, double fps) in new[] { (0.08, 15.0), (0.08, 30), (0.2, 15), (0.2, 30) })
            {
                data.Add(scale, slope, pattern, fps);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void Within_the_range_five_seconds_come_within_ten_percent_and_no_frame_is_three_times_its_share(double scale, double slope, double pattern, double fps)
    {
        SyntheticSource source = new() { Scale = scale, Slope = slope, Pattern = pattern, FramesPerSecond = fps };
        double low = source.RateAt(0);
        double high = source.RateAt(63);
        foreach (double share in new[] { 0.1, 0.35, 0.65, 0.9 })
        {
            double target = low + (share * (high - low));
            List<RunFrame> run = RateRun.Play(source, target);

            Assert.InRange(run.Kbps(1, 6) / target, 0.9, 1.1);
            Assert.InRange(run.WorstRatio(), 0, 3);
        }
    }

    [Theory]
    [InlineData(0.25, 500, 0.04)]
    [InlineData(0.4, 500, 0.04)]
    [InlineData(0.12, 1500, 0.06)]
    [InlineData(0.12, 60, 0.02)]
    public void Far_from_the_first_guesses_the_rate_still_holds(double noise, double scale, double slope)
    {
        SyntheticSource source = new() { Noise = noise, Scale = scale, Slope = slope };
        double target = (source.RateAt(0) + source.RateAt(63)) / 2;

        Assert.InRange(RateRun.Play(source, target).Kbps(1, 6) / target, 0.9, 1.1);
    }

    [Theory]
    [InlineData(0.2)]
    [InlineData(0.5)]
    [InlineData(0.8)]
    public void Below_the_range_frames_are_skipped_and_the_rate_holds(double share)
    {
        var source = new SyntheticSource();
        double target = source.RateAt(0) * share;
        List<RunFrame> run = RateRun.Play(source, target, seconds: 12);

        Assert.Contains(run, frame => frame.Bits is null);
        Assert.Contains(run, frame => frame.Bits is not null && frame.Seconds > 6);
        Assert.All(run.Where(frame => frame.Bits is not null && frame.Seconds > 3), frame => Assert.InRange(frame.QIndex, 0, 2));
        Assert.InRange(run.Kbps(2, 12) / target, 0.8, 1.1);
    }

    [Theory]
    [InlineData(1.2, 50)]
    [InlineData(3, 63)]
    [InlineData(30, 63)]
    public void Above_the_range_the_best_quality_is_used_and_the_rate_stays_under(double factor, int leastQ)
    {
        var source = new SyntheticSource();
        double target = source.RateAt(63) * factor;
        List<RunFrame> run = RateRun.Play(source, target);

        Assert.InRange(run.Kbps(1, 6), 0, target);
        Assert.All(run.Where(frame => frame.Seconds > 3), frame => Assert.InRange(frame.QIndex, leastQ, 63));
        Assert.All(run, frame => Assert.NotNull(frame.Bits));
    }

    [Fact]
    public void A_scene_that_becomes_four_times_as_complex_is_back_at_the_target_within_a_second()
    {
        SyntheticSource source = new() { Complexity = seconds => seconds < 4 ? 1 : 4 };
        double target = source.RateAt(40);
        List<RunFrame> run = RateRun.Play(source, target, seconds: 12);

        Assert.InRange(run.Kbps(5, 11) / target, 0.85, 1.05);
        Assert.All(run.Where(frame => frame.Seconds > 6), frame => Assert.InRange(frame.BacklogBits, double.NegativeInfinity, 0.35 * target * 1000));
    }

    [Fact]
    public void Slow_changes_of_complexity_are_followed()
    {
        SyntheticSource source = new() { Complexity = seconds => 1 + (0.6 * Math.Sin(seconds * 1.5)) };
        double target = source.RateAt(32);

        Assert.InRange(RateRun.Play(source, target, seconds: 21).Kbps(1, 21) / target, 0.95, 1.02);
    }

    [Fact]
    public void Repeated_key_frames_and_recovery_frames_are_paid_back()
    {
        var source = new SyntheticSource();
        double target = source.RateAt(36);
        List<RunFrame> run = RateRun.Play(
            source, target, seconds: 16, typeOf: i => i % 150 == 149 ? FrameType.Intra : i % 60 == 30 ? FrameType.Recovery : FrameType.Inter);

        Assert.InRange(run.Kbps(1, 16) / target, 0.93, 1.05);
        Assert.InRange(run.WorstRatio(), 0, 3);
        Assert.DoesNotContain(run, frame => frame.Bits is null && frame.Type != FrameType.Inter);
    }

    [Fact]
    public void A_recovery_frame_looks_like_its_neighbours_and_costs_no_more_than_that()
    {
        SyntheticSource source = new();
        List<RunFrame> run = RateRun.Play(source, source.RateAt(36), seconds: 16, typeOf: i => i % 60 == 30 ? FrameType.Recovery : FrameType.Inter);

        for (int i = 90; i < run.Count; i += 60)
        {
            Assert.Equal(FrameType.Recovery, run[i].Type);
            Assert.InRange(run[i].QIndex, 0, Math.Max(run[i - 1].QIndex, run[i - 2].QIndex));
        }
    }

    [Fact]
    public void On_a_lossy_link_frames_fit_one_packet_where_the_mean_frame_does()
    {
        SyntheticSource source = new();
        double target = source.RateAt(30);
        double nominal = target * 1000 / source.FramesPerSecond;
        int packet = (int)(1.4 * nominal);
        List<RunFrame> bounded = RateRun.Play(source, target, seconds: 20, before: (_, controller) => controller.PreferredMostBits = packet);
        List<RunFrame> free = RateRun.Play(source, target, seconds: 20);

        Assert.True(TooLarge(free) > 3 * TooLarge(bounded), $"{TooLarge(free)} frames of more than a packet without the wish, {TooLarge(bounded)} with it");
        Assert.InRange(bounded.Kbps(2, 20) / target, 0.93, 1.05);

        // A packet of half a mean frame is no bound.
        List<RunFrame> small = RateRun.Play(source, target, seconds: 20, before: (_, controller) => controller.PreferredMostBits = packet / 3);
        Assert.Equal(free, small);

        int TooLarge(List<RunFrame> run) => run.Count(frame => frame.Seconds > 2 && frame.Bits > packet);
    }

    [Fact]
    public void Key_and_recovery_frames_are_never_skipped()
    {
        List<RunFrame> run = RateRun.Play(new SyntheticSource(), 4, seconds: 10, typeOf: i => i % 40 == 0 ? FrameType.Intra : i % 40 == 20 ? FrameType.Recovery : FrameType.Inter);

        Assert.All(run.Where(frame => frame.Type != FrameType.Inter), frame => Assert.NotNull(frame.Bits));
    }

    [Fact]
    public void A_new_target_holds_within_a_second()
    {
        var source = new SyntheticSource();
        double first = source.RateAt(50);
        double second = source.RateAt(15);
        List<RunFrame> run = RateRun.Play(source, first, seconds: 18, before: (i, controller) =>
        {
            if (i is 180 or 360)
            {
                controller.SetTarget(i == 180 ? second : first);
            }
        });

        Assert.InRange(run.Kbps(7, 12) / second, 0.85, 1.1);
        Assert.InRange(run.Kbps(13, 18) / first, 0.85, 1.1);
    }

    [Fact]
    public void The_frame_rate_may_change()
    {
        SyntheticSource source = new() { FramesPerSecond = 15 };
        double target = source.RateAt(30);

        // Told 30 at first, then the truth.
        List<RunFrame> run = RateRun.Play(source, target, seconds: 8, before: (i, controller) => controller.SetFrameRate(i < 30 ? 30 : 15));
        Assert.InRange(run.Kbps(3, 8) / target, 0.9, 1.1);
    }

    [Fact]
    public void Quality_rises_in_steps_and_rests_when_nothing_changes()
    {
        SyntheticSource source = new() { Noise = 0.05 };
        List<RunFrame> run = RateRun.Play(source, source.RateAt(32), seconds: 10);

        // Three steps above the better of the two frames before, so that a frame held back in the pattern does not hold back the rest.
        Assert.All(
            run.Zip(run.Skip(1), run.Skip(2)).Skip(1),
            three => Assert.InRange(three.Third.QIndex, 0, Math.Max(three.First.QIndex, three.Second.QIndex) + 3));
        // Only the most shifted frame of a period, whose size the bound of one frame limits, lies below the others.
        int[] settled = [.. run.Where(frame => frame.Seconds > 4).Select(frame => frame.QIndex)];
        Assert.InRange(settled.Max() - settled.Min(), 0, 20);
    }

    [Fact]
    public void Sizes_that_scatter_by_a_factor_of_two_still_hold_the_rate()
    {
        SyntheticSource source = new() { Noise = 0.7 };
        double target = source.RateAt(32);
        List<RunFrame> run = RateRun.Play(source, target, seconds: 40);

        Assert.InRange(run.Kbps(5, 40) / target, 0.92, 1.05);
    }

    [Fact]
    public void A_picture_that_does_not_change_costs_next_to_nothing_and_breaks_nothing()
    {
        SyntheticSource source = new() { Complexity = seconds => seconds is > 3 and < 8 ? 0.0001 : 1 };
        double target = source.RateAt(32);
        List<RunFrame> run = RateRun.Play(source, target, seconds: 14);

        Assert.All(run.Where(frame => frame.Seconds is > 5 and < 8), frame => Assert.Equal(63, frame.QIndex));
        Assert.InRange(run.Kbps(9, 14) / target, 0.85, 1.1);
        Assert.InRange(run.Kbps(8, 9) / target, 0, 2);
    }

    [Fact]
    public void The_same_inputs_give_the_same_decisions()
    {
        var source = new SyntheticSource();

        Assert.Equal(RateRun.Play(source, 100), RateRun.Play(source, 100));
    }

    [Fact]
    public void Decisions_allocate_nothing()
    {
        RateController controller = Controller(100);
        controller.Plan(FrameType.Intra, TimeSpan.Zero);
        controller.Commit(20_000);
        controller.Plan(FrameType.Inter, TimeSpan.FromMilliseconds(33));
        controller.Commit(3000);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 2; i < 100; i++)
        {
            if (!controller.Plan(FrameType.Inter, TimeSpan.FromMilliseconds(33 * i)).Skip)
            {
                controller.Commit(3000);
            }
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void The_first_frame_is_planned_as_a_key_frame_whatever_is_said()
    {
        Assert.Equal(Controller(100).Plan(FrameType.Intra, TimeSpan.Zero), Controller(100).Plan(FrameType.Inter, TimeSpan.Zero));
    }

    [Fact]
    public void A_plan_that_was_not_used_changes_nothing_but_the_time()
    {
        RateController one = Controller(100);
        RateController other = Controller(100);
        one.Plan(FrameType.Intra, TimeSpan.Zero);
        one.Plan(FrameType.Intra, TimeSpan.Zero);
        other.Plan(FrameType.Intra, TimeSpan.Zero);
        one.Commit(20_000);
        other.Commit(20_000);

        Assert.Equal(other.BacklogBits, one.BacklogBits);
        Assert.Equal(other.Plan(FrameType.Inter, TimeSpan.FromSeconds(0.033)), one.Plan(FrameType.Inter, TimeSpan.FromSeconds(0.033)));
    }

    [Fact]
    public void A_frame_that_was_coded_coarser_than_planned_counts_as_what_it_is()
    {
        RateController told = Controller(100);
        RateController untold = Controller(100);
        foreach (RateController controller in (RateController[])[told, untold])
        {
            controller.Plan(FrameType.Intra, TimeSpan.Zero);
            controller.Commit(20_000);
        }

        RateDecision planned = told.Plan(FrameType.Inter, TimeSpan.FromSeconds(0.033));
        untold.Plan(FrameType.Inter, TimeSpan.FromSeconds(0.033));
        Assert.Equal((int)(2.8 * told.NominalBits), planned.MostBits);
        told.Commit(3000, SyntheticSource.Scale64.Coarser(planned.QIndex, 12)!.Value.Qp);
        untold.Commit(3000);

        // The same bits at a coarser quality: pictures are harder than one thought who was not told.
        Assert.True(told.Plan(FrameType.Inter, TimeSpan.FromSeconds(0.066)).QIndex < untold.Plan(FrameType.Inter, TimeSpan.FromSeconds(0.066)).QIndex);
    }

    [Fact]
    public void Bits_without_a_plan_are_the_callers_mistake()
    {
        RateController controller = Controller(100);
        Assert.Throws<InvalidOperationException>(() => controller.Commit(1));
        controller.Plan(FrameType.Intra, TimeSpan.Zero);
        Assert.Throws<ArgumentOutOfRangeException>(() => controller.Commit(-1));
        controller.Commit(1);
        Assert.Throws<InvalidOperationException>(() => controller.Commit(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => controller.SetTarget(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => controller.SetFrameRate(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Controller(0));
    }

    [Fact]
    public void The_backlog_is_a_tenth_of_a_second_at_first_and_drains_at_the_target_rate()
    {
        RateController controller = Controller(100);
        Assert.Equal(10_000, controller.BacklogBits);

        // The first frame drains one interval of 1/30 s.
        controller.Plan(FrameType.Intra, TimeSpan.FromSeconds(5));
        Assert.Equal(10_000 - (100_000 / 30.0), controller.BacklogBits, 0.1);
        controller.Commit(50_000);
        controller.Plan(FrameType.Inter, TimeSpan.FromSeconds(5.2));
        Assert.Equal(40_000 - (100_000 / 30.0), controller.BacklogBits, 0.1);
    }

    private static RateController Controller(double kbps) =>
        new(new RateControlOptions { TargetKbps = kbps, FramesPerSecond = 30, PixelsPerFrame = 57_600 }, SyntheticSource.Scale64);
}
