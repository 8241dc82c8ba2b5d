using MlvcRtc.Codec.Entropy;

namespace MlvcRtc.Proof.Fuzzing;

/// <summary>Whatever bytes claim to be a frame of a model with contexts: reading them ends and throws nothing, whatever the shape of the frame.</summary>
public sealed class HostileCellsTests
{
    private const int Levels = 12;
    private const int YChannels = 8;
    private const int HyperChannels = 6;
    private const int HyperRows = 2;

    [Fact]
    public void Damaged_and_random_frames_are_read_or_refused()
    {
        Random random = new(1);
        FrequencyTables tables = Tables(Levels);
        FrequencyTables hyperTables = Tables(HyperChannels * ContextLogits.QStep * HyperRows);
        ContextLogits logits = Logits(random);
        HashSet<EntropyStatus> seen = [];
        for (int round = 0; round < 10 * ProofSize.Cases; round++)
        {
            LatentShape shape = LatentShape.Of(16 * random.Next(1, 10), 16 * random.Next(1, 8), YChannels, HyperChannels, 16, random.Next(1, 5), 2);
            LatentCoder coder = new(shape, tables, hyperTables, logits);
            (int[] z, int[] y0, int[] y1) = (Symbols(random, shape.ZCount, 0.5), Symbols(random, shape.HalfCount, 0.1), Symbols(random, shape.HalfCount, 0.05));
            int q = random.Next(coder.QIndexCount);
            bool intra = random.Next(2) == 0;
            byte[] bytes = coder.Encode(q, intra, z, y0, y1).ToArray();
            RansDamage.Damage(random, ref bytes);

            seen.Add(coder.Decode(bytes, q, intra, z, y0, y1));
        }

        Assert.Contains(EntropyStatus.Truncated, seen);
        Assert.Contains(EntropyStatus.InvalidEnd, seen);
    }

    /// <summary>Small ones, so that no choice is almost certain: damage then makes any symbol.</summary>
    private static ContextLogits Logits(Random random)
    {
        (long symbols, long hyper, long flags, long vectors) = ContextLogits.CountsOf(YChannels, HyperChannels, Levels, HyperRows);
        int[] weights = new int[KeyPrediction.WeightCount];
        foreach (ref int weight in weights.AsSpan())
        {
            weight = random.Next(-300, 301);
        }

        return new ContextLogits(Some(symbols), KeyPrediction.Of(weights), Some(hyper), Some(flags), Some(vectors));

        TrainedLogits Some(long count) => TrainedLogits.Of([.. Enumerable.Range(0, (int)count).Select(_ => random.Next(-2000, 2001))]);
    }

    private static int[] Symbols(Random random, int count, double share)
    {
        int[] symbols = new int[count];
        foreach (ref int symbol in symbols.AsSpan())
        {
            symbol = random.NextDouble() >= share ? 0 : random.Next(50) switch { 0 => int.MaxValue / 4, 1 => int.MinValue / 4, _ => random.Next(-6, 7) };
        }

        return symbols;
    }

    private static FrequencyTables Tables(int count)
    {
        int[][] rows = [.. Enumerable.Range(0, count).Select(number =>
        {
            int side = 30 + (150 * (number % 25));
            return new[] { side, 2 * side, 65536 - (8 * side), 3 * side, 2 * side };
        })];
        return FrequencyTables.Build([.. rows.Select(row => row.Length)], [.. Enumerable.Repeat(2, count)], [.. rows.SelectMany(row => row)]);
    }
}
