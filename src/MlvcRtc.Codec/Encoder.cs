using System.Diagnostics;
using MlvcRtc.Codec.Bitstream;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Entropy;
using MlvcRtc.Codec.Inference;
using MlvcRtc.Codec.Motion;
using MlvcRtc.Codec.References;
using MlvcRtc.Media;

namespace MlvcRtc.Codec;

/// <summary>
/// Pictures to access units with one model. The steps stand in the order of the physics:
/// <code>
/// 1 choose reference    References/GopStructure          5 latents to integers Inference/SymbolTensors
/// 2 picture to tensor   Pixels/PicturePreparation        6 integer scales      Entropy/ScaleDecoder (inside 7)
/// 3 move reference      MotionEstimation                 7 entropy code        Entropy/LatentCoder
/// 4 run network         Inference/RecurrentNetwork       8 write headers       Bitstream/AccessUnitWriter
///                                                        9 commit reference    GopStructure, StateStore
/// </code>
/// Nothing is remembered before step 9, so a frame that fails changes nothing, and one that is too large goes through 4 to 8 again, up to three times, first with fewer cells. Another picture size picks another model size, with new parameter sets and an
/// I-frame. One thread at a time.
/// </summary>
public sealed class Encoder : IVideoEncoder
{
    /// <summary>Largest picture taken, either way up: 1920x1080.</summary>
    private const int MaxLongSide = 1920;

    private const int MaxShortSide = 1080;

    /// <summary>A frame that is coded again aims at this share of the bound that it exceeded.</summary>
    private const double SecondAim = 0.85;

    /// <summary>
    /// By how much the quality index falls for half the bits where <see cref="ConditionalReplenishment"/> is not enough, the first time and the second. A frame is this large because the quality rises with it in cells that stood still: one or two
    /// indices less and they stand still again (mlvc-xs v0.203: more than 3,300 bits at q 40, 700 at q 36). Only if that does not do it, what constant qualities say: half the bits in 16 indices.
    /// </summary>
    private static readonly double[] QIndicesForHalf = [3, 16];

    private readonly ModelBundle _bundle;
    private readonly INeuralEngine _engine;
    private readonly EncoderOptions _options;
    private readonly GopStructure _gop;
    private readonly AccessUnitWriter _writer = new();
    private SizeSetup? _setup;
    private ushort _nextFrameId;
    private StageTimes _times;

    /// <param name="bundle">The model.</param>
    /// <param name="engine">Runs the graphs; a session is loaded for the size in use.</param>
    /// <param name="options">Null: a call.</param>
    /// <exception cref="ArgumentException">The GOP options do not fit together.</exception>
    public Encoder(ModelBundle bundle, INeuralEngine engine, EncoderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        ArgumentNullException.ThrowIfNull(engine);
        _bundle = bundle;
        _engine = engine;
        _options = options ?? new EncoderOptions();
        _gop = new GopStructure(_options.Gop);
    }

    /// <summary>Where the time of the last coded frame went.</summary>
    public StageTimes LastTimes => _times;

    /// <summary>The network's state after the last coded frame; empty before the first. A decoder of that frame holds the same bytes.</summary>
    public ReadOnlySpan<byte> LastState => _setup is { } setup ? setup.LastState : default;

    /// <summary>Bytes of one reference state at the size in use; 0 before the first frame.</summary>
    public int StateBytes => _setup?.Network.States.BytesPerSlot ?? 0;

    /// <summary>Changes the prediction pattern from the next frame on. Another number of temporal layers needs no I-frame, anything else makes one.</summary>
    /// <exception cref="ArgumentException">The options do not fit together; nothing was changed.</exception>
    public void Reconfigure(in GopOptions gop) => _gop.Configure(gop);

    /// <summary>What <see cref="Encode(VideoFrame, in EncodeRequest, EncodedFrame)"/> would make of this picture: a rate controller asks first. Changes nothing.</summary>
    public FrameType Preview(VideoFrame picture, in EncodeRequest request)
    {
        ArgumentNullException.ThrowIfNull(picture);
        bool newSize = _setup is not { } setup || !setup.Fits(picture.Width, picture.Height);
        _gop.Decide(AskedOf(request, newSize), out FrameDecision decision);
        return decision.Type;
    }

    public EncodeStatus Encode(VideoFrame picture, in EncodeRequest request, EncodedFrame coded)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(coded);
        ArgumentOutOfRangeException.ThrowIfNegative(request.Qp);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.Qp, FrameHeader.MaxQp);
        if (int.Max(picture.Width, picture.Height) > MaxLongSide || int.Min(picture.Width, picture.Height) > MaxShortSide)
        {
            return EncodeStatus.PictureTooLarge;
        }

        SizeSetup setup = SetupFor(picture);
        try
        {
            return Encode(setup, picture, request, coded);
        }
        finally
        {
            if (!ReferenceEquals(setup, _setup))
            {
                setup.Dispose();
            }
        }
    }

    public void Dispose() => _setup?.Dispose();

    private EncodeStatus Encode(SizeSetup setup, VideoFrame picture, in EncodeRequest request, EncodedFrame coded)
    {
        // 1 choose reference
        bool newSize = !ReferenceEquals(setup, _setup);
        GopStatus asked = _gop.Decide(AskedOf(request, newSize), out FrameDecision decision);
        bool intra = decision.Type == FrameType.Intra;
        if (asked != GopStatus.Ok || (decision.HintIgnored && !intra))
        {
            return EncodeStatus.NoSuchReference;
        }

        RecurrentNetwork network = setup.Network;
        int reference = intra ? StateStore.ZeroSlot : network.States.Find(decision.ReferenceIndex);
        int target = network.States.FreeSlot();
        int qIndex = network.Model.QpScale.QIndexOf(request.Qp);
        Debug.Assert(reference >= 0, "the GOP structure and the state store keep the same frames");

        // 2 picture to tensor
        long begun = Stopwatch.GetTimestamp();
        VideoFrame prepared = setup.Preparation.Write(picture, network);

        // 3 move reference
        long packed = Stopwatch.GetTimestamp();
        MotionField? vectors = reference == StateStore.ZeroSlot ? null : setup.Motion?.Find(prepared, reference, qIndex);
        int moved = vectors is null ? reference : setup.Motion!.Move(reference);

        // 4 run network
        setup.Replenishment?.AllowAll();
        long movedAt = vectors is null ? packed : Stopwatch.GetTimestamp();
        int qp = request.Qp;
        network.Run(moved, target, network.Model.QpScale.ShiftedIndex(qIndex, decision.FrameIndex));

        // 5 latents to integers, 6 integer scales, 7 entropy code, 8 write headers
        long run = Stopwatch.GetTimestamp();
        FrameIndexSpace indices = new(_gop.Options.FrameIndexBits);
        SequenceParameterSet parameters = setup.ParameterSet(indices.Bits);
        network.Symbols.ReadTensors();
        ReadOnlySpan<byte> data = setup.Latents.Encode(qIndex, reference == StateStore.ZeroSlot, network.Symbols.Z, network.Symbols.Y0, network.Symbols.Y1, vectors);
        long entropyCoded = Stopwatch.GetTimestamp();
        int bits = 8 * _writer.Write(parameters, decision.ToHeader(qp), data, coded);
        for (int again = 0; again <= QIndicesForHalf.Length && !intra && request.MostBits is { } most && bits > most; again++)
        {
            if (again == 0)
            {
                if (vectors is null || setup.Replenishment is not { } replenishment)
                {
                    continue;
                }

                int headers = bits - (8 * data.Length);
                replenishment.Limit(prepared, setup.Motion!.Prediction, network.Symbols, (double)(most - headers) / (bits - headers));
            }
            else if (network.Model.QpScale.Coarser(qIndex, QIndicesFor(bits / (SecondAim * most), again - 1)) is { } coarser)
            {
                (qIndex, qp) = (coarser.QIndex, coarser.Qp);
            }
            else
            {
                break;
            }

            network.Run(moved, target, network.Model.QpScale.ShiftedIndex(qIndex, decision.FrameIndex));
            run = Stopwatch.GetTimestamp();
            network.Symbols.ReadTensors();
            data = setup.Latents.Encode(qIndex, reference == StateStore.ZeroSlot, network.Symbols.Z, network.Symbols.Y0, network.Symbols.Y1, vectors);
            entropyCoded = Stopwatch.GetTimestamp();
            bits = 8 * _writer.Write(parameters, decision.ToHeader(qp), data, coded);
        }

        Describe(setup, decision, indices.Age(decision.FrameIndex, decision.ReferenceIndex), coded);
        coded.Qp = qp;
        coded.CaptureTime = picture.CaptureTime;

        // 9 commit reference
        network.States.Commit(target, decision.ToHeader(qp), indices);
        _gop.Commit(decision);
        setup.Motion?.Commit(qIndex);
        setup.LastSlot = target;
        _nextFrameId++;
        if (newSize)
        {
            _setup?.Dispose();
            _setup = setup;
        }

        long written = Stopwatch.GetTimestamp();
        _times = new StageTimes(packed - begun, movedAt - packed, run - movedAt, entropyCoded - run, written - entropyCoded) { Begun = begun };
        return EncodeStatus.Ok;
    }

    /// <summary>What the transport must know. Both ids count coded frames: they run on over I-frames, where the bitstream's index restarts.</summary>
    /// <param name="setup">Of the picture's size.</param>
    /// <param name="decision">Of this frame.</param>
    /// <param name="distance">Frames back to the reference; 0 for an I-frame.</param>
    /// <param name="coded">Gets the description.</param>
    private void Describe(SizeSetup setup, in FrameDecision decision, int distance, EncodedFrame coded)
    {
        coded.Type = decision.Type;
        coded.FrameId = _nextFrameId;
        coded.ReferenceId = (ushort)(_nextFrameId - distance);
        coded.TemporalId = (byte)decision.TemporalId;
        coded.LtrSlot = decision.MarkedSlot;
        coded.Discardable = decision.TemporalId > 0;
        coded.ModelTag = _bundle.ModelTag;
        coded.CodedWidth = (ushort)setup.Network.Model.Width;
        coded.CodedHeight = (ushort)setup.Network.Model.Height;
    }

    private static int QIndicesFor(double share, int again) => (int)Math.Ceiling(QIndicesForHalf[again] * Math.Log2(share));

    private static GopRequest AskedOf(in EncodeRequest request, bool newSize) =>
        new(request.KeyFrame || newSize, request.RecoverFromSlot, request.MarkSlot, request.Discardable);

    private SizeSetup SetupFor(VideoFrame picture) =>
        _setup is { } setup && setup.Fits(picture.Width, picture.Height)
            ? setup
            : new SizeSetup(_bundle, picture.Width, picture.Height, _options.Padding, _engine);
}
