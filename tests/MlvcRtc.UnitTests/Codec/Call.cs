using MlvcRtc.Codec;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.References;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Codec;

/// <summary>An encoder and a decoder of the fake model, and pictures of flat 16x16 blocks that it codes without loss.</summary>
internal sealed class Call : IDisposable
{
    public const int Qp = 30;

    public Call(int temporalLayers = 1, ModelBundle? bundle = null, GopOptions? gop = null)
    {
        Bundle = bundle ?? FakeModel.Bundle((64, 64), (128, 80), (256, 144));
        Encoder = new Encoder(Bundle, EncoderEngine, new EncoderOptions { Gop = gop ?? GopOptions.ForCall(temporalLayers) });
        Decoder = new Decoder([Bundle], DecoderEngine);
    }

    public ModelBundle Bundle { get; }

    public FakeEngine EncoderEngine { get; } = new();

    public FakeEngine DecoderEngine { get; } = new();

    public Encoder Encoder { get; }

    public Decoder Decoder { get; private set; }

    public VideoFrame Shown { get; } = new();

    /// <summary>A picture whose every 16x16 block is flat, different for every <paramref name="time"/>.</summary>
    public static VideoFrame Blocks(int width, int height, int time)
    {
        VideoFrame picture = new(width, height) { CaptureTime = TimeSpan.FromMilliseconds(33 * time) };
        for (int k = 0; k < picture.Y.Length; k++)
        {
            picture.Y[k] = (byte)(17 * (k / width / 16) + 29 * (k % width / 16) + 7 * time);
        }

        picture.U.Fill(128);
        picture.V.Fill(128);
        return picture;
    }

    public EncodedFrame Encode(VideoFrame picture, EncodeRequest? request = null)
    {
        EncodedFrame coded = new();
        Assert.Equal(EncodeStatus.Ok, Encoder.Encode(picture, request ?? new EncodeRequest(Qp), coded));
        return coded;
    }

    public EncodedFrame Encode(int time, EncodeRequest? request = null) => Encode(Blocks(128, 80, time), request);

    public DecodeStatus Decode(EncodedFrame coded) => Decoder.Decode(coded, Shown);

    /// <summary>Decodes, and asserts that the viewer sees picture <paramref name="time"/>.</summary>
    public void Show(EncodedFrame coded, int time)
    {
        Assert.Equal(DecodeStatus.Ok, Decode(coded));
        Assert.True(Blocks(Shown.Width, Shown.Height, time).Y.SequenceEqual(Shown.Y), $"Picture {time} came out wrong.");
    }

    /// <summary>A decoder that has seen nothing.</summary>
    public void RestartDecoder()
    {
        Decoder.Dispose();
        Decoder = new Decoder([Bundle], DecoderEngine);
    }

    public void Dispose()
    {
        Encoder.Dispose();
        Decoder.Dispose();
    }
}
