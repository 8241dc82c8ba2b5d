using System.Buffers.Binary;
using MlvcRtc.Codec.Bitstream;
using MlvcRtc.Codec.References;
using MlvcRtc.Media;

namespace MlvcRtc.Proof.Recovery;

/// <summary>
/// The codec without its network: the real reference rules (GOP structure, pruning) at both ends, and in place of a picture a number that depends on the
/// frame and on all frames it descends from. Whoever predicts from another state than the encoder did gets another number.
/// </summary>
internal static class ModelCodec
{
    /// <summary>FRAME_ID, content, header: 2 + 8 + 2 + 2·4 + 8·4.</summary>
    public const int HeadBytes = 52;

    public static FrameIndexSpace Indices { get; } = new(16);

    public static ulong Predict(ulong reference, long frame)
    {
        ulong mixed = (reference ^ (ulong)frame) * 0x9E3779B97F4A7C15;
        return mixed ^ (mixed >> 29);
    }

    public static void Write(Span<byte> unit, ushort frameId, ulong content, in FrameHeader header)
    {
        BinaryPrimitives.WriteUInt16BigEndian(unit, frameId);
        BinaryPrimitives.WriteUInt64BigEndian(unit[2..], content);
        unit[10] = (byte)header.NaluType;
        unit[11] = (byte)header.TemporalId;
        BinaryPrimitives.WriteInt32BigEndian(unit[12..], header.FrameIndex);
        BinaryPrimitives.WriteInt32BigEndian(unit[16..], header.ReferenceIndex);
        for (int slot = 0; slot < LtrTable.Capacity; slot++)
        {
            BinaryPrimitives.WriteInt32BigEndian(unit[(20 + (4 * slot))..], header.LtrTable[slot]);
        }
    }

    public static FrameHeader Read(ReadOnlySpan<byte> unit, out ushort frameId, out ulong content)
    {
        frameId = BinaryPrimitives.ReadUInt16BigEndian(unit);
        content = BinaryPrimitives.ReadUInt64BigEndian(unit[2..]);
        LtrTable table = default;
        for (int slot = 0; slot < LtrTable.Capacity; slot++)
        {
            table[slot] = BinaryPrimitives.ReadInt32BigEndian(unit[(20 + (4 * slot))..]);
        }

        return new FrameHeader(
            (NaluType)unit[10], unit[11], 30, BinaryPrimitives.ReadInt32BigEndian(unit[12..]), BinaryPrimitives.ReadInt32BigEndian(unit[16..]), false, table);
    }
}

/// <summary>The states that one end holds: frame index to content, pruned by the real rule.</summary>
internal sealed class ModelStates
{
    private readonly List<(HeldFrame Frame, ushort FrameId, ulong Content)> _held = [];

    public LtrTable Slots { get; private set; }

    public bool TryFind(int frameIndex, out ulong content)
    {
        int place = _held.FindIndex(one => one.Frame.FrameIndex == frameIndex);
        content = place < 0 ? 0 : _held[place].Content;
        return place >= 0;
    }

    public void Commit(in FrameHeader header, ushort frameId, ulong content)
    {
        HeldFrame[] frames = [.. _held.Select(one => one.Frame)];
        uint keep = ReferencePruning.Keep(frames, header, ModelCodec.Indices);
        for (int i = frames.Length - 1; i >= 0; i--)
        {
            if ((keep & (1u << i)) == 0)
            {
                _held.RemoveAt(i);
            }
        }

        _held.Add((new HeldFrame(header.FrameIndex, header.TemporalId), frameId, content));
        Slots = header.LtrTable;
    }

    public void Clear()
    {
        _held.Clear();
        Slots = default;
    }

    /// <summary>FRAME_ID and content of every frame that a slot keeps.</summary>
    public IEnumerable<(ushort FrameId, ulong Content)> InSlots() =>
        _held.Where(one => Slots.Contains(one.Frame.FrameIndex)).Select(one => (one.FrameId, one.Content));
}

/// <summary>Sends what it is asked to, by the real GOP structure.</summary>
internal sealed class ModelEncoder(ushort firstFrameId) : IVideoEncoder
{
    private readonly GopStructure _gop = new(GopOptions.ForCall());
    private ushort _nextFrameId = firstFrameId;
    private long _frames;

    /// <summary>Raised as soon as a frame is coded, before anybody can hear of it.</summary>
    public event Action<EncodedFrame>? Coded;

    public ModelStates States { get; } = new();

    public EncodeStatus Encode(VideoFrame picture, in EncodeRequest request, EncodedFrame coded)
    {
        GopStatus asked = _gop.Decide(new GopRequest(request.KeyFrame, request.RecoverFromSlot, request.MarkSlot, request.Discardable), out FrameDecision decision);
        bool intra = decision.Type == FrameType.Intra;
        if (asked != GopStatus.Ok || (decision.HintIgnored && !intra))
        {
            return EncodeStatus.NoSuchReference;
        }

        ulong reference = 0;
        if (!intra && !States.TryFind(decision.ReferenceIndex, out reference))
        {
            throw new InvalidOperationException("GOP structure and pruning disagree at the sender.");
        }

        FrameHeader header = decision.ToHeader(30);
        ulong content = ModelCodec.Predict(reference, _frames++);
        coded.Type = decision.Type;
        coded.FrameId = _nextFrameId++;
        coded.ReferenceId = (ushort)(coded.FrameId - ModelCodec.Indices.Age(decision.FrameIndex, decision.ReferenceIndex));
        coded.TemporalId = (byte)decision.TemporalId;
        coded.LtrSlot = decision.MarkedSlot;
        coded.Discardable = decision.TemporalId > 0;
        coded.CodedWidth = coded.CodedHeight = 2;
        coded.Qp = request.Qp;
        coded.CaptureTime = picture.CaptureTime;

        // One to three packets: fragments are lost too.
        ModelCodec.Write(coded.Reserve(ModelCodec.HeadBytes + (int)(content % 2500)), coded.FrameId, content, header);
        _gop.Commit(decision);
        States.Commit(header, coded.FrameId, content);
        Coded?.Invoke(coded);
        return EncodeStatus.Ok;
    }

    public void Dispose()
    {
    }
}

/// <summary>Decodes by the same rule, and notes every breach.</summary>
internal sealed class ModelDecoder(ModelEncoder sender) : IVideoDecoder
{
    private readonly DeliveryCheck _said = new();
    private long _frames;

    public ModelStates States { get; } = new();

    /// <summary>The first breach, in words.</summary>
    public string? Breach { get; private set; }

    public long Decoded => _frames;

    public DecodeStatus Decode(EncodedFrame frame, VideoFrame picture)
    {
        FrameHeader header = ModelCodec.Read(frame.Payload, out ushort frameId, out ulong content);
        if (_said.Find(frame, header, ModelCodec.Indices) is { } disagreement)
        {
            Breach ??= $"frame {frameId} {disagreement}";
            return DecodeStatus.Corrupt;
        }

        if (header.IsIdr)
        {
            States.Clear();
        }
        else if (!States.TryFind(header.ReferenceIndex, out ulong reference))
        {
            Breach ??= $"frame {frameId} was fed though its reference, index {header.ReferenceIndex}, is not held";
            return DecodeStatus.MissingReference;
        }
        else if (!Descends(content, reference))
        {
            Breach ??= $"frame {frameId} was predicted from another state than the encoder's";
        }

        _frames++;
        States.Commit(header, frameId, content);
        _said.Decoded(frame, header);
        foreach ((ushort id, ulong held) in sender.States.InSlots())
        {
            foreach ((ushort ownId, ulong own) in States.InSlots())
            {
                if (id == ownId && own != held)
                {
                    Breach ??= $"the slot with frame {id} differs at the two ends";
                }
            }
        }

        picture.Resize(2, 2);
        return DecodeStatus.Ok;
    }

    public void Dispose()
    {
    }

    /// <summary>The frame's ordinal is not on the wire, but it can be had back from its content and the right reference only.</summary>
    private static bool Descends(ulong content, ulong reference)
    {
        // x ^ (x >> 29) and the odd multiplication are both invertible.
        ulong mixed = content ^ (content >> 29) ^ (content >> 58);
        ulong ordinal = (mixed * InverseOf(0x9E3779B97F4A7C15)) ^ reference;
        return ordinal < 1L << 32;
    }

    /// <summary>Newton's iteration modulo 2^64.</summary>
    private static ulong InverseOf(ulong odd)
    {
        ulong inverse = odd;
        for (int i = 0; i < 6; i++)
        {
            inverse *= 2 - (odd * inverse);
        }

        return inverse;
    }
}
