using MlvcRtc.Codec.Bitstream;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Entropy;
using MlvcRtc.Codec.Inference;
using MlvcRtc.Codec.Pixels;
using MlvcRtc.Codec.References;
using MlvcRtc.Media.Pixels;

namespace MlvcRtc.Codec;

/// <summary>Everything of the encoder that belongs to one picture size: model, network with its states, entropy coder and parameter set.</summary>
internal sealed class SizeSetup : IDisposable
{
    private readonly ModelVersion _version;
    private readonly int _width;
    private readonly int _height;
    private readonly ModelChoice _choice;

    /// <exception cref="InvalidDataException">The model's graph cannot be loaded.</exception>
    public SizeSetup(ModelBundle bundle, int width, int height, PaddingKind padding, INeuralEngine engine)
    {
        _version = bundle.Version;
        _width = width;
        _height = height;
        _choice = ModelSelection.Choose(bundle.Models, width, height);
        ModelVariant model = _choice.Model;
        Preparation = new PicturePreparation(_choice, padding);
        Latents = new LatentCoder(model.LatentShape, model.Gaussian, model.BitEstimator, model.ContextLogits);
        Network = RecurrentNetwork.LoadEncoder(model, engine);
        try
        {
            Motion = MotionEstimation.Of(model, Network.States);
            Replenishment = Motion is null ? null : ConditionalReplenishment.Of(Network);
        }
        catch
        {
            Network.Dispose();
            throw;
        }
    }

    public PicturePreparation Preparation { get; }

    public LatentCoder Latents { get; }

    public RecurrentNetwork Network { get; }

    /// <summary>Null for a model that moves nothing.</summary>
    public MotionEstimation? Motion { get; }

    /// <summary>Null where all cells are coded that the network wants coded.</summary>
    public ConditionalReplenishment? Replenishment { get; }

    /// <summary>Where the newest frame's state is; <see cref="StateStore.ZeroSlot"/> before the first.</summary>
    public int LastSlot { get; set; }

    public ReadOnlySpan<byte> LastState => LastSlot == StateStore.ZeroSlot ? default : Network.States.TensorOf(LastSlot).Bytes;

    public bool Fits(int width, int height) => width == _width && height == _height;

    /// <summary>The sequence parameters of this size. The picture lies at the top left of the model's area (libmlvc).</summary>
    public SequenceParameterSet ParameterSet(int frameIndexBits)
    {
        int codedWidth = _choice.Transposed ? _choice.PictureHeight : _choice.PictureWidth;
        int codedHeight = _choice.Transposed ? _choice.PictureWidth : _choice.PictureHeight;
        return new SequenceParameterSet(
            (byte)_version.Major,
            (byte)_version.Minor,
            Id: 0,
            _choice.Model.Width,
            _choice.Model.Height,
            _choice.Transposed,
            CropLeft: 0,
            CropRight: _choice.Model.Width - codedWidth,
            CropTop: 0,
            CropBottom: _choice.Model.Height - codedHeight,
            GopOptions.MaxTemporalLayers,
            frameIndexBits);
    }

    public void Dispose()
    {
        Motion?.Dispose();
        Network.Dispose();
    }
}
