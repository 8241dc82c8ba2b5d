namespace MlvcRtc.Media;

/// <summary>How a coded frame is predicted. The values are the FT field of the RTP payload descriptor.</summary>
public enum FrameType : byte
{
    /// <summary>From the all-zero state (IDR).</summary>
    Intra = 0,

    /// <summary>From the previous frame of the prediction pattern.</summary>
    Inter = 1,

    /// <summary>From a long-term reference, to repair a broken chain.</summary>
    Recovery = 2,
}

/// <summary>
/// One access unit and what the transport must know of it. The buffer is reused from frame to frame: the owner of the
/// object owns the bytes, and whoever needs them longer copies them.
/// </summary>
public sealed class EncodedFrame
{
    private byte[] _payload = [];
    private int _length;

    public FrameType Type { get; set; }

    /// <summary>+1 per coded frame of the stream, modulo 2^16 (payload descriptor FRAME_ID).</summary>
    public ushort FrameId { get; set; }

    /// <summary>FrameId of the frame that this one is predicted from; equal to <see cref="FrameId"/> for Intra.</summary>
    public ushort ReferenceId { get; set; }

    /// <summary>0 = base layer, 1 = enhancement layer.</summary>
    public byte TemporalId { get; set; }

    /// <summary>Long-term reference slot (0..7) into which the decoder stores its state after this frame; null = not marked.</summary>
    public int? LtrSlot { get; set; }

    /// <summary>No later frame refers to this one.</summary>
    public bool Discardable { get; set; }

    /// <summary>Names the stream contract (docs/model-bundle.md).</summary>
    public uint ModelTag { get; set; }

    /// <summary>Coded (model) width in luma samples.</summary>
    public ushort CodedWidth { get; set; }

    /// <summary>Coded (model) height in luma samples.</summary>
    public ushort CodedHeight { get; set; }

    /// <summary>Quantisation parameter, 0 (best) .. 51.</summary>
    public int Qp { get; set; }

    /// <summary>Capture instant of the picture on the sender's clock.</summary>
    public TimeSpan CaptureTime { get; set; }

    /// <summary>The access unit: start codes and NAL units (docs/bitstream.md).</summary>
    public ReadOnlySpan<byte> Payload => _payload.AsSpan(0, _length);

    /// <summary>The same bytes for storage beyond the stack.</summary>
    public ReadOnlyMemory<byte> PayloadMemory => _payload.AsMemory(0, _length);

    /// <summary>Gives <paramref name="length"/> writable bytes that become the payload; earlier content is lost.</summary>
    public Span<byte> Reserve(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (_payload.Length < length)
        {
            _payload = GC.AllocateUninitializedArray<byte>(Math.Max(length, 4096));
        }

        _length = length;
        return _payload.AsSpan(0, length);
    }

    /// <summary>Copies <paramref name="bytes"/> in as the payload.</summary>
    public void SetPayload(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    /// <summary>Makes this frame equal to <paramref name="source"/>.</summary>
    public void CopyFrom(EncodedFrame source)
    {
        ArgumentNullException.ThrowIfNull(source);
        Type = source.Type;
        FrameId = source.FrameId;
        ReferenceId = source.ReferenceId;
        TemporalId = source.TemporalId;
        LtrSlot = source.LtrSlot;
        Discardable = source.Discardable;
        ModelTag = source.ModelTag;
        CodedWidth = source.CodedWidth;
        CodedHeight = source.CodedHeight;
        Qp = source.Qp;
        CaptureTime = source.CaptureTime;
        SetPayload(source.Payload);
    }
}
