using System.Text.Json;
using MlvcRtc.Codec.Entropy;

namespace MlvcRtc.UnitTests.Codec.Entropy;

/// <summary>tests/vectors/rans.json: tables, and streams that an independent implementation wrote with them.</summary>
internal sealed record RansVectors(FrequencyTables Tables, IReadOnlyList<RansCase> Cases)
{
    public static RansVectors Load()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Root, "tests", "vectors", "rans.json")));
        JsonElement[] tables = [.. document.RootElement.GetProperty("tables").EnumerateArray()];
        int[][] rows = [.. tables.Select(table => Integers(table.GetProperty("frequencies")))];
        int[] offsets = [.. tables.Select(table => table.GetProperty("offset").GetInt32())];
        return new RansVectors(
            TableSets.Of(offsets, rows),
            [.. document.RootElement.GetProperty("cases").EnumerateArray().Select(one => new RansCase(
                Integers(one.GetProperty("symbols")),
                [.. Integers(one.GetProperty("index")).Select(index => (short)index)],
                Convert.FromHexString(one.GetProperty("bytes").GetString()!)))]);
    }

    private static int[] Integers(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetInt32())];
}

/// <summary>One stream of the vector file.</summary>
internal sealed record RansCase(int[] Values, short[] Indices, byte[] Bytes);
