namespace MlvcRtc.Codec.Bitstream;

/// <summary>The three syntax tables of docs/bitstream.md §3-5, each written and read side by side, in the order of the wire.</summary>
internal static class HeaderSyntax
{
    /// <summary>Longest header: two bytes, ue, se, u(4), 8 × (1 + 31), 31 + 31 + 1 bits, rounded up; with room for ids of 32 bits.</summary>
    public const int MaxHeaderBytes = 72;

    /// <summary>init_qp and qp are written relative to it.</summary>
    private const int QpOrigin = 26;

    public static void Write(ref BitWriter bits, in SequenceParameterSet sps)
    {
        NaluHeader.Write(ref bits, NaluType.Sps, 0);
        bits.WriteBits(sps.Major, 8);
        bits.WriteBits(sps.Minor, 8);
        bits.WriteUe((uint)sps.Id);
        bits.WriteBits((uint)sps.ModelWidth / 2, 12);
        bits.WriteBits((uint)sps.ModelHeight / 2, 12);
        bits.WriteFlag(sps.Transpose);
        bool crop = (sps.CropLeft | sps.CropRight | sps.CropTop | sps.CropBottom) != 0;
        bits.WriteFlag(crop);
        if (crop)
        {
            bits.WriteUe((uint)sps.CropLeft / 2);
            bits.WriteUe((uint)sps.CropRight / 2);
            bits.WriteUe((uint)sps.CropTop / 2);
            bits.WriteUe((uint)sps.CropBottom / 2);
        }

        bits.WriteBits((uint)(sps.MaxTemporalLayers - 1), 3);
        bits.WriteUe((uint)(sps.FrameIndexBits - 8));
        bits.WriteStopBit();
    }

    /// <param name="payload">After the NAL unit header, emulation prevention removed.</param>
    /// <param name="sps">Valid when true is returned.</param>
    public static bool TryRead(ReadOnlySpan<byte> payload, out SequenceParameterSet sps)
    {
        BitReader bits = new(payload);
        byte major = (byte)bits.ReadBits(8);
        byte minor = (byte)bits.ReadBits(8);
        uint id = bits.ReadUe();
        int width = (int)bits.ReadBits(12) * 2;
        int height = (int)bits.ReadBits(12) * 2;
        bool transpose = bits.ReadFlag();
        bool crop = bits.ReadFlag();
        int left = crop ? ReadHalf(ref bits) : 0;
        int right = crop ? ReadHalf(ref bits) : 0;
        int top = crop ? ReadHalf(ref bits) : 0;
        int bottom = crop ? ReadHalf(ref bits) : 0;
        int layers = (int)bits.ReadBits(3) + 1;
        uint indexBitsLess8 = bits.ReadUe();
        bool complete = bits.ReadStopBit() && id <= int.MaxValue && indexBitsLess8 <= SequenceParameterSet.MaxFrameIndexBits - 8;
        sps = new(major, minor, (int)id, width, height, transpose, left, right, top, bottom, layers, (int)indexBitsLess8 + 8);
        return complete && sps.IsWritable;
    }

    public static void Write(ref BitWriter bits, in PictureParameterSet pps)
    {
        NaluHeader.Write(ref bits, NaluType.Pps, 0);
        bits.WriteUe((uint)pps.Id);
        bits.WriteUe((uint)pps.SpsId);
        bits.WriteSe(pps.InitQp - QpOrigin);
        bits.WriteStopBit();
    }

    /// <param name="payload">After the NAL unit header, emulation prevention removed.</param>
    /// <param name="pps">Valid when true is returned.</param>
    public static bool TryRead(ReadOnlySpan<byte> payload, out PictureParameterSet pps)
    {
        BitReader bits = new(payload);
        uint id = bits.ReadUe();
        uint spsId = bits.ReadUe();
        long initQp = (long)bits.ReadSe() + QpOrigin;
        pps = new((int)id, (int)spsId, (int)initQp);
        return bits.ReadStopBit() && id <= int.MaxValue && spsId <= int.MaxValue && initQp is >= 0 and <= FrameHeader.MaxQp;
    }

    public static void Write(ref BitWriter bits, in FrameHeader header, in PictureParameterSet pps, int frameIndexBits)
    {
        NaluHeader.Write(ref bits, header.NaluType, header.TemporalId);
        bits.WriteUe((uint)pps.Id);
        bits.WriteSe(header.Qp - pps.InitQp);
        int slots = header.LtrTable.Count;
        bits.WriteBits((uint)slots, 4);
        for (int slot = 0; slot < slots; slot++)
        {
            int index = header.LtrTable[slot];
            bits.WriteFlag(index < 0);
            if (index >= 0)
            {
                bits.WriteBits((uint)index, frameIndexBits);
            }
        }

        if (!header.IsIdr)
        {
            bits.WriteBits((uint)header.FrameIndex, frameIndexBits);
            bits.WriteBits((uint)header.ReferenceIndex, frameIndexBits);
            bits.WriteFlag(header.FeatureReset);
        }

        bits.AlignWithZeros();
    }

    /// <summary>pps_id, which says how to read the rest.</summary>
    /// <returns>-1 when it cannot be read or exceeds what a PPS can carry here.</returns>
    public static int ReadPpsId(ref BitReader bits)
    {
        uint id = bits.ReadUe();
        return bits.Failed || id > int.MaxValue ? -1 : (int)id;
    }

    /// <summary>What follows pps_id.</summary>
    /// <param name="bits">After pps_id; left at the encoded data.</param>
    /// <param name="type">From the NAL unit header.</param>
    /// <param name="temporalId">From the NAL unit header.</param>
    /// <param name="initQp">Of the PPS in force.</param>
    /// <param name="frameIndexBits">Of the SPS in force.</param>
    /// <param name="header">Valid when true is returned.</param>
    public static bool TryRead(ref BitReader bits, NaluType type, int temporalId, int initQp, int frameIndexBits, out FrameHeader header)
    {
        header = default;
        long qp = (long)bits.ReadSe() + initQp;
        int slots = (int)bits.ReadBits(4);
        if (slots > LtrTable.Capacity)
        {
            return false;
        }

        LtrTable table = default;
        for (int slot = 0; slot < slots; slot++)
        {
            bool empty = bits.ReadFlag();
            table[slot] = empty ? LtrTable.Empty : (int)bits.ReadBits(frameIndexBits);
        }

        bool idr = type == NaluType.IdrNLp;
        int index = idr ? 0 : (int)bits.ReadBits(frameIndexBits);
        int reference = idr ? 0 : (int)bits.ReadBits(frameIndexBits);
        bool reset = !idr && bits.ReadFlag();
        header = new(type, temporalId, (int)qp, index, reference, reset, table);
        return bits.SkipZeroPadding() && qp is >= 0 and <= FrameHeader.MaxQp;
    }

    // An absurd crop becomes one that no picture can have, so that the sums of the check below stay small.
    private static int ReadHalf(ref BitReader bits) => (int)uint.Min(bits.ReadUe(), SequenceParameterSet.MaxModelSide) * 2;
}
