using MlvcRtc.Codec.Bundles;

namespace MlvcRtc.UnitTests.Codec.Bundles;

public sealed class QpScaleTests
{
    // The exporter's mapping, as the format's notes print it (§4.6).
    private static readonly int[] Mapping =
    [
        .. Enumerable.Repeat(63, 19), 61, 59, 57, 55, 52, 50, 48, 46, 44, 42, 40, 38, 36, 33, 31, 29, 27, 25, 23, 21, 19, 16, 14, 12, 10, 8, 6, 4, 2, 0, 0, 0, 0,
    ];

    private static readonly QpScale Published = new(64, 72, Mapping, [0, 1, 0, 2, 0, 2, 0, 2], [0, 8, 4]);

    [Fact]
    public void The_shift_is_8_0_4_0_4_0_4_0_and_repeats() =>
        Assert.Equal([8, 0, 4, 0, 4, 0, 4, 0, 8, 0], Enumerable.Range(0, 10).Select(Published.ShiftOf));

    [Fact]
    public void The_shifted_index_of_the_best_key_frame_is_the_last_row() => Assert.Equal(71, Published.ShiftedIndex(63, 0));

    [Fact]
    public void Frame_numbers_that_wrap_at_16_bits_keep_the_phase() => Assert.Equal(Published.ShiftOf(0), Published.ShiftOf(65536));

    [Fact]
    public void Thirty_one_qualities_are_reachable_by_the_qps_18_to_48()
    {
        Assert.Equal(31, Published.Points.Count);
        Assert.Equal(Enumerable.Range(18, 31).Reverse(), Published.Points.Select(point => point.Qp));
        Assert.All(Published.Points, point => Assert.Equal(point.QIndex, Published.QIndexOf(point.Qp)));
        Assert.Equal(Published.Points.OrderBy(point => point.QIndex), Published.Points);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(52)]
    public void A_qp_outside_0_to_51_is_refused(int qp) => Assert.Throws<ArgumentOutOfRangeException>(() => Published.QIndexOf(qp));

    [Fact]
    public void Without_a_mapping_the_qp_is_the_index()
    {
        QpScale scale = new(64, 72, null, [0], [8]);

        Assert.Equal(17, scale.QIndexOf(17));
        Assert.Equal(52, scale.Points.Count);
    }

    [Fact]
    public void Tables_that_lead_outside_the_model_are_refused()
    {
        Assert.Throws<InvalidDataException>(() => new QpScale(64, 72, [1, 2, 3], [0], [0]));
        Assert.Throws<InvalidDataException>(() => new QpScale(60, 72, Mapping, [0], [0]));
        Assert.Throws<InvalidDataException>(() => new QpScale(40, 72, null, [0], [0]));
        Assert.Throws<InvalidDataException>(() => new QpScale(64, 72, Mapping, [], [0]));
        Assert.Throws<InvalidDataException>(() => new QpScale(64, 72, Mapping, [1], [0]));
        Assert.Throws<InvalidDataException>(() => new QpScale(64, 72, Mapping, [0], [9]));
        Assert.Throws<InvalidDataException>(() => new QpScale(64, 72, Mapping, [0], [-1]));
    }
}
