using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Entropy;
using MlvcRtc.Codec.Inference;
using MlvcRtc.Codec.Motion;

namespace MlvcRtc.UnitTests.Codec;

/// <summary>
/// A model whose arithmetic can be followed by hand. Its state has two channels at 1/8: the picture's luma at every 16x16 block's top left, and a counter of
/// predictions. Encoder: y0 = luma − state's luma. Decoder: luma = state's luma + y0; U shows the counter. So a picture of flat 16x16 blocks comes
/// back exactly from the right reference, and visibly wrong from any other.
/// </summary>
internal static class FakeModel
{
    public static readonly ModelVersion Version = new(0, 240);

    /// <summary>Another model with another name in its graphs' place, which moves the previous picture: see <see cref="FakeMovingBinding"/>.</summary>
    public static readonly ModelVersion MovingVersion = new(0, 241);

    private static readonly int[] Shifts = [0, 8, 4];
    private static readonly int[] ShiftMap = [0, 1, 0, 2, 0, 2, 0, 2];

    /// <param name="sizes">Multiples of 16.</param>
    public static ModelBundle Bundle(params (int Width, int Height)[] sizes) => Bundle(Version, sizes);

    public static ModelBundle Bundle(ModelVersion version, params (int Width, int Height)[] sizes) =>
        ModelBundle.Of(version, "fake", 0xFA4E_0001, [.. sizes.Select(size => Variant(size.Width, size.Height)).OrderBy(variant => variant.Key, StringComparer.Ordinal)]);

    /// <param name="sizes">Multiples of 16.</param>
    public static ModelBundle Moving(params (int Width, int Height)[] sizes) => ModelBundle.Of(
        MovingVersion, "fake, moving", 0xFA4E_0002, [.. sizes.Select(size => MovingVariant(size.Width, size.Height)).OrderBy(variant => variant.Key, StringComparer.Ordinal)]);

    private static ModelVariant MovingVariant(int width, int height)
    {
        ModelVariant variant = Variant(width, height);
        return variant with
        {
            EncoderGraphPath = variant.EncoderGraphPath + " moving",
            DecoderGraphPath = variant.DecoderGraphPath + " moving",
            Metadata = variant.Metadata with { FeatureChannels = FakeMovingBinding.StateChannels, MotionCompensation = MotionCompensationKind.Overlapped16 },
            ContextLogits = Logits(),
        };
    }

    /// <summary>As many as the variants' tables ask for, none so large that an answer is certain.</summary>
    private static ContextLogits Logits()
    {
        (long symbols, long hyper, long flags, long vectors) = ContextLogits.CountsOf(2, 2, 128, 8);
        return new ContextLogits(Some(symbols), KeyPrediction.None, Some(hyper), Some(flags), Some(vectors));

        static TrainedLogits Some(long count) => TrainedLogits.Of([.. Enumerable.Range(0, (int)count).Select(n => (n * 7919 % 601) - 300)]);
    }

    /// <param name="width">Multiple of 16.</param>
    /// <param name="height">Multiple of 16.</param>
    /// <param name="parityPath">A file with a known answer.</param>
    public static ModelVariant Variant(int width, int height, string? parityPath = null)
    {
        ModelMetadata metadata = new()
        {
            ModelWidth = width,
            ModelHeight = height,
            PixelRange = 1,
            QpNum = 64,
            TotalQpNum = 72,
            FrameIndexMap = ShiftMap,
            QpShift = Shifts,
            FeatureChannels = 2,
            LatentChannels = 2,
            HyperpriorChannels = 2,
            DownsampleFeature = 8,
            DownsampleLatent = 16,
            DownsampleHyperprior = 4,
            YScaleRepeat = 1,
        };
        return new ModelVariant
        {
            EncoderGraphPath = $"encoder {width} {height}",
            DecoderGraphPath = $"decoder {width} {height}",
            ParityPath = parityPath,
            InterfaceType = InterfaceType.PackedI420,
            Metadata = metadata,
            LatentShape = LatentShape.Of(width, height, 2, 2, 16, 4, 1),
            QpScale = new QpScale(64, 72, null, ShiftMap, Shifts),
            Gaussian = Tables(128),
            ContextLogits = null,
            BitEstimator = Tables(128),
        };
    }

    /// <summary>Tables of -1, 0, 1 and the escape. No power of two among them: with such, rANS would be plain bit packing and damage would not spread.</summary>
    private static FrequencyTables Tables(int count) => FrequencyTables.Build(
        [.. Enumerable.Repeat(4, count)],
        [.. Enumerable.Repeat(1, count)],
        [.. Enumerable.Repeat<int[]>([10001, 30011, 10007, 15517], count).SelectMany(row => row)]);
}

/// <summary>Runs <see cref="FakeModel"/>'s graphs, counts, and fails on request.</summary>
internal sealed class FakeEngine : INeuralEngine
{
    public int Loads { get; private set; }

    /// <summary>Sessions loaded and not disposed.</summary>
    public int Open { get; set; }

    /// <summary>The next run throws, once.</summary>
    public bool FailNextRun { get; set; }

    /// <summary>q_index_shifted of the last run.</summary>
    public int LastShiftedIndex { get; set; }

    public INeuralSession Load(string graphPath)
    {
        string[] words = graphPath.Split(' ');
        Loads++;
        Open++;
        return new FakeSession(this, words[0] == "encoder", int.Parse(words[1]), int.Parse(words[2]), moving: words[^1] == "moving");
    }
}

internal sealed class FakeSession : INeuralSession
{
    private readonly FakeEngine _engine;
    private readonly bool _encodes;
    private readonly bool _moving;

    public FakeSession(FakeEngine engine, bool encodes, int width, int height, bool moving)
    {
        _moving = moving;
        int channels = moving ? FakeMovingBinding.StateChannels : 2;
        _engine = engine;
        _encodes = encodes;
        LatentShape latents = LatentShape.Of(width, height, 2, 2, 16, 4, 1);
        int[] half = [1, 1, latents.YHeight, latents.YWidth];
        TensorSpec[] symbols =
        [
            new("z_raw", ElementType.Float32, [1, 2, latents.ZHeight, latents.ZWidth]),
            new("y_raw_0", ElementType.Float32, half),
            new("y_raw_1", ElementType.Float32, half),
        ];
        TensorSpec[] state = [new("ref_feature", ElementType.Float32, [1, channels, height / 8, width / 8]), new("q_index_shifted", ElementType.Int32, [1])];
        TensorSpec picture = new(encodes ? "x" : "x_hat", ElementType.UInt8, [1, 96, height / 8, width / 8]);
        TensorSpec feature = new("feature", ElementType.Float32, [1, channels, height / 8, width / 8]);
        TensorSpec[] cells = moving ? [new("cells", ElementType.UInt8, [1, 1, latents.YHeight, latents.YWidth])] : [];
        Inputs = encodes ? [picture, .. state, .. cells] : [.. symbols, .. state];
        Outputs = encodes ? [feature, .. symbols] : [picture, feature];
    }

    public IReadOnlyList<TensorSpec> Inputs { get; }

    public IReadOnlyList<TensorSpec> Outputs { get; }

    public INeuralBinding Bind(IReadOnlyList<(string Name, NativeTensor Tensor)> inputs, IReadOnlyList<(string Name, NativeTensor Tensor)> outputs) =>
        _moving
            ? new FakeMovingBinding(_encodes, inputs.Concat(outputs).ToDictionary(pair => pair.Name, pair => pair.Tensor))
            : new FakeBinding(_engine, _encodes, inputs.Concat(outputs).ToDictionary(pair => pair.Name, pair => pair.Tensor));

    public void Dispose() => _engine.Open--;
}

internal sealed class FakeBinding(FakeEngine engine, bool encodes, Dictionary<string, NativeTensor> tensors) : INeuralBinding
{
    private readonly NativeTensor _picture = tensors[encodes ? "x" : "x_hat"];
    private readonly NativeTensor _reference = tensors["ref_feature"];
    private readonly NativeTensor _state = tensors["feature"];
    private readonly NativeTensor _q = tensors["q_index_shifted"];
    private readonly NativeTensor _z = tensors["z_raw"];
    private readonly NativeTensor _y0 = tensors["y_raw_0"];
    private readonly NativeTensor _y1 = tensors["y_raw_1"];

    public void Run()
    {
        engine.LastShiftedIndex = _q.As<int>()[0];
        if (engine.FailNextRun)
        {
            engine.FailNextRun = false;
            throw new InvalidOperationException("The device was lost.");
        }

        int h = _state.Shape[2];
        int w = _state.Shape[3];
        int plane = h * w;
        ReadOnlySpan<float> before = _reference.As<float>();
        Span<float> after = _state.As<float>();
        Span<float> y0 = _y0.As<float>();
        if (encodes)
        {
            _z.As<float>().Fill(1);
            _y1.As<float>().Clear();
        }

        for (int k = 0; k < plane; k++)
        {
            int block = k / w / 2 * _y0.Shape[3] + k % w / 2;
            int corner = k / w / 2 * 2 * w + k % w / 2 * 2;
            if (encodes)
            {
                y0[block] = _picture.Bytes[corner] - before[corner];
            }

            after[k] = before[corner] + y0[block];
            after[plane + k] = before[plane + k] + 1;
        }

        if (!encodes)
        {
            for (int element = 0; element < _picture.ElementCount; element++)
            {
                int channel = element / plane;
                _picture.Bytes[element] = channel < 64 ? (byte)after[element % plane] : channel < 80 ? (byte)after[plane] : (byte)_q.As<int>()[0];
            }
        }
    }

    public void Dispose()
    {
    }
}
