using MlvcRtc.Codec.Entropy;

namespace MlvcRtc.UnitTests.Codec.Entropy;

/// <summary>Tables come from files, so every rule is checked and the message names the table.</summary>
public sealed class FrequencyTablesTests
{
    [Theory]
    [InlineData("no tables", new int[0], new int[0], new int[0], "table lengths")]
    [InlineData("fewer offsets than lengths", new[] { 3, 3 }, new[] { 1 }, new[] { 1, 2, 3, 1, 2, 3 }, "2 table lengths but 1 offsets")]
    [InlineData("a table of one entry", new[] { 1 }, new[] { 0 }, new[] { 5 }, "Table 0 has length 1")]
    [InlineData("more entries promised than there", new[] { 3, 4 }, new[] { 1, 1 }, new[] { 1, 2, 3, 1, 2, 3 }, "Table 1 has length 4")]
    [InlineData("a negative length", new[] { -1 }, new[] { 0 }, new[] { 1, 2 }, "Table 0 has length -1")]
    [InlineData("entries left over", new[] { 3 }, new[] { 1 }, new[] { 1, 2, 3, 4 }, "sum to 3 but there are 4")]
    [InlineData("an offset at the escape", new[] { 3 }, new[] { 2 }, new[] { 1, 2, 3 }, "Table 0 has offset 2; expected 0 to 1")]
    [InlineData("a negative offset", new[] { 3 }, new[] { -1 }, new[] { 1, 2, 3 }, "Table 0 has offset -1")]
    [InlineData("a frequency of zero", new[] { 3 }, new[] { 1 }, new[] { 1, 0, 3 }, "Table 0, entry 1: frequency 0")]
    [InlineData("a sum above 65536", new[] { 3 }, new[] { 1 }, new[] { 1, 65535, 1 }, "Table 0, entry 2: frequency 1 after a sum of 65536")]
    [InlineData("a frequency that overflows", new[] { 3 }, new[] { 1 }, new[] { 1, int.MaxValue, 1 }, "Table 0, entry 1")]
    public void A_table_that_breaks_a_rule_is_refused(string because, int[] lengths, int[] offsets, int[] frequencies, string message)
    {
        InvalidDataException refused = Assert.Throws<InvalidDataException>(() => FrequencyTables.Build(lengths, offsets, frequencies));

        Assert.True(refused.Message.Contains(message, StringComparison.Ordinal), $"{because}: {refused.Message}");
    }

    [Fact]
    public void A_sum_of_exactly_65536_and_a_smaller_one_are_accepted()
    {
        Assert.Equal(2, FrequencyTables.Build([2, 2], [0, 0], [65535, 1, 1, 1]).Count);
    }

    [Fact]
    public void Division_by_every_frequency_is_exact_at_the_ends_of_the_state()
    {
        // One value of frequency f, coded from the states around every multiple where a wrong reciprocal would show, equals plain division.
        var random = new Random(4);
        var encoder = new RansEncoder();
        for (int frequency = 1; frequency <= 65535; frequency += frequency < 1000 ? 1 : 251)
        {
            FrequencyTables tables = TableSets.Of([0], [[frequency, 65536 - frequency]]);
            int[] values = [.. Enumerable.Range(0, 12).Select(_ => random.Next(2))];
            short[] indices = new short[12];
            encoder.Start();
            encoder.Put(tables, values, indices);
            Assert.Equal(RansPlain.Encode(tables, values, indices), encoder.Finish().ToArray());
        }
    }
}
