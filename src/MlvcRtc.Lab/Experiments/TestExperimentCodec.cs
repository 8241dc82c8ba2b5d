using MlvcRtc.Lab.Clips;
using MlvcRtc.Lab.TestCodec;
using MlvcRtc.Media;

namespace MlvcRtc.Lab.Experiments;

/// <summary>
/// The fast codec of the wide matrix, on a synthetic call partner at 30 frames/s. The pictures are small and stand for 640x360; quality is the PSNR of their mosaics.
/// </summary>
public sealed class TestExperimentCodec : IExperimentCodec
{
    private const int Width = 160, Height = 90, AreaScale = 16;
    private const int SceneSeed = 1;

    private static readonly FrameRate Rate = new(30, 1);

    private readonly List<VideoFrame> _pictures = [];

    /// <param name="encodeTime">Taken for every frame.</param>
    /// <param name="decodeTime">Taken for every frame.</param>
    /// <param name="pictures">Length of the scene before it is played backward, and so on.</param>
    public TestExperimentCodec(TimeSpan encodeTime, TimeSpan decodeTime, int pictures = 300)
    {
        (EncodeTime, DecodeTime) = (encodeTime, decodeTime);
        SyntheticScene scene = new(Width, Height, Rate, SceneSeed, pictures);
        VideoFrame picture = new();
        while (scene.TryRead(picture))
        {
            _pictures.Add(picture);
            picture = new();
        }
    }

    public string Name => "test";

    public TimeSpan EncodeTime { get; }

    public TimeSpan DecodeTime { get; }

    public IClipReader OpenSource() => new PendulumClip(_pictures, Rate);

    public ExperimentCoders Open(double kbps, FrameRate rate) =>
        new(new TestEncoder(areaScale: AreaScale), new TestDecoder(), new TestBudget(rate.Interval, Width, Height, AreaScale));

    public double Quality(VideoFrame displayed, VideoFrame source) => Mosaic.Compare(displayed, source);
}
