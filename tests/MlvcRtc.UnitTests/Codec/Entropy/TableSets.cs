using MlvcRtc.Codec.Entropy;

namespace MlvcRtc.UnitTests.Codec.Entropy;

/// <summary>Table sets for tests.</summary>
internal static class TableSets
{
    /// <summary>Rows 0 to 4 of the Gaussian tables as printed in the specification of the format (bitstream facts §2.6).</summary>
    public static FrequencyTables Printed { get; } = Of(
        [2, 2, 2, 2, 3],
        [
            [1, 1, 65531, 1, 1, 1],
            [1, 1095, 63343, 1095, 1, 1],
            [1, 5409, 54714, 5410, 1, 1],
            [64, 9861, 45684, 9861, 65, 1],
            [1, 457, 13066, 38486, 13066, 458, 1, 1],
        ]);

    public static FrequencyTables Of(int[] offsets, int[][] rows) =>
        FrequencyTables.Build([.. rows.Select(row => row.Length)], offsets, [.. rows.SelectMany(row => row)]);

    /// <summary>Tables of random shapes; about half leave a gap below 65536.</summary>
    public static FrequencyTables Random(Random random, int count)
    {
        var offsets = new int[count];
        var rows = new int[count][];
        for (int i = 0; i < count; i++)
        {
            int length = random.Next(2, 20);
            int budget = random.Next(2) == 0 ? 65536 : random.Next(length, 65537);
            var inner = new SortedSet<int>();
            while (inner.Count < length - 1)
            {
                inner.Add(random.Next(1, budget));
            }

            int[] cuts = [0, .. inner, budget];
            rows[i] = [.. cuts.Zip(cuts.Skip(1), (low, high) => high - low)];
            offsets[i] = random.Next(length - 1);
        }

        return Of(offsets, rows);
    }

    /// <summary>A peaked table of nine entries per index, wider as the index grows: shaped like a model's, made of arithmetic.</summary>
    public static FrequencyTables Peaked(int count)
    {
        int[][] rows = [.. Enumerable.Range(0, count).Select(index =>
        {
            int side = 1 + (index * 600 / count);
            return new[] { side, 2 * side, 3 * side, 4 * side, 65536 - (21 * side), 4 * side, 3 * side, 2 * side, 2 * side };
        })];
        return Of([.. Enumerable.Repeat(4, count)], rows);
    }
}
