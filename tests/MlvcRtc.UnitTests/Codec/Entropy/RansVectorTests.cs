using MlvcRtc.Codec.Entropy;

namespace MlvcRtc.UnitTests.Codec.Entropy;

/// <summary>Streams that other implementations of the format wrote, both ways, through the fast coder and the plain one.</summary>
public sealed class RansVectorTests
{
    [Fact]
    public void Every_stream_of_the_shared_vectors_is_written_and_read()
    {
        RansVectors vectors = RansVectors.Load();
        Assert.NotEmpty(vectors.Cases);
        foreach (RansCase one in vectors.Cases)
        {
            Check(vectors.Tables, one.Values, one.Indices, one.Bytes);
        }
    }

    [Theory]
    [InlineData("", "", "00 00 80 00")]
    [InlineData("0", "0", "82 02 80 00")]
    [InlineData("1", "2", "00 F7 0E 06")]
    [InlineData("0 1 -1 0", "2 2 2 2", "E2 A4 42 69")]
    [InlineData("0 0 0 0 0 0 0 0", "0 0 0 0 0 0 0 0", "10 14 80 00")]
    [InlineData("3", "1", "FF FF 00 02 00 00")]
    [InlineData("5", "1", "FF FF 00 20 00 12")]
    [InlineData("-3", "1", "FF FF 00 08 00 05")]
    [InlineData("0 -1 4 0 2", "0 1 2 3 4", "02 08 80 01 FF 34 E9 6F")]
    [InlineData("300", "4", "FF FF 00 20 00 0B 25")]
    [InlineData("-300 0 7", "4 4 4", "FF FF 9F 0D DF 1B 94 29 00 1A")]
    public void The_worked_examples_of_the_format_hold(string values, string indices, string bytes) =>
        Check(TableSets.Printed, Integers(values), [.. Integers(indices).Select(index => (short)index)], Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal)));

    [Fact]
    public void A_negative_index_codes_nothing_and_a_large_one_means_the_last_table() =>
        Check(TableSets.Printed, [0, 0, 1, 0], [-1, 2, 2, 9], [0xA0, 0xD1, 0x58, 0x0C]);

    [Fact]
    public void A_thousand_likely_zeros_fit_in_the_state() =>
        Check(TableSets.Printed, new int[1000], new short[1000], [0x09, 0x24, 0x8A, 0x00]);

    [Fact]
    public void A_frame_is_one_stream_over_two_table_sets()
    {
        FrequencyTables bitEstimator = TableSets.Of([2, 1], [[1, 204, 65128, 201, 1, 1], [500, 64000, 1000, 36]]);
        int[] z = [0, 1, 0, -3];
        short[] zIndices = [0, 0, 1, 1];
        int[] y0 = [0, 2, 0, -1];
        short[] y0Indices = [0, 2, 1, 4];
        int[] y1 = [0, 0, 7, 0];
        short[] y1Indices = [2, 0, 3, 4];
        var encoder = new RansEncoder();
        encoder.Start();
        encoder.Put(TableSets.Printed, y1, y1Indices);
        encoder.Put(TableSets.Printed, y0, y0Indices);
        encoder.Put(bitEstimator, z, zIndices);
        byte[] bytes = encoder.Finish().ToArray();

        // Computed outside this program from the definition. The format's notes (§2.7) print the same bytes and one more, 12, which no symbol produces.
        Assert.Equal("4B3CC600E869FD5BE8B27BA2", Convert.ToHexString(bytes));

        var decoder = new RansDecoder(bytes);
        int[] read = new int[4];
        Assert.True(decoder.Take(bitEstimator, read, zIndices));
        Assert.Equal(z, read);
        Assert.True(decoder.Take(TableSets.Printed, read, y0Indices));
        Assert.Equal(y0, read);
        Assert.True(decoder.Take(TableSets.Printed, read, y1Indices));
        Assert.Equal(y1, read);
        Assert.Equal(EntropyStatus.Ok, decoder.Finish());
    }

    private static void Check(FrequencyTables tables, int[] values, short[] indices, byte[] bytes)
    {
        var encoder = new RansEncoder();
        encoder.Put(tables, values, indices);
        Assert.Equal(bytes, encoder.Finish().ToArray());
        Assert.Equal(bytes, RansPlain.Encode(tables, values, indices));

        int[] read = new int[values.Length];
        var decoder = new RansDecoder(bytes);
        Assert.True(decoder.Take(tables, read, indices));
        Assert.Equal(values, read);
        Assert.Equal(EntropyStatus.Ok, decoder.Finish());
        Assert.Equal(EntropyStatus.Ok, RansPlain.Decode(tables, bytes, read, indices));
        Assert.Equal(values, read);
    }

    private static int[] Integers(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => int.Parse(word, System.Globalization.CultureInfo.InvariantCulture))];
}
