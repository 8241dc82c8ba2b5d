using BenchmarkDotNet.Attributes;
using MlvcRtc.Codec.Inference;
using MlvcRtc.Codec.Motion;
using MlvcRtc.Codec.Pixels;
using MlvcRtc.Media;

namespace MlvcRtc.Benchmarks;

/// <summary>Finding vectors and moving blocks, in a picture whose left half moved by 1.25 and 0.5 samples and whose right half stood still, both with a little noise.</summary>
[BenchmarkCategory("motion")]
public class MotionKernels
{
    private const int QIndex = 32;

    private VideoFrame _previous = new(2, 2);
    private VideoFrame _picture = new(2, 2);
    private MotionSearch _search = null!;
    private MotionCompensation _compensation = null!;
    private MotionField _field = null!;
    private NativeTensor _state = null!;
    private StatePicture _statePicture = null!;

    /// <summary>Luma columns and rows of a model's size.</summary>
    [Params("320x192", "640x368")]
    public string Size { get; set; } = "";

    [GlobalSetup]
    public void Prepare()
    {
        string[] sides = Size.Split('x');
        (int width, int height) = (int.Parse(sides[0], null), int.Parse(sides[1], null));
        _previous = Draw(width, height, 0, 0, new Random(1));
        _picture = Draw(width, height, 1.25, 0.5, new Random(2));
        _search = new MotionSearch(width, height);
        _compensation = new MotionCompensation(width, height);
        _field = new MotionField(width, height);
        _state = new NativeTensor(ElementType.Float32, 1, 192, height / 8, width / 8);
        _statePicture = new StatePicture(new TensorSpec("state", ElementType.Float32, [1, 192, height / 8, width / 8]));
        Search();
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _state.Dispose();
        _statePicture.Dispose();
    }

    /// <summary>With the filtering of the whole picture at half samples.</summary>
    [Benchmark]
    public void Search()
    {
        _compensation.Start(_previous);
        _search.Find(_picture, _compensation, QIndex, steady: true, _field);
    }

    [Benchmark]
    public void Start() => _compensation.Start(_previous);

    /// <summary>With the filtering, as a decoder does it.</summary>
    [Benchmark]
    public void Move()
    {
        _compensation.Start(_previous);
        _compensation.Move(_field, _picture);
    }

    [Benchmark]
    public void Read_state() => _statePicture.Read(_state, _picture);

    [Benchmark]
    public void Write_state() => _statePicture.Write(_previous, _state);

    private static VideoFrame Draw(int width, int height, double right, double down, Random noise)
    {
        VideoFrame picture = new(width, height);
        picture.Samples.Fill(128);
        for (int k = 0; k < picture.Y.Length; k++)
        {
            bool moves = k % width < width / 2;
            double x = (k % width) - (moves ? right : 0);
            double y = (k / width) - (moves ? down : 0);
            double level = 128 + (40 * Math.Sin((x / 7) + (y / 11))) + (30 * Math.Sin((x * y) / 900)) + (10 * Math.Sin(x * 0.9) * Math.Sin(y * 0.8));
            picture.Y[k] = (byte)Math.Clamp(level + noise.Next(-2, 3), 0, 255);
        }

        return picture;
    }
}
