using BenchmarkDotNet.Attributes;
using MlvcRtc.Codec.Inference;
using MlvcRtc.Codec.Pixels;
using MlvcRtc.Media;
using MlvcRtc.Media.Pixels;

namespace MlvcRtc.Benchmarks;

/// <summary>Picture to tensor and back, with vectors and plainly, and scaling.</summary>
[BenchmarkCategory("pixels")]
public class PixelKernels
{
    private readonly PackedI420 _vectors = new();
    private readonly PackedI420Plain _plain = new();
    private readonly PictureScaler _scaler = new();
    private readonly VideoFrame _scaled = new();
    private VideoFrame _picture = new(2, 2);
    private NativeTensor _tensor = null!;

    /// <summary>Luma columns and rows of a model's size.</summary>
    [Params("320x192", "640x368")]
    public string Size { get; set; } = "";

    [GlobalSetup]
    public void Prepare()
    {
        string[] sides = Size.Split('x');
        _picture = new VideoFrame(int.Parse(sides[0], null), int.Parse(sides[1], null));
        new Random(1).NextBytes(_picture.Samples);
        _tensor = new NativeTensor(ElementType.UInt8, [1, PackedI420.Channels, _picture.Height / 8, _picture.Width / 8]);
    }

    [GlobalCleanup]
    public void CleanUp() => _tensor.Dispose();

    [Benchmark]
    public void Pack_with_vectors() => _vectors.Write(_picture, _tensor);

    [Benchmark]
    public void Pack_plainly() => _plain.Write(_picture, _tensor);

    [Benchmark]
    public void Unpack_with_vectors() => _vectors.Read(_tensor, _scaled);

    [Benchmark]
    public void Unpack_plainly() => _plain.Read(_tensor, _scaled);

    [Benchmark]
    public void Scale_to_two_thirds() => _scaler.Scale(_picture, _picture.Width * 2 / 3 & ~1, _picture.Height * 2 / 3 & ~1, _scaled);
}
