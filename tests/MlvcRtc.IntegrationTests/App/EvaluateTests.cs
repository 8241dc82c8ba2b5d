using System.Text.Json;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.App.Evaluation;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Lab.Metrics;
using MlvcRtc.Media;

namespace MlvcRtc.IntegrationTests.App;

/// <summary>'evaluate' on small clips, and how it reads ffmpeg.</summary>
public sealed class EvaluateTests(ITestOutputHelper output) : IDisposable
{
    private const int Frames = 6;

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_clip_gets_curves_of_both_codecs_real_bytes_a_BD_rate_and_pictures()
    {
        RequireAnchors();
        string clip = _folder.MakeScene("scene.y4m", 192, Frames);

        Program run = (await Program.RunAsync(
            "evaluate", "--input", clip, "--qp", "42,20,31", "--anchors", "x264-veryfast", "--out", _folder["out"], "--json", _folder["report.json"])).AssertSucceeds();
        output.WriteLine(run.Out);

        Assert.Contains("x264-veryfast", run.Out, StringComparison.Ordinal);
        JsonElement report = JsonDocument.Parse(File.ReadAllText(_folder["report.json"])).RootElement;
        string ours = report.GetProperty("codec").GetString()!;
        Assert.Equal(ScratchFolder.Ffmpeg.Version, report.GetProperty("ffmpeg").GetString());
        Assert.Equal(0, report.GetProperty("missing_anchors").GetArrayLength());
        JsonElement measured = Assert.Single(report.GetProperty("clips").EnumerateArray());
        Assert.Equal(("scene", 192, Frames), (measured.GetProperty("name").GetString(), measured.GetProperty("width").GetInt32(), measured.GetProperty("frames").GetInt32()));
        AssertCurve(measured.GetProperty("codecs").GetProperty(ours), "crf 20", 3);
        AssertCurve(measured.GetProperty("codecs").GetProperty("x264-veryfast"), "crf 22", 6);
        JsonElement mean = report.GetProperty("bd_rate_percent").GetProperty("x264-veryfast");
        Assert.All(["psnr611", "psnr_y", "msssim"], name => Assert.True(mean.TryGetProperty(name, out _)));
        Assert.True(report.GetProperty("quality_range_db").GetDouble() > 2);
        Assert.Equal(
            ["bd-rate.png", "scene-crops.png", "scene-curves.png", "scene-curves.svg"],
            Directory.GetFiles(_folder["out"]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Our_rate_counts_the_access_units_that_encode_writes_and_a_descriptor_in_every_packet()
    {
        string clip = _folder.MakeScene("scene.y4m", 128, Frames);
        (await Program.RunAsync("encode", clip, _folder["scene.mlvc"], "--gop", "call", "--crf", "30")).AssertSucceeds();

        (await Program.RunAsync("evaluate", "--input", clip, "--qp", "30,40", "--anchors", "none", "--json", _folder["report.json"])).AssertSucceeds();

        JsonElement report = JsonDocument.Parse(File.ReadAllText(_folder["report.json"])).RootElement;
        JsonElement point = report.GetProperty("clips")[0].GetProperty("codecs").GetProperty(report.GetProperty("codec").GetString()!)[0];
        Assert.Equal(JsonValueKind.Null, point.GetProperty("msssim").ValueKind);  // five scales do not fit into 128 rows
        long streamBytes = new FileInfo(_folder["scene.mlvc"]).Length;
        int descriptorBytes = (int)Math.Round((point.GetProperty("kbps").GetDouble() * 1000 / 8 * Frames / 30) - streamBytes);

        // 8 bytes in each packet and 8 more in the first of the key frame; six frames, none of which needs more packets than its size asks for.
        Assert.Equal(0, descriptorBytes % 8);
        Assert.InRange((descriptorBytes - 8) / 8, Frames, Frames + (streamBytes / 1000));
    }

    [Fact]
    public void The_own_SSIM_agrees_with_ffmpegs()
    {
        string clip = _folder.MakeScene("scene.y4m", 192, 1);
        VideoFrame original = First(clip);
        foreach (string filter in (string[])["noise=alls=12:all_seed=3", "gblur=sigma=1.2", "gblur=sigma=3", "eq=brightness=0.05"])
        {
            string changed = _folder.Make("changed.y4m", "-i", clip, "-vf", filter, "-pix_fmt", "yuv420p");
            string printed = ChildProcess.Capture(ScratchFolder.Ffmpeg.Path, ["-hide_banner", "-nostdin", "-i", changed, "-i", clip, "-lavfi", "ssim", "-f", "null", "-"]);
            int at = printed.IndexOf("SSIM Y:", StringComparison.Ordinal);
            Assert.True(at >= 0, printed);
            double theirs = double.Parse(printed.AsSpan(at + 7, 6), System.Globalization.CultureInfo.InvariantCulture);
            double ours = new MsSsim().CompareOneScale(First(changed), original);
            output.WriteLine(FormattableString.Invariant($"{filter}: {ours:F4}, ffmpeg {theirs:F4}"));

            // ffmpeg's window is a flat 8x8 in steps of 4 (x264's), ours a Gaussian of about the same weight everywhere: near, not equal.
            Assert.InRange(ours, theirs - 0.06, theirs + 0.06);
        }

    }

    [Fact]
    public void Anchors_that_a_machine_lacks_are_named_with_the_reason()
    {
        string old = Path.Combine(AppContext.BaseDirectory, "media", OperatingSystem.IsWindows() ? "ffmpeg.exe" : "ffmpeg");
        Assert.SkipUnless(File.Exists(old), "the ffmpeg of 2018 that comes with the default build is not here");

        Anchors anchors = Anchors.Find(With(ffmpeg: old), names: null, [30, 40], TestContext.Current.CancellationToken);

        Assert.Empty(anchors.Codecs);
        Assert.Contains(anchors.Missing, missing => missing.Name == "av1-rt8");
        Assert.All(anchors.Missing, missing => Assert.Contains("needs ffmpeg 5.1", missing.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_any_ffmpeg_the_program_says_what_to_install()
    {
        string clip = _folder.MakeScene("scene.y4m", 128, 2);
        using StringWriter printed = new();
        using StringWriter error = new();
        Surroundings bare = new(new(printed, error, IsInteractive: false), TimeProvider.System, name => name == "PATH" ? string.Empty : null, _folder.Root);

        // The program's own bundles are not there either, so the model is named by its file.
        string bundle = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "bundles"), "*.tar")[0];
        int exitCode = await Cli.RunAsync(["evaluate", "--input", clip, "--model", bundle, "--anchors", "x264-veryfast"], bare, TestContext.Current.CancellationToken);

        Assert.Equal((int)ExitCode.Failed, exitCode);
        Assert.Contains("Install ffmpeg", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_evaluated_is_refused_with_the_cause()
    {
        string text = _folder["notes.mp4"];
        await File.WriteAllTextAsync(text, "not a video", TestContext.Current.CancellationToken);
        Directory.CreateDirectory(_folder["empty"]);
        string single = _folder.MakeScene("one.y4m", 128, 1);

        (await Program.RunAsync("evaluate", "--input", text, "--anchors", "none")).AssertFails(ExitCode.BadInput, "notes.mp4", "not a video");
        (await Program.RunAsync("evaluate", "--input", _folder["empty"], "--anchors", "none")).AssertFails(ExitCode.BadInput, "empty", "holds no video");
        (await Program.RunAsync("evaluate", "--input", single, "--anchors", "none")).AssertFails(ExitCode.BadInput, "1 pictures");
        (await Program.RunAsync("evaluate", "--input", single, "--anchors", "x266")).AssertFails(ExitCode.BadInput, "x266", "x264-veryfast");
        (await Program.RunAsync("evaluate", "--input", single, "--qp", "30")).AssertFails(ExitCode.BadInput, "--qp", "two");
        (await Program.RunAsync("evaluate", "--input", single, "--qp", "30,99")).AssertFails(ExitCode.BadInput, "99");
    }

    [Fact]
    public void A_packet_table_gives_counts_key_frames_and_bytes()
    {
        const string table = """
            #extradata 0:       37, 0x8b4308c1
            #tb 0: 1/1200000
            #dimensions 0: 640x360
            0,          0,          0,    40000,    15078, 0xb25c8147
            0,      -1,      40000,    40000,       29, 0x797f0a9e, F=0x0
            0,      79999,      79999,    40000,      167, 0x0d384eeb, F=0x0, S=1,      8, 0x00000000
            """;

        Assert.Equal((3, 1, 15078 + 29 + 167), FfmpegFigures.Packets(table));
        Assert.Equal((0, 0, 0), FfmpegFigures.Packets("#tb 0: 1/30\nConversion failed!"));
    }

    [Fact]
    public void Processor_time_is_user_and_system_time_of_the_last_benchmark_line()
    {
        string[] lines = ["frame=24", "bench: utime=0.210s stime=0.056s rtime=0.268s", "bench: maxrss=50152kB"];

        Assert.Equal(TimeSpan.FromMilliseconds(266), FfmpegFigures.ProcessorTime(lines));
        Assert.Null(FfmpegFigures.ProcessorTime(["bench: utime=0.21s", "nothing"]));
    }

    /// <summary>Better settings first: rate and quality fall from point to point, one key frame each.</summary>
    private static void AssertCurve(JsonElement curve, string firstSetting, int points)
    {
        Assert.Equal(points, curve.GetArrayLength());
        Assert.Equal(firstSetting, curve[0].GetProperty("setting").GetString());
        foreach (string name in (string[])["kbps", "psnr611_db", "psnr_y_db", "msssim"])
        {
            double[] values = [.. curve.EnumerateArray().Select(point => point.GetProperty(name).GetDouble())];
            Assert.Equal(values.OrderDescending(), values);
            Assert.True(values[^1] > 0);
        }

        Assert.All(curve.EnumerateArray(), point => Assert.Equal(1, point.GetProperty("key_frames").GetInt32()));
        Assert.All(curve.EnumerateArray(), point => Assert.True(point.GetProperty("encode_ms").GetDouble() >= 0 && point.GetProperty("decode_ms").GetDouble() >= 0));
    }

    private static void RequireAnchors()
    {
        Anchors anchors = Anchors.Find(With(ScratchFolder.Ffmpeg.Path), ["x264-veryfast"], [30, 40], TestContext.Current.CancellationToken);
        Assert.SkipWhen(anchors.Missing.Count > 0, $"the anchor is missing: {string.Join(", ", anchors.Missing)}");
    }

    private static Surroundings With(string ffmpeg) => new(
        new(TextWriter.Null, TextWriter.Null, IsInteractive: false), TimeProvider.System, name => name == Ffmpeg.OverrideVariable ? ffmpeg : null, AppContext.BaseDirectory);

    private static VideoFrame First(string y4m)
    {
        using FileStream file = File.OpenRead(y4m);
        VideoFrame frame = new();
        Assert.True(new Y4mReader(file).TryRead(frame));
        return frame;
    }
}
