using System.Globalization;
using MlvcRtc.Codec;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Onnx;
using MlvcRtc.Media;

namespace MlvcRtc.IntegrationTests.Codec;

/// <summary>The trained model on 300 frames of real video.</summary>
public sealed class CodecOnRealVideoTests(CodedClip clip, ITestOutputHelper output) : IClassFixture<CodedClip>
{
    [Fact]
    public void Encoder_and_decoder_hold_the_same_state_after_every_one_of_300_frames()
    {
        output.WriteLine($"{clip.EqualStates} byte-equal, {clip.EqualStatesButZeroSign} but for the sign of zero; {clip.StateBytes} bytes per state");

        Assert.Equal(CodedClip.FrameCount, clip.EqualStatesButZeroSign);
    }

    [Fact]
    public void The_pictures_look_like_the_clip()
    {
        double mean = Enumerable.Range(0, CodedClip.FrameCount).Average(frame => CodedClip.Psnr(clip.Originals[frame], clip.Shown[frame]));
        double kbps = clip.AccessUnits.Sum(unit => unit.Length) * 8 / 1000.0 / CodedClip.FrameCount * 24;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"luma PSNR {mean:F2} dB at {kbps:F0} kbit/s"));

        // The seed model's figures at this QP lie between 34 and 39 dB on three clips (the weights' README); 30 says "a recognisable picture".
        Assert.InRange(mean, 30, 60);
    }

    [Theory]
    [InlineData("graph optimisation off")]
    [InlineData("two threads")]
    [InlineData("weights rounded to float16")]
    public void A_machine_with_other_numerics_decodes_every_frame_and_drifts_little(string numerics)
    {
        ModelBundle bundle = numerics.StartsWith("weights", StringComparison.Ordinal) ? RoundedWeights.Of(clip.Bundles) : clip.Bundles.Xs;
        OnnxEngine engine = new(numerics switch
        {
            "graph optimisation off" => new OnnxEngineOptions { Optimization = GraphOptimization.None },
            "two threads" => new OnnxEngineOptions { IntraOpThreads = 2 },
            _ => new OnnxEngineOptions(),
        });
        using Decoder decoder = new([bundle], engine);
        VideoFrame shown = new();
        double drift = 0;
        double worstDrift = 0;
        for (int frame = 0; frame < CodedClip.FrameCount; frame++)
        {
            // Ok says: every symbol was read, and the entropy coder ended in the one state that a valid stream ends in.
            Assert.Equal(DecodeStatus.Ok, decoder.Decode(clip.AccessUnits[frame], shown));
            drift = CodedClip.Psnr(clip.Originals[frame], clip.Shown[frame]) - CodedClip.Psnr(clip.Originals[frame], shown);
            worstDrift = Math.Max(worstDrift, drift);
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{numerics}: PSNR drift {drift:F3} dB after {CodedClip.FrameCount} frames, {worstDrift:F3} dB at worst; against the encoder's own picture {CodedClip.Psnr(clip.Shown[^1], shown):F1} dB"));
        Assert.InRange(worstDrift, -1, 1);
    }

    [Fact]
    public void Coding_allocates_nothing_per_frame()
    {
        using Encoder encoder = new(clip.Bundles.Xs, new OnnxEngine());
        using Decoder decoder = new([clip.Bundles.Xs], new OnnxEngine());
        EncodedFrame coded = new();
        VideoFrame shown = new();
        long encoding = 0;
        long decoding = 0;
        for (int frame = 0; frame < 24; frame++)
        {
            long begun = GC.GetAllocatedBytesForCurrentThread();
            encoder.Encode(clip.Originals[frame], new EncodeRequest(CodedClip.Qp), coded);
            long encoded = GC.GetAllocatedBytesForCurrentThread();
            decoder.Decode(coded.Payload, shown);

            // The first frames make the buffers, the bindings of the slots in turn, and the methods' machine code.
            encoding += frame < 12 ? 0 : encoded - begun;
            decoding += frame < 12 ? 0 : GC.GetAllocatedBytesForCurrentThread() - encoded;
        }

        Assert.Equal((0, 0), (encoding, decoding));
    }

    [Fact]
    public void A_portrait_picture_comes_back_upright()
    {
        VideoFrame portrait = new();
        MlvcRtc.Media.Pixels.Transposition.Transpose(clip.Originals[0], portrait);
        using Encoder encoder = new(clip.Bundles.Xs, new OnnxEngine());
        using Decoder decoder = new([clip.Bundles.Xs], new OnnxEngine());
        EncodedFrame coded = new();
        VideoFrame shown = new();

        Assert.Equal(EncodeStatus.Ok, encoder.Encode(portrait, new EncodeRequest(24), coded));
        Assert.Equal(DecodeStatus.Ok, decoder.Decode(coded.Payload, shown));

        Assert.Equal((288, 360), (shown.Width, shown.Height));
        Assert.InRange(CodedClip.Psnr(portrait, shown), 30, 60);
    }
}
