using MlvcRtc.Codec.Bitstream;

namespace MlvcRtc.UnitTests.Codec.Bitstream;

/// <summary>Random valid parameters, headers and data.</summary>
internal static class RandomStream
{
    public static SequenceParameterSet Sps(Random random)
    {
        int width = 2 * random.Next(1, 4096);
        int height = 2 * random.Next(1, 4096);
        bool crop = random.Next(2) == 0;
        int left = crop ? 2 * random.Next(width / 2) : 0;
        int top = crop ? 2 * random.Next(height / 2) : 0;
        int right = crop ? 2 * random.Next((width - left) / 2) : 0;
        int bottom = crop ? 2 * random.Next((height - top) / 2) : 0;
        int bits = random.Next(10) == 0 ? random.Next(17, 32) : random.Next(8, 17);
        return new(0, (byte)random.Next(256), 0, width, height, random.Next(2) == 0, left, right, top, bottom, random.Next(1, 9), bits);
    }

    public static FrameHeader Idr(Random random, in SequenceParameterSet sps) =>
        new(NaluType.IdrNLp, 0, random.Next(52), 0, 0, false, Table(random, sps));

    public static FrameHeader Predicted(Random random, in SequenceParameterSet sps)
    {
        long limit = 1L << sps.FrameIndexBits;
        return new(
            (NaluType)random.Next(4), random.Next(int.Min(7, sps.MaxTemporalLayers)), random.Next(52), (int)random.NextInt64(limit), (int)random.NextInt64(limit), random.Next(2) == 0, Table(random, sps));
    }

    /// <summary>1 to 40 bytes, rich in what looks like start codes.</summary>
    public static byte[] Data(Random random) =>
        [.. Enumerable.Range(0, random.Next(1, 41)).Select(_ => (byte)(random.Next(2) == 0 ? random.Next(4) : random.Next(256)))];

    private static LtrTable Table(Random random, in SequenceParameterSet sps)
    {
        LtrTable table = default;
        int slots = random.Next(9);
        for (int slot = 0; slot < slots; slot++)
        {
            table[slot] = random.Next(3) == 0 ? LtrTable.Empty : (int)random.NextInt64(1L << sps.FrameIndexBits);
        }

        return table;
    }
}
