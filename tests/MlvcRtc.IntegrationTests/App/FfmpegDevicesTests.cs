using System.Diagnostics;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Media;

namespace MlvcRtc.IntegrationTests.App;

public sealed class FfmpegDevicesTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("320x240", "25", 320, 240, 25, 1)]
    [InlineData("176x144", "30000/1001", 176, 144, 30000, 1001)]
    public void A_video_file_gives_all_its_pictures_at_its_own_size_and_rate(string size, string rate, int width, int height, int numerator, int denominator)
    {
        string clip = _folder.MakeClip("clip.mp4", size, rate, 1);

        using FfmpegSource source = FfmpegSource.OpenFile(ScratchFolder.Ffmpeg, clip, null, null);

        Assert.Equal(new PictureSize(width, height), source.Size);
        Assert.Equal(new FrameRate(numerator, denominator), source.Rate);
        Assert.Equal((int)Math.Ceiling((double)numerator / denominator), CountPictures(source));
        Assert.Null(source.Notice);
    }

    [Fact]
    public void A_video_of_odd_size_is_scaled_to_an_even_one_and_says_so()
    {
        string clip = _folder.MakeClip("odd.mkv", "161x121", "25", 0.2, "-pix_fmt", "yuv444p");

        using FfmpegSource source = FfmpegSource.OpenFile(ScratchFolder.Ffmpeg, clip, null, null);

        Assert.Equal(new PictureSize(160, 120), source.Size);
        Assert.Contains("scaled to 160x120", source.Notice, StringComparison.Ordinal);
        Assert.Equal(5, CountPictures(source));
    }

    [Fact]
    public void A_looped_clip_never_ends()
    {
        string clip = _folder.MakeClip("short.mp4", "64x64", "10", 0.5);
        using FfmpegSource source = FfmpegSource.OpenFile(ScratchFolder.Ffmpeg, clip, null, null, loop: true);
        VideoFrame picture = new();

        for (int i = 0; i < 12; i++)
        {
            Assert.True(source.Read(picture, TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public void Disposing_a_source_half_way_leaves_no_process_behind()
    {
        string clip = _folder.MakeClip("long.mp4", "320x240", "30", 10);
        using (FfmpegSource source = FfmpegSource.OpenFile(ScratchFolder.Ffmpeg, clip, null, null))
        {
            Assert.True(source.Read(new VideoFrame(), TestContext.Current.CancellationToken));
        }

        Assert.DoesNotContain(Process.GetProcessesByName("ffmpeg"), process => CommandLineOf(process).Contains(clip, StringComparison.Ordinal));
    }

    [Fact]
    public void Cancelling_ends_a_read_that_waits()
    {
        string clip = _folder.MakeClip("long.mp4", "320x240", "30", 10);
        using FfmpegSource source = FfmpegSource.OpenFile(ScratchFolder.Ffmpeg, clip, null, null);
        using CancellationTokenSource cancel = new();
        cancel.Cancel();

        Assert.Throws<OperationCanceledException>(() =>
        {
            VideoFrame picture = new();
            while (source.Read(picture, cancel.Token))
            {
            }
        });
    }

    [Fact]
    public void An_mp4_appears_whole_and_plays_back_at_the_written_rate()
    {
        string path = _folder["out.mp4"];
        VideoFrame grey = new(64, 48);
        grey.Samples.Fill(128);
        using (FfmpegWriter writer = new(ScratchFolder.Ffmpeg, path, new(64, 48), new(12, 1)))
        {
            for (int i = 0; i < 6; i++)
            {
                writer.Write(grey);
            }

            writer.Complete();
        }

        using FfmpegSource source = FfmpegSource.OpenFile(ScratchFolder.Ffmpeg, path, null, null);
        Assert.Equal(12, source.Rate.PerSecond);
        Assert.Equal(6, CountPictures(source));
        Assert.Equal([path], Directory.GetFiles(_folder.Root));
    }

    [Fact]
    public void An_mp4_that_is_not_completed_leaves_nothing()
    {
        using (FfmpegWriter writer = new(ScratchFolder.Ffmpeg, _folder["half.mp4"], new(64, 64), new(30, 1)))
        {
            writer.Write(new VideoFrame(64, 64));
        }

        Assert.Empty(Directory.GetFiles(_folder.Root));
    }

    [Theory]
    [InlineData("  Stream #0:0(und): Video: h264 (High) (avc1 / 0x31637661), yuv420p, 360x288 [SAR 1:1 DAR 5:4], 133 kb/s, 24 fps, 24 tbr", 360, 288, 24, 1)]
    [InlineData("  Stream #0:1[0x2](eng): Video: vp9 (Profile 0), yuv420p(tv, bt709), 1921x1081, 29.97 fps, 29.97 tbr, 1k tbn", 1921, 1081, 30000, 1001)]
    [InlineData("  Stream #0:0: Video: mjpeg, yuvj422p(pc), 640x480, 25 tbr, 1000k tbn\n      displaymatrix: rotation of -90.00 degrees", 480, 640, 25, 1)]
    public void Sizes_and_rates_are_read_from_old_and_new_ffmpeg_reports(string report, int width, int height, int numerator, int denominator) =>
        Assert.Equal(new FfmpegProbe(new(width, height), new(numerator, denominator)), FfmpegProbe.Parse(report));

    private static int CountPictures(FfmpegSource source)
    {
        VideoFrame picture = new();
        int count = 0;
        while (source.Read(picture, TestContext.Current.CancellationToken))
        {
            count++;
        }

        return count;
    }

    private static string CommandLineOf(Process process)
    {
        string path = $"/proc/{process.Id}/cmdline";
        return File.Exists(path) ? File.ReadAllText(path) : string.Empty;
    }
}
