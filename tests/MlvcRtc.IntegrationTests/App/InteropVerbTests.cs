using System.Text.Json;
using MlvcRtc.App.Interop;

namespace MlvcRtc.IntegrationTests.App;

/// <summary>'interop' on a small clip, and how it measures drift.</summary>
public sealed class InteropVerbTests(ITestOutputHelper output) : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_environment_decodes_every_others_stream_without_an_entropy_failure()
    {
        const int frames = 12;
        Program run = (await Program.RunAsync(
            "interop", "--input", _folder.MakeScene("scene.y4m", 128, frames / 2), "--frames", $"{frames}", "--out", _folder["matrix.png"], "--json", _folder["report.json"])).AssertSucceeds();
        output.WriteLine(run.Out);

        JsonElement report = JsonDocument.Parse(File.ReadAllText(_folder["report.json"])).RootElement;
        int environments = report.GetProperty("environments").GetArrayLength();
        string[] names = [.. report.GetProperty("environments").EnumerateArray().Concat(report.GetProperty("missing").EnumerateArray()).Select(part => part.GetProperty("name").GetString()!)];
        Assert.Equal(["bf16-weights", "fp16-weights", "fp32", "fp32-fused", "fp32-plain", "fp32-threads", "int8", "other execution providers"], names.Order(StringComparer.Ordinal));
        JsonElement[] pairs = [.. report.GetProperty("pairs").EnumerateArray()];
        Assert.Equal(environments * environments, pairs.Length);
        Assert.Equal(frames * pairs.Length, report.GetProperty("frames").GetInt32());
        Assert.Equal(0, report.GetProperty("entropy_failures").GetInt32());
        Assert.All(pairs.Where(pair => pair.GetProperty("encoder").GetString() == pair.GetProperty("decoder").GetString()), own =>
        {
            Assert.Equal(frames, own.GetProperty("equal_pictures").GetInt32());
            Assert.Equal(0, own.GetProperty("end_loss_db").GetDouble());
        });

        // Rounded weights make other pictures, or nothing was rounded.
        JsonElement rounded = pairs.Single(pair => pair.GetProperty("encoder").GetString() == "fp32" && pair.GetProperty("decoder").GetString() == "bf16-weights");
        Assert.True(rounded.GetProperty("equal_pictures").GetInt32() < frames);
        Assert.InRange(report.GetProperty("worst_full_precision_loss_db").GetDouble(), -0.1, 0.1);
        Assert.True(new FileInfo(_folder["matrix.png"]).Length > 1000);
    }

    [Theory]
    [InlineData(1.0f, 1.0f)]
    [InlineData(1.00390625f, 1.0f)]  // half way: to even
    [InlineData(1.01171875f, 1.015625f)]  // half way: to even
    [InlineData(-3.1415927f, -3.140625f)]
    [InlineData(1e-30f, 9.98402083e-31f)]
    public void Weights_are_rounded_to_bfloat16_half_to_even(float weight, float expected) => Assert.Equal(expected, RoundedWeightsEngine.ToBFloat16(weight), 1e-37f);

    [Fact]
    public void A_loss_is_what_the_last_tenth_of_a_clip_lost_and_the_interval_ends_where_a_tenth_lost_half_a_dB()
    {
        // 0.05 dB more each frame over 40 frames; windows of four.
        double[] losses = [.. Enumerable.Range(0, 40).Select(i => 0.05 * i)];
        Assert.Equal(0.05 * (36 + 37 + 38 + 39) / 4, DriftMeter.AtTheEnd(losses), 9);
        Assert.Equal(13, DriftMeter.FramesWithinHalfDb(losses));  // frames 9 .. 12 lost 0.525 dB on average, 8 .. 11 lost 0.475
        Assert.Null(DriftMeter.FramesWithinHalfDb(new double[40]));
        Assert.Equal([1, -2], DriftMeter.Losses(new([30, 31], [1, 2], 0), new([29, 33], [1, 2], 0)));
    }

    [Fact]
    public async Task A_folder_without_videos_is_named()
    {
        (await Program.RunAsync("interop", "--input", _folder.Root)).AssertFails(MlvcRtc.App.CommandLine.ExitCode.BadInput, "holds no video");
    }
}
