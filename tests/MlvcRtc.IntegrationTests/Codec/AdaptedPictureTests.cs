using MlvcRtc.Codec;
using MlvcRtc.Codec.Onnx;
using MlvcRtc.Lab.Metrics;
using MlvcRtc.Media;
using MlvcRtc.Media.Pixels;

namespace MlvcRtc.IntegrationTests.Codec;

/// <summary>What adaptation asks of the trained model: frames that may be lost, and another picture size in the middle of a call.</summary>
public sealed class AdaptedPictureTests(Bundles bundles, ITestOutputHelper output) : IClassFixture<Bundles>
{
    private readonly VideoFrame _captured = new(360, 288);
    private readonly VideoFrame _scaled = new();
    private readonly VideoFrame _shown = new();
    private readonly EncodedFrame _coded = new();

    [Fact]
    public void The_picture_goes_on_past_lost_discardable_frames_and_through_new_sizes()
    {
        using Encoder encoder = new(bundles.Xs, new OnnxEngine());
        using Decoder decoder = new([bundles.Xs], new OnnxEngine());
        PictureScaler scaler = new();
        int time = 0;
        foreach ((int width, int height) in new[] { (360, 288), (240, 192), (360, 288) })
        {
            for (int i = 0; i < 8; i++, time++)
            {
                Draw(time);
                scaler.Scale(_captured, width, height, _scaled);
                Assert.Equal(EncodeStatus.Ok, encoder.Encode(_scaled, new EncodeRequest(Qp: 28, Discardable: i % 2 == 1), _coded));
                Assert.Equal((i == 0 ? FrameType.Intra : FrameType.Inter, i % 2 == 1), (_coded.Type, _coded.Discardable));
                if (_coded.Discardable)
                {
                    continue;  // lost
                }

                Assert.Equal(DecodeStatus.Ok, decoder.Decode(_coded.Payload, _shown));
                Assert.Equal((width, height), (_shown.Width, _shown.Height));
                Assert.True(encoder.LastState.SequenceEqual(decoder.LastState));
                double psnrDb = Psnr.Compare(_shown, _scaled).Weighted611;
                output.WriteLine($"{width}x{height} {_coded.Type} {_coded.Payload.Length} bytes, {psnrDb:0.0} dB");
                Assert.True(psnrDb > 25, $"{psnrDb:0.0} dB");
            }
        }
    }

    /// <summary>Soft shapes that move by two samples a picture.</summary>
    private void Draw(int time)
    {
        for (int k = 0; k < _captured.Y.Length; k++)
        {
            int x = (k % 360) + (2 * time);
            _captured.Y[k] = (byte)(128 + (60 * Math.Sin(x / 25.0)) + (50 * Math.Cos(k / 360 / 30.0)));
        }

        _captured.U.Fill(120);
        _captured.V.Fill(136);
    }
}
