using MlvcRtc.Media;

namespace MlvcRtc.Lab.TestCodec;

/// <summary>
/// Codes a mosaic instead of a picture, in no time, with the references of the real codec (eight slots, an intra frame goes to slot 0 and clears the others)
/// and sizes like its: <see cref="FrameBytes"/> for an ordinary frame, more the further back the reference is, ten times that for a key frame.
/// The mosaic is as noisy as a picture of that QP is.
/// </summary>
/// <param name="areaScale">Luma samples that the sizes are meant for, over those of the pictures: small pictures may stand for large ones.</param>
public sealed class TestEncoder(double areaScale = 1) : IVideoEncoder
{
    /// <summary>"TEST": the MODEL_TAG of its frames.</summary>
    public const uint ModelTag = 0x54455354;

    /// <summary>Bytes of an ordinary 640x360 frame at QP 0; halves every 6 steps, as in H.264 and its descendants.</summary>
    private const double BytesAtQpZero = 60_000;

    /// <summary>
    /// Share by which a frame grows each time the distance to its reference doubles. mlvc-xs v0.200 at constant QP on four talking heads: 1.27 to 1.58 times an
    /// ordinary frame at distance 3, 1.6 to 2.0 at 6, 2.0 to 2.4 at 12.
    /// </summary>
    private const double DistancePrice = 0.33;

    private const double KeyFrameWeight = 10;  // that of the rate controller

    /// <summary>PSNR of the mosaic at QP 18, and dB lost per step: 46 dB at the best useful QP, 31 dB at the worst (48).</summary>
    private const double BestDb = 46, DbPerQp = 0.5;

    private TestSlots _slots;
    private ushort _nextId;
    private ushort? _previous;

    /// <summary>Size of an ordinary frame predicted from its predecessor.</summary>
    public static int FrameBytes(int qp, int width, int height, double areaScale = 1) =>
        (int)(BytesAtQpZero * Math.Pow(2, -qp / 6.0) * width * height * areaScale / (640 * 360));

    /// <summary>Size of a frame relative to an ordinary one.</summary>
    /// <param name="distance">Frames back to the reference, at least 1; 0 for a key frame.</param>
    public static double Weight(int distance) => distance == 0 ? KeyFrameWeight : 1 + (DistancePrice * Math.Log2(distance));

    /// <summary>PSNR of the mosaic, dB.</summary>
    public static double QualityDb(int qp) => BestDb - (DbPerQp * (qp - 18));

    public EncodeStatus Encode(VideoFrame picture, in EncodeRequest request, EncodedFrame coded)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(coded);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)request.Qp, 51u, nameof(request));
        if (request.RecoverFromSlot is < 0 or >= TestSlots.Count || request.MarkSlot is < 0 or >= TestSlots.Count)
        {
            return EncodeStatus.NoSuchReference;
        }

        bool intra = request.KeyFrame || _previous is null;
        ushort? reference = intra ? _nextId : request.RecoverFromSlot is { } slot ? _slots[slot] : _previous;
        if (reference is null)
        {
            return EncodeStatus.NoSuchReference;
        }

        int? mark = intra ? 0 : request.MarkSlot;
        _slots = intra ? default : _slots;
        _slots.DropStale(_nextId);
        if (mark is { } marked)
        {
            _slots.Set(marked, _nextId);
        }

        coded.Type = intra ? FrameType.Intra : request.RecoverFromSlot is null ? FrameType.Inter : FrameType.Recovery;
        coded.FrameId = _nextId;
        coded.ReferenceId = reference.Value;
        bool discardable = request.Discardable && coded.Type == FrameType.Inter && mark is null;
        coded.TemporalId = (byte)(discardable ? 1 : 0);
        coded.LtrSlot = mark;
        coded.Discardable = discardable;
        coded.ModelTag = ModelTag;
        coded.CodedWidth = (ushort)picture.Width;
        coded.CodedHeight = (ushort)picture.Height;
        coded.Qp = request.Qp;
        coded.CaptureTime = picture.CaptureTime;
        Fill(picture, coded);
        _previous = discardable ? _previous : _nextId;
        _nextId++;
        return EncodeStatus.Ok;
    }

    public void Dispose()
    {
    }

    private void Fill(VideoFrame picture, EncodedFrame coded)
    {
        double weight = Weight((ushort)(coded.FrameId - coded.ReferenceId));
        int size = (int)(weight * FrameBytes(coded.Qp, picture.Width, picture.Height, areaScale));
        Span<byte> unit = coded.Reserve(Math.Max(TestPayload.MinBytes, size));
        Span<byte> mosaic = unit.Slice(TestPayload.HeadBytes, TestPayload.MosaicSide * TestPayload.MosaicSide);
        Mosaic.Sample(picture, mosaic);
        AddNoise(mosaic, QualityDb(coded.Qp), coded.FrameId);
        for (int i = TestPayload.MinBytes; i < unit.Length; i++)
        {
            unit[i] = (byte)(i + coded.FrameId);
        }

        new TestPayload(coded.Type, coded.FrameId, coded.ReferenceId, coded.CodedWidth, coded.CodedHeight, _slots, coded.Discardable).Write(unit);
    }

    /// <summary>Moves every sample up or down by the root mean square error of that PSNR, rounded at random.</summary>
    private static void AddNoise(Span<byte> mosaic, double psnrDb, ushort frameId)
    {
        double error = 255 * Math.Pow(10, -psnrDb / 20);
        uint state = frameId + 1u;
        foreach (ref byte sample in mosaic)
        {
            state = unchecked((state * 1664525) + 1013904223);  // Numerical Recipes' linear congruence
            double chance = (state >> 8) / (double)(1 << 24);
            int step = (int)(error + ((state >> 9 & 0xFFFF) / 65536.0));
            sample = (byte)Math.Clamp(sample + (chance < 0.5 ? -step : step), 0, 255);
        }
    }
}
