using MlvcRtc.Media;

namespace MlvcRtc.Lab.TestCodec;

/// <summary>
/// Codes a mosaic instead of a picture, in no time, with the frame sizes and references of a real codec: an ordinary frame has
/// <see cref="FrameBytes"/>, a recovery frame six and a key frame ten times that (the rate controller's weights).
/// </summary>
public sealed class TestEncoder(uint modelTag = 0x54455354) : IVideoEncoder
{
    /// <summary>Bytes of an ordinary 640x360 frame at QP 0; halves every 6 steps, as in H.264 and its descendants.</summary>
    private const double BytesAtQpZero = 60_000;

    private readonly ushort?[] _slots = new ushort?[8];
    private ushort _nextId;
    private ushort? _previous;

    /// <summary>Size of an ordinary frame.</summary>
    public static int FrameBytes(int qp, int width, int height) =>
        (int)(BytesAtQpZero * Math.Pow(2, -qp / 6.0) * width * height / (640 * 360));

    public EncodeStatus Encode(VideoFrame picture, in EncodeRequest request, EncodedFrame coded)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(coded);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)request.Qp, 51u, nameof(request));
        bool intra = request.KeyFrame || (_previous is null && request.RecoverFromSlot is null);
        ushort? reference = intra ? _nextId : request.RecoverFromSlot is { } slot ? _slots[slot & 7] : _previous;
        if (reference is null)
        {
            return EncodeStatus.NoSuchReference;
        }

        if (intra)
        {
            Array.Clear(_slots);
        }

        coded.Type = intra ? FrameType.Intra : request.RecoverFromSlot is null ? FrameType.Inter : FrameType.Recovery;
        coded.FrameId = _nextId;
        coded.ReferenceId = reference.Value;
        coded.TemporalId = 0;
        coded.LtrSlot = request.MarkSlot;
        coded.Discardable = false;
        coded.ModelTag = modelTag;
        coded.CodedWidth = (ushort)picture.Width;
        coded.CodedHeight = (ushort)picture.Height;
        coded.Qp = request.Qp;
        coded.CaptureTime = picture.CaptureTime;
        Fill(picture, coded);

        _previous = _nextId;
        if (request.MarkSlot is { } mark)
        {
            _slots[mark & 7] = _nextId;
        }

        _nextId++;
        return EncodeStatus.Ok;
    }

    public void Dispose()
    {
    }

    private static void Fill(VideoFrame picture, EncodedFrame coded)
    {
        int weight = coded.Type switch { FrameType.Intra => 10, FrameType.Recovery => 6, _ => 1 };
        Span<byte> unit = coded.Reserve(Math.Max(TestPayload.MinBytes, weight * FrameBytes(coded.Qp, picture.Width, picture.Height)));
        Span<byte> mosaic = unit.Slice(TestPayload.HeadBytes, TestPayload.MosaicSide * TestPayload.MosaicSide);
        for (int i = 0; i < mosaic.Length; i++)
        {
            int x = ((i % TestPayload.MosaicSide * 2) + 1) * picture.Width / (2 * TestPayload.MosaicSide);
            int y = ((i / TestPayload.MosaicSide * 2) + 1) * picture.Height / (2 * TestPayload.MosaicSide);
            mosaic[i] = picture.Y[(y * picture.Width) + x];
        }

        for (int i = TestPayload.MinBytes; i < unit.Length; i++)
        {
            unit[i] = (byte)(i + coded.FrameId);
        }

        byte markSlot = coded.LtrSlot is { } slot ? (byte)slot : TestPayload.NoSlot;
        new TestPayload(coded.Type, coded.FrameId, coded.ReferenceId, markSlot, coded.CodedWidth, coded.CodedHeight).Write(unit);
    }
}
