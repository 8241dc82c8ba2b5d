using System.Buffers.Binary;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.Rtp.Payload;

/// <summary>Append-only: why a payload's head is not acceptable.</summary>
public enum DescriptorStatus
{
    Ok = 0,

    /// <summary>Fewer bytes than the descriptor, or than descriptor and configuration block.</summary>
    Truncated = 1,

    /// <summary>V is not 0.</summary>
    UnknownVersion = 2,

    /// <summary>FT is 3.</summary>
    ReservedFrameType = 3,

    /// <summary>FRAG_IDX &gt; FRAG_LAST.</summary>
    FragmentBeyondLast = 4,

    /// <summary>X must be set in FRAG_IDX 0 of an INTRA frame and nowhere else.</summary>
    MisplacedConfiguration = 5,

    /// <summary>REF_ID must equal FRAME_ID in an INTRA frame and be older than it in every other.</summary>
    ImpossibleReference = 6,

    /// <summary>CODED_WIDTH or CODED_HEIGHT is zero, odd or above 16,384.</summary>
    ImpossibleSize = 7,
}

/// <summary>
/// The eight bytes at the head of every packet, so that any surviving packet names its frame and reference; INTRA frames
/// carry eight more in their first packet. Bits from the most significant on:
/// <code>
/// V:2 FT:2 X:1 D:1 P:1 L:1 | SLOT:3 TID:2 R:3 | FRAME_ID:16 | REF_ID:16 | FRAG_IDX:8 | FRAG_LAST:8
/// X=1: MODEL_TAG:32 | CODED_WIDTH:16 | CODED_HEIGHT:16
/// </code>
/// </summary>
public readonly record struct PayloadDescriptor
{
    /// <summary>Bytes without the configuration block.</summary>
    public const int BaseBytes = 8;

    /// <summary>Bytes that X adds.</summary>
    public const int ConfigurationBytes = 8;

    /// <summary>Largest side that any picture type of ours can hold (<see cref="VideoFrame"/>).</summary>
    private const int MaxSide = 16384;

    public FrameType Type { get; init; }  // FT u(2)

    /// <summary>No later frame refers to this one.</summary>
    public bool Discardable { get; init; }  // D u(1)

    /// <summary>The decoder stores its state after this frame in this slot, 0..7; null = it does not.</summary>
    public int? LtrSlot { get; init; }  // L u(1), SLOT u(3)

    /// <summary>Temporal layer, 0..3.</summary>
    public byte TemporalId { get; init; }  // TID u(2)

    public ushort FrameId { get; init; }  // u(16)

    public ushort ReferenceId { get; init; }  // u(16)

    public byte FragmentIndex { get; init; }  // u(8)

    public byte LastFragment { get; init; }  // u(8)

    /// <summary>Names the stream contract; 0 unless <see cref="HasConfiguration"/>.</summary>
    public uint ModelTag { get; init; }  // u(32), X only

    /// <summary>Luma samples; 0 unless <see cref="HasConfiguration"/>.</summary>
    public ushort CodedWidth { get; init; }  // u(16), X only

    /// <summary>Luma samples; 0 unless <see cref="HasConfiguration"/>.</summary>
    public ushort CodedHeight { get; init; }  // u(16), X only

    /// <summary>The X bit: follows from type and fragment.</summary>
    public bool HasConfiguration => Type == FrameType.Intra && FragmentIndex == 0;

    /// <summary>Frames back to the reference, modulo 2^16; 0 for INTRA.</summary>
    public ushort ReferenceDistance => (ushort)(FrameId - ReferenceId);

    /// <summary>Bytes on the wire: 8 or 16.</summary>
    public int SizeBytes => HasConfiguration ? BaseBytes + ConfigurationBytes : BaseBytes;

    /// <summary>Reads and checks the head of a payload; on Ok the fragment starts at <see cref="SizeBytes"/>.</summary>
    public static DescriptorStatus Read(ReadOnlySpan<byte> payload, out PayloadDescriptor descriptor)
    {
        descriptor = default;
        if (payload.Length < BaseBytes)
        {
            return DescriptorStatus.Truncated;
        }

        byte flags = payload[0];
        if (flags >> 6 != 0)
        {
            return DescriptorStatus.UnknownVersion;
        }

        if (((flags >> 4) & 3) == 3)
        {
            return DescriptorStatus.ReservedFrameType;
        }

        PayloadDescriptor read = new()
        {
            Type = (FrameType)((flags >> 4) & 3),
            Discardable = (flags & 0x04) != 0,
            LtrSlot = (flags & 0x01) != 0 ? payload[1] >> 5 : null,
            TemporalId = (byte)((payload[1] >> 3) & 3),
            FrameId = BinaryPrimitives.ReadUInt16BigEndian(payload[2..]),
            ReferenceId = BinaryPrimitives.ReadUInt16BigEndian(payload[4..]),
            FragmentIndex = payload[6],
            LastFragment = payload[7],
        };
        bool configured = (flags & 0x08) != 0;
        DescriptorStatus status = read.Check(configured);
        if (status != DescriptorStatus.Ok || !configured)
        {
            descriptor = status == DescriptorStatus.Ok ? read : default;
            return status;
        }

        if (payload.Length < BaseBytes + ConfigurationBytes)
        {
            return DescriptorStatus.Truncated;
        }

        read = read with
        {
            ModelTag = BinaryPrimitives.ReadUInt32BigEndian(payload[8..]),
            CodedWidth = BinaryPrimitives.ReadUInt16BigEndian(payload[12..]),
            CodedHeight = BinaryPrimitives.ReadUInt16BigEndian(payload[14..]),
        };
        if (!IsSide(read.CodedWidth) || !IsSide(read.CodedHeight))
        {
            return DescriptorStatus.ImpossibleSize;
        }

        descriptor = read;
        return DescriptorStatus.Ok;
    }

    /// <summary>Writes the wire form; the caller gives a descriptor that <see cref="Read"/> would accept.</summary>
    /// <returns><see cref="SizeBytes"/>.</returns>
    public int Write(Span<byte> destination)
    {
        destination[0] = (byte)(((int)Type << 4) | (HasConfiguration ? 0x08 : 0) | (Discardable ? 0x04 : 0) | (LtrSlot is null ? 0 : 0x01));
        destination[1] = (byte)(((LtrSlot ?? 0) << 5) | (TemporalId << 3));
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], FrameId);
        BinaryPrimitives.WriteUInt16BigEndian(destination[4..], ReferenceId);
        destination[6] = FragmentIndex;
        destination[7] = LastFragment;
        if (HasConfiguration)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination[8..], ModelTag);
            BinaryPrimitives.WriteUInt16BigEndian(destination[12..], CodedWidth);
            BinaryPrimitives.WriteUInt16BigEndian(destination[14..], CodedHeight);
        }

        return SizeBytes;
    }

    private static bool IsSide(int side) => side is > 0 and <= MaxSide && (side & 1) == 0;

    private DescriptorStatus Check(bool configured)
    {
        if (FragmentIndex > LastFragment)
        {
            return DescriptorStatus.FragmentBeyondLast;
        }

        if (configured != HasConfiguration)
        {
            return DescriptorStatus.MisplacedConfiguration;
        }

        bool possible = Type == FrameType.Intra ? ReferenceId == FrameId : SequenceNumber.IsNewer(FrameId, ReferenceId);
        return possible ? DescriptorStatus.Ok : DescriptorStatus.ImpossibleReference;
    }
}
