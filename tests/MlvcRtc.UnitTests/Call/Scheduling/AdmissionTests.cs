using MlvcRtc.Call.Scheduling;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Call.Scheduling;

/// <summary>Which pictures are coded and which frames decoded when there is too little time. 30 frames/s.</summary>
public sealed class AdmissionTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1 / 30.0);
    private static readonly TimeSpan Captured = TimeSpan.FromSeconds(5);

    [Fact]
    public void A_picture_that_cannot_be_coded_in_time_gives_way_to_a_newer_one()
    {
        EncodeAdmission admission = Coding(Ms(20));
        TimeSpan deadline = EncodeAdmission.DeadlineOf(Captured, Interval);

        Assert.True(admission.Admits(deadline, newerWaits: true, deadline - Ms(30)));
        Assert.False(admission.Admits(deadline, newerWaits: true, deadline - Ms(19)));
    }

    [Fact]
    public void The_newest_picture_is_coded_however_slow_the_machine()
    {
        EncodeAdmission admission = Coding(Ms(500));

        Assert.True(admission.Admits(EncodeAdmission.DeadlineOf(Captured, Interval), newerWaits: false, Captured));
        Assert.False(admission.Admits(EncodeAdmission.DeadlineOf(Captured, Interval), newerWaits: true, Captured));
    }

    [Fact]
    public void The_time_of_another_size_says_nothing_of_the_next_picture()
    {
        EncodeAdmission admission = Coding(Ms(100));
        admission.Coded(320 * 180, Ms(5));

        Assert.True(admission.Admits(EncodeAdmission.DeadlineOf(Captured, Interval), newerWaits: true, Captured + Ms(30)));
    }

    [Fact]
    public void Only_frames_to_which_no_other_refers_are_left_out_by_a_decoder_that_is_behind()
    {
        DecodeAdmission admission = Decoding(Ms(40));

        Assert.True(admission.Admits(Frame(discardable: false), waiting: 60, due: Captured, Captured + Ms(500)));
        Assert.False(admission.Admits(Frame(discardable: true), waiting: 60, due: Captured, Captured + Ms(500)));
        Assert.False(admission.Admits(Frame(discardable: true), waiting: 1, due: null, Captured));
    }

    [Fact]
    public void Nothing_is_left_out_that_comes_in_time_or_behind_which_nothing_waits()
    {
        DecodeAdmission admission = Decoding(Ms(40));

        Assert.True(admission.Admits(Frame(discardable: true), waiting: 3, due: Captured + Ms(100), Captured));
        Assert.True(admission.Admits(Frame(discardable: true), waiting: 0, due: Captured - Ms(100), Captured));
    }

    [Fact]
    public void A_quick_decoder_catches_up_without_leaving_anything_out()
    {
        DecodeAdmission admission = Decoding(Ms(1));

        Assert.True(admission.Admits(Frame(discardable: true), waiting: 30, due: Captured - Ms(100), Captured));
    }

    [Fact]
    public void Expected_work_stays_above_nearly_all_of_what_comes()
    {
        WorkTime work = new();
        Random random = new(1);
        int above = 0;
        const int pieces = 2000;
        for (int i = 0; i < pieces; i++)
        {
            TimeSpan taken = Ms(10 + (2 * random.NextDouble()));
            above += i > 20 && taken > work.Expected ? 1 : 0;
            work.Add(taken);
        }

        Assert.InRange(work.Expected, Ms(11), Ms(14));
        Assert.True(above < pieces / 20, $"{above} of {pieces} took longer");
    }

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private static EncodedFrame Frame(bool discardable) => new() { Discardable = discardable };

    private static EncodeAdmission Coding(TimeSpan taken)
    {
        EncodeAdmission admission = new();
        for (int i = 0; i < 30; i++)
        {
            admission.Coded(640 * 360, taken);
        }

        return admission;
    }

    private static DecodeAdmission Decoding(TimeSpan taken)
    {
        DecodeAdmission admission = new();
        for (int i = 0; i < 30; i++)
        {
            admission.Decoded(taken);
        }

        return admission;
    }
}
