using System.Diagnostics;
using MlvcRtc.Codec.Bitstream;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Entropy;
using MlvcRtc.Codec.Inference;
using MlvcRtc.Codec.References;
using MlvcRtc.Media;

namespace MlvcRtc.Codec;

/// <summary>
/// Access units to pictures, for every model it was given. The steps:
/// <code>
/// 1 read headers        AccessUnitParser, DeliveryCheck  5 move reference     Inference/MovedReference
/// 2 choose model        StreamModels                     6 run network        Inference/RecurrentNetwork
/// 3 find reference      References/StateStore            7 tensor to picture  Pixels/PictureDelivery
/// 4 entropy decode      Entropy/LatentCoder              8 commit state       References/StateStore
/// </code>
/// Steps 1 to 4 are integer arithmetic on hostile bytes: they answer with a status, and nothing large is loaded or run before all of them have passed, the
/// entropy coder's end check included. One thread at a time.
/// </summary>
public sealed class Decoder : IVideoDecoder
{
    private readonly StreamModels _models;
    private readonly INeuralEngine _engine;
    private readonly AccessUnitParser _parser = new();
    private readonly DeliveryCheck _said = new();
    private readonly Pixels.PictureDelivery _delivery = new();
    private RecurrentNetwork? _network;
    private MovedReference? _moved;
    private SequenceParameterSet _streamSps;
    private bool _inStream;
    private int _lastSlot;

    /// <param name="bundles">The models that streams may use; a stream names its own by version.</param>
    /// <param name="engine">Runs the graphs; a session is loaded for the size in use.</param>
    /// <exception cref="ArgumentException">Two bundles have one version.</exception>
    public Decoder(IEnumerable<ModelBundle> bundles, INeuralEngine engine)
    {
        ArgumentNullException.ThrowIfNull(bundles);
        ArgumentNullException.ThrowIfNull(engine);
        _models = new StreamModels(bundles);
        _engine = engine;
    }

    /// <summary>Why the last call did not answer Ok, and what helps; null when it did.</summary>
    public string? LastError { get; private set; }

    /// <summary>The last frame that was decoded; the default value before the first.</summary>
    public FrameInfo LastFrame { get; private set; }

    /// <summary>Where the time of the last decoded frame went.</summary>
    public StageTimes LastTimes { get; private set; }

    /// <summary>The network's state after the last decoded frame; empty before the first. The encoder of that frame held the same bytes.</summary>
    public ReadOnlySpan<byte> LastState => _network is { } network && _lastSlot != StateStore.ZeroSlot ? network.States.TensorOf(_lastSlot).Bytes : default;

    /// <summary>Bytes of one reference state at the size in use; 0 before the first frame.</summary>
    public int StateBytes => _network?.States.BytesPerSlot ?? 0;

    public DecodeStatus Decode(EncodedFrame frame, VideoFrame picture)
    {
        ArgumentNullException.ThrowIfNull(frame);
        return Decode(frame.Payload, frame, picture);
    }

    /// <summary>As <see cref="Decode(EncodedFrame, VideoFrame)"/> for bytes of which nothing was said, as in a file.</summary>
    public DecodeStatus Decode(ReadOnlySpan<byte> accessUnit, VideoFrame picture) => Decode(accessUnit, null, picture);

    public void Dispose() => DropNetwork();

    private DecodeStatus Decode(ReadOnlySpan<byte> accessUnit, EncodedFrame? delivered, VideoFrame picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        LastError = null;

        // 1 read headers
        long begun = Stopwatch.GetTimestamp();
        BitstreamStatus parsed = _parser.Parse(accessUnit, out ParsedFrame frame);
        switch (parsed)
        {
            case BitstreamStatus.Ok:
                return Decode(frame, delivered, begun, picture);
            case BitstreamStatus.PartialAccessUnit:
                return Fail(DecodeStatus.NoPicture, "The access unit holds no frame, only parameter sets or nothing.");
            case BitstreamStatus.MissingSps or BitstreamStatus.MissingPps:
                return Fail(DecodeStatus.NeedsKeyFrame, "The frame's parameter sets have not arrived. Ask the sender for a key frame.");
            default:
                return Fail(DecodeStatus.Corrupt, "The access unit violates the syntax; its bytes were damaged or cut off.");
        }
    }

    private DecodeStatus Decode(in ParsedFrame frame, EncodedFrame? delivered, long begun, VideoFrame picture)
    {
        FrameHeader header = frame.Header;
        FrameIndexSpace indices = new(frame.Sps.FrameIndexBits);
        if (delivered is not null && (_said.Find(delivered, header, indices) ?? _models.FindDisagreement(delivered, frame.Sps)) is { } disagreement)
        {
            return Fail(DecodeStatus.Corrupt, $"Frame {header.FrameIndex} {disagreement}; bytes or descriptor were damaged or forged.");
        }

        // An I-frame ends what was before it even if its own data turn out damaged: an index of the old run must not pass for one of the new.
        if (header.IsIdr)
        {
            _network?.States.Clear();
            _said.Forget();
            _inStream = false;
        }

        // 2 choose model
        if (!_models.TryFind(frame.Sps, delivered, out StreamModel? model, out string problem))
        {
            return Fail(DecodeStatus.UnknownModel, problem);
        }

        // 3 find reference
        int reference = FindReference(frame);
        if (reference < 0)
        {
            return Fail(DecodeStatus.MissingReference, $"Frame {header.FrameIndex} is predicted from frame {header.ReferenceIndex}, which is not held. Ask the sender for a recovery frame or a key frame.");
        }

        // 4 entropy decode
        long read = Stopwatch.GetTimestamp();
        int qIndex = model.Variant.QpScale.QIndexOf(header.Qp);
        EntropyStatus entropy = model.Decode(frame.EncodedData, qIndex, predicted: reference != StateStore.ZeroSlot);
        if (entropy != EntropyStatus.Ok)
        {
            return Fail(DecodeStatus.Corrupt, $"Frame {header.FrameIndex} cannot be entropy-decoded ({entropy}); its bytes were damaged.");
        }

        if (!TryUse(model, out problem))
        {
            return Fail(DecodeStatus.UnknownModel, problem);
        }

        if (!model.TryWriteSymbols(_network!.Symbols))
        {
            return Fail(DecodeStatus.Corrupt, $"Frame {header.FrameIndex} holds symbols beyond 16 bits; its bytes were damaged.");
        }

        // 5 move reference
        long decoded = Stopwatch.GetTimestamp();
        int moved = reference;
        if (_moved is not null && model.Motion is { IsStill: false } vectors && reference != StateStore.ZeroSlot)
        {
            _moved.Start(reference);
            moved = _moved.Move(reference, vectors);
        }

        // 6 run network
        long movedAt = moved == reference ? decoded : Stopwatch.GetTimestamp();
        int target = _network.States.FreeSlot();
        _network.Run(moved, target, model.Variant.QpScale.ShiftedIndex(qIndex, header.FrameIndex));

        // 7 tensor to picture
        long run = Stopwatch.GetTimestamp();
        _delivery.Read(_network, frame.Sps, picture);
        long shown = Stopwatch.GetTimestamp();

        // 8 commit state
        _network.States.Commit(target, header, indices);
        _said.Decoded(delivered, header);
        _lastSlot = target;
        _streamSps = frame.Sps;
        _inStream = true;
        LastFrame = new FrameInfo(frame.FrameType, header, frame.Sps);
        LastTimes = new StageTimes(shown - run, movedAt - decoded, run - movedAt, decoded - read, read - begun) { Begun = begun };
        return DecodeStatus.Ok;
    }

    /// <summary>The slot to predict from, or -1. States of another model, size or index width are no references.</summary>
    private int FindReference(in ParsedFrame frame)
    {
        if (frame.Header.IsIdr)
        {
            return StateStore.ZeroSlot;
        }

        if (!_inStream || _network is null || frame.Sps != _streamSps)
        {
            return -1;
        }

        return frame.Header.ReferenceIndex == frame.Header.FrameIndex ? StateStore.ZeroSlot : _network.States.Find(frame.Header.ReferenceIndex);
    }

    /// <summary>Makes the model's network the one in use. The old one goes first, so that two never take memory at once.</summary>
    private bool TryUse(StreamModel model, out string problem)
    {
        problem = string.Empty;
        if (ReferenceEquals(_network?.Model, model.Variant))
        {
            return true;
        }

        DropNetwork();
        try
        {
            _network = RecurrentNetwork.LoadDecoder(model.Variant, _engine);
            _moved = MovedReference.Of(model.Variant, _network.States);
            return true;
        }
        catch (Exception broken) when (broken is InvalidDataException or FileNotFoundException)
        {
            DropNetwork();
            problem = $"The model that the stream names cannot be loaded. {broken.Message}";
            return false;
        }
    }

    private void DropNetwork()
    {
        _moved?.Dispose();
        _network?.Dispose();
        _moved = null;
        _network = null;
        _lastSlot = StateStore.ZeroSlot;
    }

    private DecodeStatus Fail(DecodeStatus status, string error)
    {
        LastError = error;
        return status;
    }
}
