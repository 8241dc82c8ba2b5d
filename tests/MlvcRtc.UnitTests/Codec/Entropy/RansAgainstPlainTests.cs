using MlvcRtc.Codec.Entropy;
using MlvcRtc.Proof.Fuzzing;

namespace MlvcRtc.UnitTests.Codec.Entropy;

/// <summary>The fast coder and the plain one agree on bytes, values and verdicts, whatever the tables, values and bytes.</summary>
public sealed class RansAgainstPlainTests
{
    private const int Rounds = 300;

    [Fact]
    public void Both_write_the_same_bytes_and_read_the_same_values()
    {
        var random = new Random(1);
        var encoder = new RansEncoder();
        for (int round = 0; round < Rounds; round++)
        {
            FrequencyTables tables = TableSets.Random(random, random.Next(1, 9));
            short[] indices = Indices(random, tables.Count);
            int[] values = [.. indices.Select(index => index < 0 ? 0 : Value(random))];

            encoder.Start();
            encoder.Put(tables, values, indices);
            byte[] bytes = encoder.Finish().ToArray();
            Assert.Equal(RansPlain.Encode(tables, values, indices), bytes);

            int[] fast = new int[values.Length];
            var decoder = new RansDecoder(bytes);
            decoder.Take(tables, fast, indices);
            Assert.Equal(EntropyStatus.Ok, decoder.Finish());
            Assert.Equal(values, fast);
            Assert.Equal(EntropyStatus.Ok, RansPlain.Decode(tables, bytes, fast, indices));
            Assert.Equal(values, fast);
        }
    }

    [Fact]
    public void Coding_with_one_table_equals_coding_with_that_table_for_every_value()
    {
        var random = new Random(2);
        FrequencyTables tables = TableSets.Random(random, 5);
        int[] values = [.. Enumerable.Range(0, 500).Select(_ => Value(random))];
        var encoder = new RansEncoder();
        encoder.Put(tables, values, 3);
        byte[] bytes = encoder.Finish().ToArray();

        Assert.Equal(RansPlain.Encode(tables, values, [.. Enumerable.Repeat((short)3, 500)]), bytes);
        int[] read = new int[500];
        var decoder = new RansDecoder(bytes);
        Assert.True(decoder.Take(tables, read, 3));
        Assert.Equal(EntropyStatus.Ok, decoder.Finish());
        Assert.Equal(values, read);
    }

    [Fact]
    public void Both_give_the_same_verdict_on_damaged_and_random_bytes()
    {
        var random = new Random(3);
        var seen = new HashSet<EntropyStatus>();
        for (int round = 0; round < 20 * Rounds; round++)
        {
            FrequencyTables tables = TableSets.Random(random, 3);
            short[] indices = Indices(random, tables.Count);
            byte[] bytes = RansPlain.Encode(tables, [.. indices.Select(index => index < 0 ? 0 : Value(random))], indices);
            RansDamage.Damage(random, ref bytes);

            int[] fast = new int[indices.Length];
            int[] plain = new int[indices.Length];
            var decoder = new RansDecoder(bytes);
            decoder.Take(tables, fast, indices);
            EntropyStatus status = decoder.Finish();
            Assert.Equal(RansPlain.Decode(tables, bytes, plain, indices), status);
            if (status is EntropyStatus.Ok or EntropyStatus.InvalidEnd)
            {
                Assert.Equal(plain, fast);
            }

            seen.Add(status);
        }

        Assert.Equal(Enum.GetValues<EntropyStatus>().Except([EntropyStatus.InvalidMotion]).ToHashSet(), seen);
    }

    private static short[] Indices(Random random, int tables) =>
        [.. Enumerable.Range(0, random.Next(0, 60)).Select(_ => (short)random.Next(-1, tables + 2))];

    /// <summary>Mostly what a table holds, sometimes an escape of any length, sometimes the ends of the number range.</summary>
    private static int Value(Random random) => random.Next(20) switch
    {
        < 12 => 0,
        < 16 => random.Next(-20, 21),
        < 18 => random.Next(-70000, 70000),
        18 => random.Next(int.MinValue, int.MaxValue),
        _ => random.Next(2) == 0 ? int.MinValue : int.MaxValue,
    };
}
