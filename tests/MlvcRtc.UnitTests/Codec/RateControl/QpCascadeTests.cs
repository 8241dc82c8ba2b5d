using System.Text.Json;
using MlvcRtc.Codec.RateControl;

namespace MlvcRtc.UnitTests.Codec.RateControl;

public sealed class QpCascadeTests
{
    [Fact]
    public void Each_frame_has_the_quality_that_training_gave_its_place()
    {
        using JsonDocument vectors = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Root, "tests", "vectors", "cascade.json")));
        QpCascade cascade = new(new Scale([.. Enumerable.Range(0, 64)]));
        int compared = 0;
        foreach ((int row, JsonElement setting) in vectors.RootElement.GetProperty("settings").EnumerateArray().Index())
        {
            foreach ((int frame, JsonElement quality) in vectors.RootElement.GetProperty("qualities")[row].EnumerateArray().Index())
            {
                Assert.Equal(Scale.QpOf(quality.GetInt32()), cascade.QpOf(setting.GetInt32(), frame));
                compared++;
            }
        }

        Assert.InRange(compared, 8 * 2 * QpCascade.Period, 10_000);
    }

    [Fact]
    public void Where_a_stream_can_signal_only_some_qualities_the_nearest_stands_in()
    {
        QpCascade cascade = new(new Scale([0, 10, 21, 31, 42, 52, 63]));

        Assert.Equal(Scale.QpOf(52), cascade.QpOf(33, 0)); // 35 + 18 = 53
        Assert.Equal(Scale.QpOf(42), cascade.QpOf(33, 8)); // 35 + 4 = 39
        Assert.Equal(Scale.QpOf(21), cascade.QpOf(33, 1)); // 35 − 12 = 23
    }

    [Fact]
    public void A_model_of_one_quality_has_that() => Assert.Equal(Scale.QpOf(0), new QpCascade(new Scale([0])).QpOf(0, 5));

    private sealed class Scale(int[] qualities) : IQpScale
    {
        public IReadOnlyList<QpPoint> Points { get; } = [.. qualities.Select(q => new QpPoint(q, QpOf(q)))];

        public int ShiftPeriod => 8;

        public static int QpOf(int quality) => 100 - quality;

        public int ShiftOf(int frameIndex) => 0;
    }
}
