using System.Text.Json;
using MlvcRtc.App.CommandLine;

namespace MlvcRtc.IntegrationTests.App.LossLab;

/// <summary>The two tables of the lab that are no calls: what recovery frames cost, and congestion control on many paths.</summary>
public sealed class LabTablesTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_recovery_cost_of_a_clip_is_that_of_an_ordinary_frame_from_its_neighbour_and_less_than_a_key_frame_from_further_back()
    {
        string clip = _folder.MakeClip("bars.mp4", "64x64", "25", 3.8);
        Program run = (await Program.RunAsync("lab", "--recovery-cost", "--input", clip, "--json", _folder["cost.json"])).AssertSucceeds();

        Assert.Contains("bars, 64x64 at 25 fps", run.Out, StringComparison.Ordinal);
        JsonElement measured = Assert.Single(Read("cost.json").GetProperty("clips").EnumerateArray());
        Assert.Equal(("bars", 95), (measured.GetProperty("name").GetString(), measured.GetProperty("frames").GetInt32()));
        JsonElement[] recoveries = [.. measured.GetProperty("recoveries").EnumerateArray()];
        Assert.Equal([1, 2, 4, 8, 10, 16], recoveries.Select(cost => cost.GetProperty("frames_back").GetInt32()));
        Assert.All(recoveries, cost => Assert.Equal(8, Number(cost, "samples")));

        // A recovery from the frame before is predicted from the same picture as the ordinary frame.
        Assert.Equal(1, Number(recoveries[0], "even_to_ordinary"), 0.1);
        Assert.Equal(1, Number(recoveries[0], "odd_to_ordinary"), 0.1);
        Assert.All(recoveries, cost => Assert.InRange(Number(cost, "to_key_frame"), 0.01, 0.99));
        Assert.All(recoveries, cost => Assert.InRange(
            Number(cost, "to_ordinary"),
            Math.Min(Number(cost, "even_to_ordinary"), Number(cost, "odd_to_ordinary")),
            Math.Max(Number(cost, "even_to_ordinary"), Number(cost, "odd_to_ordinary"))));
        Assert.True(Number(recoveries[^1], "to_key_frame") > Number(recoveries[0], "to_key_frame"), "16 frames back is no dearer than one");
        Assert.Equal([3, 6], measured.GetProperty("prices").EnumerateArray().Select(price => price.GetProperty("least_frames_back").GetInt32()));
    }

    [Fact]
    public async Task The_recovery_cost_of_too_short_a_clip_is_refused_with_what_is_needed()
    {
        string clip = _folder.MakeClip("short.mp4", "64x64", "25", 1);

        (await Program.RunAsync("lab", "--recovery-cost", "--input", clip)).AssertFails(ExitCode.BadInput, "short.mp4", "25 pictures", "92 are needed");
    }

    [Fact]
    public async Task Every_hundred_of_a_long_chain_is_compared_with_the_first()
    {
        string clip = _folder.MakeClip("bars.mp4", "64x64", "25", 1);
        Program run = (await Program.RunAsync("lab", "--long-chain", "--input", clip, "--json", _folder["chain.json"])).AssertSucceeds();

        Assert.Contains("bars, 64x64 at 25 fps", run.Out, StringComparison.Ordinal);
        JsonElement chain = Assert.Single(Read("chain.json").GetProperty("clips").EnumerateArray());
        double[] hundreds = [.. chain.GetProperty("psnr_db").EnumerateArray().Select(value => value.GetDouble())];
        Assert.Equal(6, hundreds.Length);
        Assert.All(hundreds, value => Assert.InRange(value, 25, 60));
        Assert.Equal(hundreds[0] - hundreds.Min(), Number(chain, "lost_db"), 1e-9);
        Assert.InRange(Number(chain, "lost_db"), 0, 4); // a synthetic picture, nothing like what the model was trained on
        Assert.InRange(Number(chain, "kbps"), 1, 500);
    }

    [Fact]
    public async Task The_bandwidth_matrix_uses_the_link_keeps_its_queue_short_and_is_fair_up_to_2_percent_of_loss()
    {
        Program run = (await Program.RunAsync("lab", "--bandwidth-matrix", "--json", _folder["matrix.json"])).AssertSucceeds();

        Assert.Contains("30 runs each", run.Out, StringComparison.Ordinal);
        JsonElement[] columns = [.. Read("matrix.json").GetProperty("columns").EnumerateArray()];
        Assert.Equal([0, 2, 5], columns.Select(column => Number(column, "loss_percent")));
        foreach (JsonElement column in columns[..2])
        {
            Assert.Equal(30, column.GetProperty("runs").GetInt32());
            Assert.True(Number(column.GetProperty("steady_used"), "least") >= 0.85);
            Assert.True(Number(column.GetProperty("steady_queue_p95_ms"), "most") <= 100);
            Assert.True(Number(column.GetProperty("drop_queue_s"), "most") <= 2);
            Assert.True(Number(column.GetProperty("back_s"), "most") <= 20);
            Assert.Equal((0, 0), (column.GetProperty("not_back").GetInt32(), column.GetProperty("unfair").GetInt32()));
        }
    }

    private static double Number(JsonElement element, string name) => element.GetProperty(name).GetDouble();

    private JsonElement Read(string name) => JsonDocument.Parse(File.ReadAllText(_folder[name])).RootElement;
}
