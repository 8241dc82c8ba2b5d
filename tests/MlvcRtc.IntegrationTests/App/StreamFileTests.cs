using System.Text.Json;
using MlvcRtc.App.Models;
using MlvcRtc.Codec;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Onnx;
using MlvcRtc.Codec.References;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Lab.Metrics;
using MlvcRtc.Media;

namespace MlvcRtc.IntegrationTests.App;

/// <summary>Files written by the program hold what the codec made, and read back as what its decoder shows.</summary>
public sealed class StreamFileTests : IDisposable
{
    private const int Width = 112;
    private const int Height = 96;
    private const int Frames = 10;

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("file", 1)]
    [InlineData("call", 2)]
    public async Task A_written_stream_decodes_to_the_frames_that_a_decoder_beside_the_encoder_shows(string gop, int layers)
    {
        string raw = WriteScene("scene.yuv");
        string layerText = layers == 1 ? "1" : "2";

        (await Program.RunAsync("encode", raw, _folder["a.mlvc"], "--size", "112x96", "--qp", "30", "--gop", gop, "--temporal-layers", layerText)).AssertSucceeds();
        (await Program.RunAsync("decode", _folder["a.mlvc"], _folder["a.yuv"])).AssertSucceeds();

        GopOptions pattern = gop == "file" ? GopOptions.ForFile(layers) : GopOptions.ForCall(layers);
        (byte[] stream, byte[] pictures) = CodeDirectly(raw, pattern, qp: 30);
        Assert.Equal(stream, await File.ReadAllBytesAsync(_folder["a.mlvc"], TestContext.Current.CancellationToken));
        Assert.Equal(pictures, await File.ReadAllBytesAsync(_folder["a.yuv"], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Nv12_and_y4m_carry_the_same_pictures_as_i420()
    {
        WriteScene("scene.yuv");
        (await Program.RunAsync("encode", _folder["scene.yuv"], _folder["a.mlvc"], "--size", "112x96", "--frames", "3")).AssertSucceeds();
        foreach (string ending in new[] { "y4m", "nv12", "yuv" })
        {
            (await Program.RunAsync("decode", _folder["a.mlvc"], _folder[$"a.{ending}"], "--fps", "25")).AssertSucceeds();
        }

        (await Program.RunAsync("encode", _folder["a.y4m"], _folder["y4m.mlvc"])).AssertSucceeds();
        (await Program.RunAsync("encode", _folder["a.nv12"], _folder["nv12.mlvc"], "--size", "112x96")).AssertSucceeds();
        (await Program.RunAsync("encode", _folder["a.yuv"], _folder["yuv.mlvc"], "--size", "112x96")).AssertSucceeds();

        byte[] expected = await File.ReadAllBytesAsync(_folder["yuv.mlvc"], TestContext.Current.CancellationToken);
        Assert.Equal(expected, await File.ReadAllBytesAsync(_folder["y4m.mlvc"], TestContext.Current.CancellationToken));
        Assert.Equal(expected, await File.ReadAllBytesAsync(_folder["nv12.mlvc"], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_video_survives_encode_and_decode_to_mp4_with_its_length_and_look()
    {
        string clip = _folder.MakeClip("clip.mp4", "160x120", "12", 0.5);
        (await Program.RunAsync("encode", clip, _folder["a.mlvc"], "--qp", "20")).AssertSucceeds();
        (await Program.RunAsync("decode", _folder["a.mlvc"], _folder["a.mp4"], "--fps", "12")).AssertSucceeds();

        using MlvcRtc.App.Devices.FfmpegSource before = MlvcRtc.App.Devices.FfmpegSource.OpenFile(ScratchFolder.Ffmpeg, clip, null, null);
        using MlvcRtc.App.Devices.FfmpegSource after = MlvcRtc.App.Devices.FfmpegSource.OpenFile(ScratchFolder.Ffmpeg, _folder["a.mp4"], null, null);
        VideoFrame left = new();
        VideoFrame right = new();
        int compared = 0;
        while (before.Read(left, TestContext.Current.CancellationToken) && after.Read(right, TestContext.Current.CancellationToken))
        {
            // A test chart is the hardest picture there is; 20 dB tells the same picture from another one.
            Assert.True(Psnr.Compare(left, right).Weighted611 > 20, $"picture {compared}: {Psnr.Compare(left, right).Weighted611:0.0} dB");
            compared++;
        }

        Assert.Equal(6, compared);
        Assert.Equal(before.Rate, after.Rate);
    }

    [Fact]
    public async Task A_target_rate_is_met_over_a_few_seconds_of_video()
    {
        string scene = WriteScene("long.yuv", frames: 90);

        (await Program.RunAsync("encode", scene, _folder["a.mlvc"], "--size", "112x96", "--fps", "30", "--kbps", "60", "--json", _folder["a.json"])).AssertSucceeds();

        using JsonDocument report = JsonDocument.Parse(await File.ReadAllTextAsync(_folder["a.json"], TestContext.Current.CancellationToken));
        double kbps = report.RootElement.GetProperty("kbps").GetDouble();
        Assert.InRange(kbps, 60 * 0.7, 60 * 1.3);
    }

    [Fact]
    public async Task A_constant_rate_factor_gives_each_frame_the_quality_of_its_place()
    {
        string raw = WriteScene("scene.yuv", frames: 9);
        (await Program.RunAsync("encode", raw, _folder["a.mlvc"], "--size", "112x96", "--crf", "32")).AssertSucceeds();
        (await Program.RunAsync("info", _folder["a.mlvc"], "--json", _folder["a.json"])).AssertSucceeds();

        using JsonDocument report = JsonDocument.Parse(await File.ReadAllTextAsync(_folder["a.json"], TestContext.Current.CancellationToken));
        int[] qps = [.. report.RootElement.GetProperty("frames").EnumerateArray().Select(frame => frame.GetProperty("qp").GetInt32())];
        Assert.Equal([qps[1], qps[1], qps[1], qps[1]], [qps[1], qps[3], qps[5], qps[7]]);
        Assert.Equal(qps[2], qps[6]);
        Assert.True(qps[0] < qps[8] && qps[8] < qps[4] && qps[4] < qps[2] && qps[2] < qps[1], string.Join(' ', qps));
        (await Program.RunAsync("encode", raw, _folder["b.mlvc"], "--size", "112x96", "--crf", "32", "--qp", "30")).AssertFails(MlvcRtc.App.CommandLine.ExitCode.BadInput, "exclude each other");
    }

    [Fact]
    public async Task Info_prints_every_header_field_and_needs_no_model()
    {
        string raw = WriteScene("scene.yuv", frames: 9);
        (await Program.RunAsync("encode", raw, _folder["a.mlvc"], "--size", "112x96", "--qp", "31")).AssertSucceeds();

        Program run = (await Program.RunAsync("info", _folder["a.mlvc"], "--json", _folder["a.json"])).AssertSucceeds();

        Assert.Contains("model version 0.2", run.Out, StringComparison.Ordinal);
        Assert.Contains("shown 112x96", run.Out, StringComparison.Ordinal);
        Assert.Contains("SPS:", run.Out, StringComparison.Ordinal);
        using JsonDocument report = JsonDocument.Parse(await File.ReadAllTextAsync(_folder["a.json"], TestContext.Current.CancellationToken));
        JsonElement[] frames = [.. report.RootElement.GetProperty("frames").EnumerateArray()];
        Assert.Equal(9, frames.Length);
        Assert.Equal("intra", frames[0].GetProperty("type").GetString());
        Assert.Equal(31, frames[3].GetProperty("qp").GetInt32());
        Assert.Equal(3, frames[3].GetProperty("frame_index").GetInt32());
        Assert.Equal(2, frames[3].GetProperty("reference_index").GetInt32());
        Assert.Equal(new FileInfo(_folder["a.mlvc"]).Length, frames.Sum(frame => frame.GetProperty("bytes").GetInt64()));

        // The file profile marks frame 0 and the root at frame 8 (bitstream facts, trace C).
        Assert.Equal([0, 8], frames[8].GetProperty("ltr_slots").EnumerateArray().Select(slot => slot.GetInt32()));
    }

    private static (byte[] Stream, byte[] Pictures) CodeDirectly(string raw, GopOptions pattern, int qp)
    {
        ModelBundle bundle = BundleOpening.Open(wanted: null);
        using Encoder encoder = new(bundle, new OnnxEngine(), new EncoderOptions { Gop = pattern });
        using Decoder decoder = new([bundle], new OnnxEngine());
        using FileStream file = File.OpenRead(raw);
        RawClipReader reader = new(file, Width, Height, RawLayout.I420, new FrameRate(30, 1));
        using MemoryStream stream = new();
        using MemoryStream pictures = new();
        VideoFrame picture = new();
        VideoFrame shown = new();
        EncodedFrame coded = new();
        while (reader.TryRead(picture))
        {
            Assert.Equal(EncodeStatus.Ok, encoder.Encode(picture, new EncodeRequest(qp), coded));
            Assert.Equal(DecodeStatus.Ok, decoder.Decode(coded.Payload, shown));
            stream.Write(coded.Payload);
            pictures.Write(shown.Samples);
        }

        return (stream.ToArray(), pictures.ToArray());
    }

    private string WriteScene(string name, int frames = Frames)
    {
        string path = _folder[name];
        using FileStream file = File.Create(path);
        SyntheticScene scene = new(Width, Height, new FrameRate(30, 1), seed: 3, frames);
        RawClipWriter writer = new(file, RawLayout.I420);
        VideoFrame picture = new();
        while (scene.TryRead(picture))
        {
            writer.Write(picture);
        }

        return path;
    }
}
