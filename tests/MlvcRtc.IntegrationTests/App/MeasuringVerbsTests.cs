using System.Text.Json;
using MlvcRtc.App.Devices;

namespace MlvcRtc.IntegrationTests.App;

/// <summary>The verbs that measure: they end by themselves, leave their files, and keep the names in their reports.</summary>
public sealed class MeasuringVerbsTests : IDisposable
{
    private static readonly string[] CommonNames = ["tool", "version", "commit", "machine", "date_utc", "command", "model"];

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_demo_call_over_a_lossy_network_ends_and_leaves_video_sheet_plot_and_report()
    {
        string folder = _folder["demo"];

        Program run = (await Program.RunAsync(
            "demo", "--seconds", "4", "--loss", "5", "--rtt", "60", "--kbps", "150", "--size", "160x128", "--seed", "7", "--output", folder, "--trace", _folder["trace.json"])).AssertSucceeds();
        Program drawn = (await Program.RunAsync("trace", _folder["trace.json"], "--output", _folder["trace.png"])).AssertSucceeds();

        Assert.Contains("A to B", run.Out, StringComparison.Ordinal);
        Assert.Contains("trace.png", drawn.Out, StringComparison.Ordinal);
        Assert.True(new FileInfo(_folder["trace.png"]).Length > 1000);
        Assert.Equal(
            ["capture", "decode", "decode: entropy", "decode: motion", "decode: network", "encode", "encode: entropy", "encode: motion", "encode: network", "pace", "present", "receive"],
            Read(_folder["trace.json"]).GetProperty("traceEvents").EnumerateArray().Where(one => one.GetProperty("name").GetString() == "thread_name")
                .Select(one => one.GetProperty("args").GetProperty("name").GetString()!).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(
            ["psnr-bitrate.svg", "received.mp4", "report.json", "side-by-side.png"],
            Directory.GetFiles(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        JsonElement report = Read(Path.Combine(folder, "report.json"));
        AssertNames(
            report,
            [
                .. CommonNames, "seconds", "frames_captured", "frames_encoded", "frames_decoded", "decoded_ratio", "send_kbps", "loss_percent", "rtt_ms",
                "mean_psnr_db", "freeze_count", "freeze_ms_total", "recoveries", "key_frames", "latency_ms", "state_mismatches",
            ]);
        AssertNames(report.GetProperty("latency_ms"), ["p50", "p95"]);
        AssertNames(report.GetProperty("machine"), ["cpu", "cores", "os"]);
        AssertNames(report.GetProperty("model"), ["id", "sha256"]);
        Assert.Equal(96, report.GetProperty("frames_captured").GetInt32());
        Assert.True(report.GetProperty("frames_decoded").GetInt32() > 0);
        Assert.Equal(0, report.GetProperty("state_mismatches").GetInt32());
        Assert.Equal(report.GetProperty("frames_decoded").GetInt32(), report.GetProperty("states_compared").GetInt32());
        Assert.True(report.GetProperty("mean_psnr_db").GetDouble() > 25);

        FfmpegProbe video = FfmpegProbe.Of(ScratchFolder.Ffmpeg, Path.Combine(folder, "received.mp4"));
        Assert.Equal((160, 128, 24.0), (video.Size.Width, video.Size.Height, video.Rate.PerSecond));
    }

    [Fact]
    public async Task A_demo_that_is_interrupted_stops_and_says_so()
    {
        using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task<Program> running = Program.RunUntilAsync(["demo", "--seconds", "600", "--size", "64x64", "--output", _folder["demo"]], cancel.Token);
        await cancel.CancelAsync();

        Program run = await running;

        Assert.Equal(130, run.ExitCode);
        Assert.Contains("Interrupted", run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.Exists(_folder["demo"]) ? Directory.GetFiles(_folder["demo"]) : []);
    }

    [Fact]
    public async Task Bench_reports_both_directions_stages_and_the_bare_graphs()
    {
        Program run = (await Program.RunAsync("bench", "--size", "64x64", "--seconds", "0.5", "--json", _folder["bench.json"])).AssertSucceeds();

        Assert.Contains("encode:", run.Out, StringComparison.Ordinal);
        JsonElement report = Read(_folder["bench.json"]);
        AssertNames(
            report,
            [
                .. CommonNames, "width", "height", "mode", "encode_fps", "decode_fps", "encode_ms", "decode_ms", "stage_ms", "allocated_bytes_per_frame",
                "frame_interval_p99_deviation_ms", "bare_encode_ms", "bare_decode_ms", "ratio_to_bare",
            ]);
        AssertNames(report.GetProperty("encode_ms"), ["p50", "p95", "p99"]);
        AssertNames(report.GetProperty("stage_ms"), ["pixels", "motion", "network", "entropy", "bitstream"]);
        Assert.True(report.GetProperty("encode_fps").GetDouble() > 0);
        Assert.True(report.GetProperty("decode_fps").GetDouble() > 0);
    }

    [Fact]
    public async Task A_bench_of_a_whole_endpoint_reports_frames_rhythm_deadlines_and_pacing()
    {
        Program run = (await Program.RunAsync(
            "bench", "--mode", "call", "--size", "64x64", "--fps", "10", "--seconds", "1", "--json", _folder["endpoint.json"], "--trace", _folder["endpoint-trace.json"])).AssertSucceeds();

        Assert.Contains("deadlines missed", run.Out, StringComparison.Ordinal);
        JsonElement report = Read(_folder["endpoint.json"]);
        AssertNames(
            report,
            [
                .. CommonNames, "mode", "target_fps", "frames_encoded", "frames_decoded", "encode_fps", "decode_fps", "encode_ms", "decode_ms", "encode_interval_p99_deviation_ms",
                "shown_interval_p99_deviation_ms", "deadline_miss_ratio", "pacing_delay_ms", "gen2_collections", "allocated_bytes_per_frame", "health", "shutdown_ms",
            ]);
        Assert.True(report.GetProperty("frames_decoded").GetInt32() > 0);
        Assert.True(File.Exists(_folder["endpoint-trace.json"]));
        (await Program.RunAsync("bench", "--mode", "both", "--kbps", "100")).AssertFails(MlvcRtc.App.CommandLine.ExitCode.BadInput, "--mode call");
    }

    [Fact]
    public async Task Endpoints_that_are_stopped_while_they_load_run_and_are_overloaded_end_soon_and_leave_no_session()
    {
        Program run = (await Program.RunAsync(
            "bench", "--mode", "call", "--size", "64x64", "--fps", "10", "--stops", "6", "--seed", "3", "--json", _folder["stops.json"])).AssertSucceeds();

        Assert.Contains("overload: 2 stopped", run.Out, StringComparison.Ordinal);
        JsonElement report = Read(_folder["stops.json"]);
        AssertNames(report, [.. CommonNames, "mode", "target_fps", "seed", "longest_ms", "taken_ms", "sessions_opened", "sessions_left", "threads_left", "sockets_left", "stops"]);
        Assert.Equal(["start", "running", "overload", "start", "running", "overload"], report.GetProperty("stops").EnumerateArray().Select(stop => stop.GetProperty("during").GetString()!));
        Assert.True(report.GetProperty("longest_ms").GetDouble() < 10_000);
        Assert.True(report.GetProperty("sessions_opened").GetInt32() >= 4 * 4);  // two graphs with a binding each, at least of those that had loaded
        Assert.Equal(0, report.GetProperty("sessions_left").GetInt32());
    }

    [Fact]
    public async Task An_endpoint_among_programs_that_take_every_core_tells_its_steps_and_when_everything_was_back()
    {
        Program run = (await Program.RunAsync(
            "bench", "--mode", "call", "--size", "64x64", "--fps", "10", "--seconds", "3", "--adaptive", "--overload-from", "0.5", "--overload-to", "1.5", "--json", _folder["overload.json"]))
            .AssertSucceeds();

        Assert.Contains("overload from", run.Out, StringComparison.Ordinal);
        JsonElement report = Read(_folder["overload.json"]);
        AssertNames(report.GetProperty("overload"), ["from_second", "to_second", "longest_interval_ms", "least_shown_per_second", "recovered_after_seconds"]);
        Assert.NotEqual(0, report.GetProperty("shapes").GetArrayLength());
        (await Program.RunAsync("bench", "--mode", "call", "--fps", "10", "--overload-from", "5")).AssertFails(MlvcRtc.App.CommandLine.ExitCode.BadInput, "--overload-to");
        (await Program.RunAsync("bench", "--mode", "call", "--stops", "3")).AssertFails(MlvcRtc.App.CommandLine.ExitCode.BadInput, "--fps");
    }

    [Fact]
    public async Task Devices_tests_the_processor_and_says_how_to_get_the_others()
    {
        Program run = (await Program.RunAsync("devices", "--size", "64x64", "--fps", "1", "--json", _folder["devices.json"])).AssertSucceeds();

        Assert.Contains("right (chosen)", run.Out, StringComparison.Ordinal);
        Assert.Contains("OnnxRuntimePackage=Microsoft.ML.OnnxRuntime.Gpu", run.Out, StringComparison.Ordinal);
        JsonElement report = Read(_folder["devices.json"]);
        AssertNames(report, [.. CommonNames, "width", "height", "fps", "chosen", "devices"]);
        Assert.Contains(report.GetProperty("chosen").GetString(), (string[])["cpu", "cpu-int8"]);
        Assert.Equal(7, report.GetProperty("devices").GetArrayLength());
        (await Program.RunAsync("devices", "--device", "qnn")).AssertFails(MlvcRtc.App.CommandLine.ExitCode.BadInput, "qnn", "not in this build");
    }

    [Fact]
    public async Task The_lab_leaves_a_table_a_report_and_pictures_and_the_same_seed_gives_the_same_scenarios_byte_for_byte()
    {
        string[] command = ["lab", "--scenario", "random-5,single-loss-20,steady-500", "--policy", "none,pli,ltr+nack", "--seconds", "6", "--seed", "5"];
        Program run = (await Program.RunAsync([.. command, "--json", _folder["one.json"], "--out", _folder["pictures"]])).AssertSucceeds();
        (await Program.RunAsync([.. command, "--json", _folder["other.json"]])).AssertSucceeds();

        Assert.Contains("ltr+nack", run.Out, StringComparison.Ordinal);
        JsonElement report = Read(_folder["one.json"]);
        AssertNames(report, [.. CommonNames, "scenarios", "encode_ms", "decode_ms"]);
        JsonElement scenarios = report.GetProperty("scenarios");
        Assert.Equal(7, scenarios.GetArrayLength());  // two scenarios under three policies, and a bottleneck
        foreach (JsonElement scenario in scenarios.EnumerateArray())
        {
            AssertNames(
                scenario,
                [
                    "name", "policy", "codec", "seed", "seconds", "frames_sent", "frames_decoded", "freeze_count", "freeze_ms_total", "freeze_ratio", "longest_freeze_ms",
                    "mean_displayed_psnr_db", "kbps", "key_frames", "recoveries", "recovery_ms", "queue_delay_ms", "utilisation",
                ]);
            AssertNames(scenario.GetProperty("recovery_ms"), ["p50", "p95", "max"]);
            AssertNames(scenario.GetProperty("queue_delay_ms"), ["p50", "p95"]);
        }

        Assert.Equal(scenarios.GetRawText(), Read(_folder["other.json"]).GetProperty("scenarios").GetRawText());
        Assert.Equal(
            ["overview.png", "random-5.png", "single-loss-20.png", "steady-500.png"],
            Directory.GetFiles(_folder["pictures"]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_lab_names_its_scenarios_and_refuses_others()
    {
        Program list = (await Program.RunAsync("lab", "--list")).AssertSucceeds();
        Assert.Contains("train-tunnel", list.Out, StringComparison.Ordinal);
        (await Program.RunAsync("lab", "--scenario", "moon")).AssertFails(MlvcRtc.App.CommandLine.ExitCode.BadInput, "moon", "lab --list");
    }

    [Fact]
    public async Task The_program_lists_and_verifies_its_own_bundle()
    {
        Program list = (await Program.RunAsync("models", "list")).AssertSucceeds();
        Program verify = (await Program.RunAsync("models", "verify", "--json", _folder["verify.json"])).AssertSucceeds();

        Assert.Contains("mlvc-xs", list.Out, StringComparison.Ordinal);
        Assert.Contains("passed", verify.Out, StringComparison.Ordinal);
        Assert.True(Read(_folder["verify.json"]).GetProperty("passed").GetBoolean());
    }

    [Theory]
    [InlineData("demo")]
    [InlineData("encode")]
    [InlineData("decode")]
    [InlineData("info")]
    [InlineData("bench")]
    [InlineData("devices")]
    [InlineData("trace")]
    [InlineData("evaluate")]
    [InlineData("lab")]
    [InlineData("models")]
    public async Task Every_verb_explains_itself_with_examples(string verb)
    {
        Program run = (await Program.RunAsync(verb, "--help")).AssertSucceeds();

        Assert.Contains("Examples:", run.Out, StringComparison.Ordinal);
        Assert.Contains($"mlvcrtc {verb}", run.Out, StringComparison.Ordinal);
    }

    private static JsonElement Read(string path) => JsonDocument.Parse(File.ReadAllText(path)).RootElement;

    private static void AssertNames(JsonElement element, IEnumerable<string> names) =>
        Assert.All(names, name => Assert.True(element.TryGetProperty(name, out _), $"the report lacks {name}"));
}
