using System.Diagnostics.CodeAnalysis;
using MlvcRtc.Codec.Bitstream;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Entropy;
using MlvcRtc.Codec.Inference;
using MlvcRtc.Codec.Motion;
using MlvcRtc.Media;

namespace MlvcRtc.Codec;

/// <summary>Finds the model that a stream names: by version among the bundles, by size within the bundle. Keeps the integer side of each size used.</summary>
internal sealed class StreamModels
{
    private readonly Dictionary<ModelVersion, ModelBundle> _bundles = [];
    private readonly Dictionary<ModelVariant, StreamModel> _used = new(ReferenceEqualityComparer.Instance);

    /// <exception cref="ArgumentException">Two bundles have one version.</exception>
    public StreamModels(IEnumerable<ModelBundle> bundles)
    {
        foreach (ModelBundle bundle in bundles)
        {
            if (!_bundles.TryAdd(bundle.Version, bundle))
            {
                throw new ArgumentException($"Two bundles have the version {bundle.Version}; a stream could mean either.", nameof(bundles));
            }
        }
    }

    /// <summary>
    /// How the model and size that the transport named with an I-frame contradict those that its parameter sets name; null when they do not. A tag that no
    /// installed model has is no contradiction: <see cref="TryFind"/> says what is missing.
    /// </summary>
    public string? FindDisagreement(EncodedFrame delivered, in SequenceParameterSet sps)
    {
        if (delivered.Type != FrameType.Intra)
        {
            return null;
        }

        if (delivered.CodedWidth != sps.ModelWidth || delivered.CodedHeight != sps.ModelHeight)
        {
            return $"was delivered as {delivered.CodedWidth}x{delivered.CodedHeight}, but is {sps.ModelWidth}x{sps.ModelHeight}";
        }

        ModelVersion version = new(sps.Major, sps.Minor);
        foreach (ModelBundle bundle in _bundles.Values)
        {
            if (bundle.ModelTag == delivered.ModelTag)
            {
                return bundle.Version == version ? null : $"was delivered as of model v{bundle.Version}, but is of v{version}";
            }
        }

        return null;
    }

    /// <param name="sps">Names version and size.</param>
    /// <param name="delivered">An I-frame names the model's contract, too; null: nothing was said.</param>
    /// <param name="model">Not null when true is returned.</param>
    /// <param name="problem">Cause and remedy when false is returned.</param>
    public bool TryFind(in SequenceParameterSet sps, EncodedFrame? delivered, [NotNullWhen(true)] out StreamModel? model, out string problem)
    {
        model = null;
        problem = string.Empty;
        ModelVersion version = new(sps.Major, sps.Minor);
        if (!_bundles.TryGetValue(version, out ModelBundle? bundle))
        {
            problem = $"The stream needs model v{version}, which is not installed ({Installed()}). Import its bundle: mlvcrtc models import FILE.";
            return false;
        }

        if (delivered is { Type: FrameType.Intra } && delivered.ModelTag != bundle.ModelTag)
        {
            problem = $"The stream's model v{version} has the tag {delivered.ModelTag:x8}, the installed one {bundle.ModelTag:x8}: they are of different tables or shapes. "
                + "Import the sender's bundle of this model: mlvcrtc models import FILE.";
            return false;
        }

        for (int k = 0; k < bundle.Models.Count; k++)
        {
            ModelVariant variant = bundle.Models[k];
            if (variant.Width == sps.ModelWidth && variant.Height == sps.ModelHeight)
            {
                if (!_used.TryGetValue(variant, out model))
                {
                    _used.Add(variant, model = new StreamModel(variant));
                }

                return true;
            }
        }

        problem = $"The stream needs size {sps.ModelWidth}x{sps.ModelHeight} of model v{version}; the installed bundle has {string.Join(", ", bundle.Models.Select(variant => variant.Key))}. "
            + "Import the sender's bundle of this model: mlvcrtc models import FILE.";
        return false;
    }

    private string Installed() =>
        _bundles.Count == 0 ? "no model is installed" : "installed: " + string.Join(", ", _bundles.Keys.Select(version => $"v{version}"));
}

/// <summary>One size of a model with what decodes its symbols: no graph is loaded for it.</summary>
internal sealed class StreamModel(ModelVariant variant)
{
    private readonly LatentCoder _latents = new(variant.LatentShape, variant.Gaussian, variant.BitEstimator, variant.ContextLogits);
    private readonly int[] _z = new int[variant.LatentShape.ZCount];
    private readonly int[] _y0 = new int[variant.LatentShape.HalfCount];
    private readonly int[] _y1 = new int[variant.LatentShape.HalfCount];

    public ModelVariant Variant => variant;

    /// <summary>The vectors of the last frame that had any; null for a model that moves nothing.</summary>
    public MotionField? Motion { get; } = variant.Metadata.MotionCompensation == MotionCompensationKind.None ? null : new MotionField(variant.Width, variant.Height);

    /// <summary>All symbols of a frame, end of stream checked.</summary>
    /// <param name="data">encoded_data.</param>
    /// <param name="qIndex">Quality index before the hierarchical shift.</param>
    /// <param name="predicted">From a frame, not from the all-zero state.</param>
    public EntropyStatus Decode(ReadOnlySpan<byte> data, int qIndex, bool predicted) => _latents.Decode(data, qIndex, !predicted, _z, _y0, _y1, predicted ? Motion : null);

    /// <summary>Hands the symbols to a network. False when one is beyond 16 bits.</summary>
    public bool TryWriteSymbols(SymbolTensors symbols)
    {
        _z.CopyTo(symbols.Z);
        _y0.CopyTo(symbols.Y0);
        _y1.CopyTo(symbols.Y1);
        return symbols.TryWriteTensors();
    }
}
