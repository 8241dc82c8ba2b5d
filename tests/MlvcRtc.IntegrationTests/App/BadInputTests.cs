using MlvcRtc.App.CommandLine;

namespace MlvcRtc.IntegrationTests.App;

/// <summary>What a user gets for every mistake: one line that names cause and remedy, and the documented exit code.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    private static string BundlePath { get; } = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "bundles"), "*.tar").Order(StringComparer.Ordinal).First();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_missing_input_file_is_named()
    {
        Program run = await Program.RunAsync("encode", _folder["nowhere.mp4"], _folder["out.mlvc"]);

        run.AssertFails(ExitCode.BadInput, "nowhere.mp4", "does not exist");
    }

    [Fact]
    public async Task A_file_that_is_no_video_is_refused()
    {
        string text = _folder["letter.mp4"];
        await File.WriteAllTextAsync(text, "Dear video codec,", TestContext.Current.CancellationToken);

        Program run = await Program.RunAsync("encode", text, _folder["out.mlvc"]);

        run.AssertFails(ExitCode.BadInput, "letter.mp4", "is not a video");
    }

    [Fact]
    public async Task A_file_without_pictures_is_refused()
    {
        string sound = _folder.Make("sound.wav", "-f", "lavfi", "-i", "sine=duration=0.1");

        Program run = await Program.RunAsync("encode", sound, _folder["out.mlvc"]);

        run.AssertFails(ExitCode.BadInput, "sound.wav", "no video stream");
    }

    [Fact]
    public async Task Raw_pictures_of_an_odd_size_are_refused_with_the_size_to_use()
    {
        Program run = await Program.RunAsync("encode", _folder["raw.yuv"], _folder["out.mlvc"], "--size", "321x241");

        run.AssertFails(ExitCode.BadInput, "321x241 is odd", "320x240");
    }

    [Fact]
    public async Task Raw_pictures_without_a_size_are_refused()
    {
        Program run = await Program.RunAsync("encode", _folder["raw.nv12"], _folder["out.mlvc"]);

        run.AssertFails(ExitCode.BadInput, "--size");
    }

    [Theory]
    [InlineData("--qp", "52", "0 .. 51")]
    [InlineData("--qp", "-1", "0 .. 51")]
    [InlineData("--qp", "best", "0 .. 51")]
    [InlineData("--size", "62x64", "64x64")]
    [InlineData("--size", "2000x1000", "1920")]
    [InlineData("--fps", "0", "1 .. 1000")]
    [InlineData("--temporal-layers", "3", "1 .. 2")]
    public async Task An_option_out_of_range_is_refused_with_its_range(string option, string value, string range)
    {
        Program run = await Program.RunAsync("encode", "in.mp4", "out.mlvc", option, value);

        run.AssertFails(ExitCode.BadInput, option, range);
    }

    [Fact]
    public async Task Constant_quality_and_constant_rate_exclude_each_other()
    {
        Program run = await Program.RunAsync("encode", "in.mp4", "out.mlvc", "--qp", "30", "--kbps", "300");

        run.AssertFails(ExitCode.BadInput, "--qp, --crf and --kbps");
    }

    [Fact]
    public async Task A_truncated_bundle_is_named_as_truncated()
    {
        string cut = _folder["cut.tar"];
        await File.WriteAllBytesAsync(cut, (await File.ReadAllBytesAsync(BundlePath, TestContext.Current.CancellationToken))[..100_000], TestContext.Current.CancellationToken);

        Program verified = await Program.RunAsync("models", "verify", cut);
        Program imported = await Program.RunAsync("models", "import", cut);

        verified.AssertFails(ExitCode.Damaged, "cut.tar", "truncated");
        imported.AssertFails(ExitCode.Damaged, "cut.tar", "truncated");
    }

    [Fact]
    public async Task A_bundle_whose_weights_were_changed_fails_its_sha256()
    {
        byte[] bytes = await File.ReadAllBytesAsync(BundlePath, TestContext.Current.CancellationToken);

        // The last entry is weights.bin; its last byte lies before the padding and the two closing zero blocks.
        int last = Array.FindLastIndex(bytes, value => value != 0);
        bytes[last] ^= 1;
        string changed = _folder["changed.tar"];
        await File.WriteAllBytesAsync(changed, bytes, TestContext.Current.CancellationToken);

        Program run = await Program.RunAsync("models", "verify", changed);

        run.AssertFails(ExitCode.Damaged, "changed.tar", "SHA-256");
    }

    [Fact]
    public async Task A_model_that_is_not_installed_is_answered_with_those_that_are()
    {
        Program run = await Program.RunAsync("bench", "--model", "mlvc-xxl");

        run.AssertFails(ExitCode.UnknownModel, "mlvc-xxl", Path.GetFileNameWithoutExtension(BundlePath));
    }

    [Fact]
    public async Task A_stream_of_an_unknown_model_version_names_it_and_the_known_ones()
    {
        string stream = await CodedClip();
        byte[] bytes = await File.ReadAllBytesAsync(stream, TestContext.Current.CancellationToken);

        // Start code (4), NAL unit header (2), major (1), minor.
        Assert.Equal(0x42, bytes[4]);
        bytes[7] = 77;
        await File.WriteAllBytesAsync(stream, bytes, TestContext.Current.CancellationToken);

        Program run = await Program.RunAsync("decode", stream, _folder["out.yuv"]);

        run.AssertFails(ExitCode.UnknownModel, "0.77", Path.GetFileNameWithoutExtension(BundlePath));
        Assert.False(File.Exists(_folder["out.yuv"]));
    }

    [Fact]
    public async Task A_stream_cut_in_the_middle_gives_the_frames_before_the_cut()
    {
        string stream = await CodedClip();
        byte[] bytes = await File.ReadAllBytesAsync(stream, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(stream, bytes[..^9], TestContext.Current.CancellationToken);

        Program run = await Program.RunAsync("decode", stream, _folder["out.yuv"]);

        run.AssertFails(ExitCode.Damaged, "cut", "the 4 frames before it");
        Assert.Equal(4 * 96 * 80 * 3 / 2, new FileInfo(_folder["out.yuv"]).Length);
    }

    [Theory]
    [InlineData(false, "start code")]
    [InlineData(true, "no sequence parameter set")]
    public async Task Garbage_is_recognised(bool behindAStartCode, string message)
    {
        byte[] garbage = new byte[5000];
        new Random(5).NextBytes(garbage);
        garbage[0] = 0xFF;
        string file = _folder["garbage.mlvc"];
        await File.WriteAllBytesAsync(file, [.. behindAStartCode ? [0, 0, 0, 1] : Array.Empty<byte>(), .. garbage], TestContext.Current.CancellationToken);

        Program decoded = await Program.RunAsync("decode", file, _folder["out.yuv"]);
        Program described = await Program.RunAsync("info", file);

        decoded.AssertFails(ExitCode.Damaged, "garbage.mlvc", message);
        Assert.Equal((int)ExitCode.Damaged, described.ExitCode);
        Assert.False(File.Exists(_folder["out.yuv"]));
    }

    [Fact]
    public async Task A_full_disk_is_named_and_no_half_file_is_left()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/full, a disk that is always full, exists on Linux only");
        string clip = _folder.MakeClip("clip.mp4", "96x80", "10", 0.3);

        Program coded = await Program.RunAsync("encode", clip, "/dev/full", "--qp", "20");
        Program reported = await Program.RunAsync("encode", clip, _folder["out.mlvc"], "--json", "/dev/full");

        coded.AssertFails(ExitCode.OutputFailed, "/dev/full", "space");
        reported.AssertFails(ExitCode.OutputFailed, "/dev/full", "space");
    }

    [Fact]
    public async Task An_output_folder_that_does_not_exist_is_named()
    {
        string clip = _folder.MakeClip("clip.mp4", "96x80", "10", 0.3);

        Program run = await Program.RunAsync("encode", clip, _folder[Path.Combine("no", "such", "out.mlvc")]);

        run.AssertFails(ExitCode.OutputFailed, "out.mlvc", "folder");
    }

    [Fact]
    public async Task An_output_ending_without_a_format_is_refused_before_work_begins()
    {
        Program run = await Program.RunAsync("decode", "in.mlvc", "out.avi");

        run.AssertFails(ExitCode.BadInput, "out.avi", ".mp4");
    }

    [Fact]
    public async Task A_camera_that_is_not_there_is_said_plainly()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the device name is Linux's");

        Program run = await Program.RunAsync("demo", "--input", "camera:/dev/video99", "--output", _folder["demo"]);

        run.AssertFails(ExitCode.BadInput, "/dev/video99");
    }

    /// <summary>Five frames of 96x80.</summary>
    private async Task<string> CodedClip()
    {
        string clip = _folder.MakeClip("clip.mp4", "96x80", "10", 0.5);
        string stream = _folder["clip.mlvc"];
        Program run = await Program.RunAsync("encode", clip, stream);
        Assert.Equal(0, run.ExitCode);
        return stream;
    }
}
