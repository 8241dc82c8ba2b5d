using System.Text.Json;
using MlvcRtc.Codec.Entropy;

namespace MlvcRtc.UnitTests.Codec.Entropy;

/// <summary>Frames of a model that codes by contexts.</summary>
public sealed class CodedCellsTests
{
    private const int HyperContexts = 18;
    private static readonly LatentShape Shape = LatentShape.Of(160, 96, 16, 6, 16, 4, 4);
    private static readonly LatentShape OneCell = LatentShape.Of(16, 16, 2, 2, 16, 4, 1);

    [Fact]
    public void The_golden_frames_are_what_this_code_writes_and_reads()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Root, "tests", "vectors", "cells.json")));
        JsonElement root = document.RootElement;
        (int levels, int yChannels, int zChannels) = (root.GetProperty("levels").GetInt32(), root.GetProperty("y_channels").GetInt32(), root.GetProperty("z_channels").GetInt32());
        int groups = root.GetProperty("q_groups").GetInt32();
        int frames = 0;
        foreach (JsonElement frame in root.GetProperty("frames").EnumerateArray())
        {
            LatentShape shape = LatentShape.Of(
                16 * frame.GetProperty("columns").GetInt32(), 16 * frame.GetProperty("rows").GetInt32(), yChannels, zChannels, 16, root.GetProperty("hyper_stride").GetInt32(), root.GetProperty("scale_repeat").GetInt32());
            LatentCoder coder = new(shape, Tables(levels), HyperTables(zChannels, groups), ChoiceLogits.Of(Logits(yChannels, levels, groups), Prediction()));
            int q = frame.GetProperty("q").GetInt32();
            bool intra = frame.GetProperty("intra").GetBoolean();
            (int[] z, int[] y0, int[] y1) = (Integers(frame, "z"), Integers(frame, "y0"), Integers(frame, "y1"));
            byte[] golden = Convert.FromHexString(frame.GetProperty("bytes").GetString()!);
            (int[] readZ, int[] readY0, int[] readY1) = (new int[z.Length], new int[y0.Length], new int[y1.Length]);

            Assert.Equal(golden, coder.Encode(q, intra, z, y0, y1).ToArray());
            Assert.Equal(EntropyStatus.Ok, coder.Decode(golden, q, intra, readZ, readY0, readY1));
            Assert.Equal(z, readZ);
            Assert.Equal(y0, readY0);
            Assert.Equal(y1, readY1);
            frames++;
        }

        Assert.InRange(frames, 5, 1000);
    }

    [Fact]
    public void Frames_of_any_content_come_back_also_after_others()
    {
        Random random = new(6);
        foreach (LatentShape shape in new[] { Shape, OneCell, LatentShape.Of(16, 80, 8, 4, 16, 3, 2), LatentShape.Of(112, 16, 12, 4, 16, 2, 3) })
        {
            LatentCoder coder = CoderOf(shape);
            (int[] z, int[] y0, int[] y1) = (new int[shape.ZCount], new int[shape.HalfCount], new int[shape.HalfCount]);
            for (int round = 0; round < 100; round++)
            {
                Fill(random, z, 0.5);
                Fill(random, y0, round % 7 * 0.1);
                Fill(random, y1, round % 5 * 0.01);
                bool intra = round % 3 == 0;
                byte[] bytes = coder.Encode(0, intra, z, y0, y1).ToArray();
                (int[] readZ, int[] readY0, int[] readY1) = (new int[z.Length], new int[y0.Length], new int[y1.Length]);
                readY0.AsSpan().Fill(7); // what a frame before has left

                Assert.Equal(EntropyStatus.Ok, coder.Decode(bytes, 0, intra, readZ, readY0, readY1));
                Assert.Equal(z, readZ);
                Assert.Equal(y0, readY0);
                Assert.Equal(y1, readY1);
            }
        }
    }

    [Theory]
    [InlineData(160, 96, 16, 6, 4, 4)]
    [InlineData(16, 16, 2, 2, 4, 1)]
    [InlineData(16, 80, 8, 4, 3, 2)]
    [InlineData(112, 48, 24, 6, 2, 4)]
    public void The_bytes_are_those_of_the_slow_obvious_way(int width, int height, int yChannels, int zChannels, int hyper, int repeat)
    {
        const int Levels = 40;
        const int Groups = 2;
        Random random = new(width);
        LatentShape shape = LatentShape.Of(width, height, yChannels, zChannels, 16, hyper, repeat);
        int[] logits = [.. Logits(yChannels, Levels, Groups).Select(logit => logit * random.Next(1, 5) / 3)];
        FrequencyTables alike = Spreading(Enumerable.Repeat(3, zChannels * HyperContexts * Groups), HyperContexts);
        LatentCoder coder = new(shape, Tables(Levels), alike, ChoiceLogits.Of(logits, Prediction()));
        (int[] z, int[] y0, int[] y1) = (new int[shape.ZCount], new int[shape.HalfCount], new int[shape.HalfCount]);
        for (int round = 0; round < 12; round++)
        {
            Fill(random, z, 0.7);
            Fill(random, y0, round % 4 * 0.15);
            Fill(random, y1, round % 3 * 0.1);
            foreach (int cell in Enumerable.Range(0, shape.YHeight * shape.YWidth).Where(_ => random.Next(4) == 0))
            {
                for (int n = cell; n < y0.Length; n += shape.YHeight * shape.YWidth)
                {
                    y0[n] = y1[n] = 0;
                }
            }

            (int q, bool intra) = (random.Next(8 * Groups), random.Next(2) == 0);
            bool[,] coded = new bool[shape.YHeight, shape.YWidth];
            for (int n = 0; n < y0.Length; n++)
            {
                int cell = n % coded.Length;
                coded[cell / shape.YWidth, cell % shape.YWidth] |= y0[n] != 0 || y1[n] != 0;
            }

            RansEncoder plain = new();
            plain.Start();
            plain.Put([.. PlainSymbols.Choices(shape, Levels, Groups, logits, Weights(), q, intra, z, y0, y1, coded)]);
            plain.Put(alike, z, 0);
            plain.Put([.. Flags(coded)]);

            Assert.Equal(plain.Finish().ToArray(), coder.Encode(q, intra, z, y0, y1).ToArray());
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(-4)]
    [InlineData(-1000)]
    [InlineData(int.MaxValue)]
    [InlineData(-int.MaxValue)]
    public void A_symbol_of_any_size_comes_back(int symbol)
    {
        LatentCoder coder = CoderOf(OneCell);
        int[] read = new int[2];
        byte[] bytes = coder.Encode(0, true, [0, 0], [symbol], [-symbol]).ToArray();

        Assert.Equal(EntropyStatus.Ok, coder.Decode(bytes, 0, true, new int[2], read.AsSpan(0, 1), read.AsSpan(1)));
        Assert.Equal([symbol, -symbol], read);
    }

    [Fact]
    public void The_one_integer_without_a_magnitude_is_the_callers_mistake()
    {
        LatentCoder coder = CoderOf(OneCell);

        Assert.Throws<ArgumentOutOfRangeException>(() => { coder.Encode(0, true, [0, 0], [int.MinValue], [0]); });
        Assert.Equal(CoderOf(OneCell).Encode(0, true, [0, 0], [3], [0]).ToArray(), coder.Encode(0, true, [0, 0], [3], [0]).ToArray());
    }

    [Theory]
    [InlineData(31, "")]
    [InlineData(30, "111111111111111111111111111111")] // 2^31 − 1, and 3
    public void A_magnitude_beyond_31_bits_is_refused(int bits, string rest)
    {
        // All rates of learning are as in the slow way, which says yes as often as it is told; what follows is our own.
        int[] logits = new int[ChoiceLogits.CountOf(OneCell.YChannels, 4, 1)];
        FrequencyTables alike = Spreading(Enumerable.Repeat(3, 2 * HyperContexts), HyperContexts);
        LatentCoder coder = new(OneCell, Tables(4), alike, ChoiceLogits.Of(logits, KeyPrediction.None));
        RansEncoder encoder = new();
        encoder.Start();
        encoder.Put([.. PlainSymbols.Sizes(OneCell, 4, 1, logits, bits), .. rest.Select(answer => new BinaryChoice(32768, answer == '1'))]);
        encoder.Put(alike, [0, 0], 0);
        encoder.Put([new BinaryChoice(32768, true)]);

        Assert.Equal(EntropyStatus.InvalidEscape, coder.Decode([.. encoder.Finish(), 1, 2, 3, 4], 0, true, new int[2], new int[1], new int[1]));
    }

    [Fact]
    public void A_key_frame_whose_symbols_lie_far_from_what_it_predicts_comes_back()
    {
        LatentCoder coder = CoderOf(Shape);
        int[] y0 = [.. Enumerable.Range(0, Shape.HalfCount).Select(n => n % 3 == 0 ? 2_000_000_000 : -2_000_000_000)];
        (int[] z, int[] readY0, int[] readY1) = (new int[Shape.ZCount], new int[y0.Length], new int[y0.Length]);
        byte[] bytes = coder.Encode(0, true, z, y0, y0).ToArray();

        Assert.Equal(EntropyStatus.Ok, coder.Decode(bytes, 0, true, new int[z.Length], readY0, readY1));
        Assert.Equal(y0, readY0);
        Assert.Equal(y0, readY1);
    }

    [Fact]
    public void Cells_without_a_symbol_cost_two_bytes_in_all()
    {
        LatentShape shape = LatentShape.Of(640, 368, 96, 48, 16, 4, 4);
        int tables = 48 * HyperContexts;
        FrequencyTables certain = TableSets.Of([.. Enumerable.Repeat(0, tables)], [.. Enumerable.Repeat(new[] { 65535, 1 }, tables)], HyperContexts);
        LatentCoder coder = new(shape, Tables(128), certain, ChoiceLogits.Of(Logits(96, 128, 1), Prediction()));
        (int[] z, int[] y) = (new int[shape.ZCount], new int[shape.HalfCount]);

        Assert.InRange(coder.Encode(0, false, z, y, y).Length, 4, 6); // four are the state
    }

    [Fact]
    public void Damaged_bytes_never_throw_and_truncated_ones_are_refused()
    {
        Random random = new(9);
        LatentCoder coder = CoderOf(Shape);
        (int[] z, int[] y0, int[] y1) = (new int[Shape.ZCount], new int[Shape.HalfCount], new int[Shape.HalfCount]);
        Fill(random, z, 0.5);
        Fill(random, y0, 0.1);
        Fill(random, y1, 0.1);
        byte[] bytes = coder.Encode(0, false, z, y0, y1).ToArray();
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.NotEqual(EntropyStatus.Ok, coder.Decode(bytes.AsSpan(0, length), 0, false, z, y0, y1));
        }

        for (int round = 0; round < 3000; round++)
        {
            byte[] changed = [.. bytes];
            for (int count = random.Next(1, 5); count > 0; count--)
            {
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            }

            coder.Decode(changed, 0, round % 2 == 0, z, y0, y1);
        }
    }

    [Fact]
    public void Coding_allocates_nothing_once_the_buffers_have_grown()
    {
        LatentCoder coder = CoderOf(Shape);
        (int[] z, int[] y0, int[] y1) = (new int[Shape.ZCount], new int[Shape.HalfCount], new int[Shape.HalfCount]);
        Fill(new Random(12), y0, 0.9);
        byte[] bytes = coder.Encode(0, false, z, y0, y1).ToArray();
        coder.Decode(bytes, 0, false, z, y0, y1);

        // Once, in one of very many runs, something of the runtime's own fell into the measurement; what the coder allocates would be there in every round.
        Assert.Contains(0, Enumerable.Range(0, 3).Select(_ => AllocatedBy(() =>
        {
            for (int round = 0; round < 20; round++)
            {
                coder.Encode(0, false, z, y0, y1);
                coder.Decode(bytes, 0, false, z, y0, y1);
            }
        })));
    }

    private static long AllocatedBy(Action action)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    [Fact]
    public void A_quality_index_chooses_among_the_tables_of_eight()
    {
        LatentCoder coder = CoderOf(Shape, groups: 3);
        int[] z = [.. Enumerable.Repeat(2, Shape.ZCount)];
        int[] y = new int[Shape.HalfCount];
        byte[] first = coder.Encode(0, false, z, y, y).ToArray();

        Assert.Equal(24, coder.QIndexCount);
        Assert.Equal(first, coder.Encode(7, false, z, y, y).ToArray());
        Assert.NotEqual(first, coder.Encode(8, false, z, y, y).ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => { coder.Encode(24, false, z, y, y); });
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(10, 14)]
    public void Tables_that_do_not_come_out_even_are_refused(int contexts, int tables)
    {
        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => TableSets.Of(
            [.. Enumerable.Repeat(0, tables)], [.. Enumerable.Repeat(new[] { 60000, 1 }, tables)], contexts));

        Assert.Contains("contexts", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, HyperContexts, false, "update it")]
    [InlineData(1, 1, true, "update it")]
    [InlineData(1, 9, true, "update it")]
    [InlineData(10, HyperContexts, false, "Fetch a newer bundle")]
    [InlineData(10, HyperContexts, true, "Fetch a newer bundle")]
    public void A_model_has_logits_of_y_and_contexts_of_z_or_neither(int ofY, int ofZ, bool logits, string remedy)
    {
        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => new LatentCoder(
            Shape,
            Spreading(Enumerable.Range(0, 2 * ofY), ofY),
            Spreading(Enumerable.Range(0, Shape.ZChannels * ofZ), ofZ),
            logits ? ChoiceLogits.Of(Logits(16, 2, 1), Prediction()) : null));

        Assert.Contains(remedy, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Logits_are_as_many_as_the_contexts_number()
    {
        int[] logits = Logits(16, 128, 1);
        foreach (int[] wrong in new[] { [], logits[1..], [.. logits, 0] })
        {
            InvalidDataException refusal = Assert.Throws<InvalidDataException>(
                () => new LatentCoder(Shape, Tables(128), HyperTables(Shape.ZChannels, groups: 1), ChoiceLogits.Of(wrong, Prediction())));
            Assert.Contains($"{wrong.Length} choice_logits; expected {logits.Length}", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void More_scales_than_contexts_know_are_refused()
    {
        InvalidDataException refusal = Assert.Throws<InvalidDataException>(
            () => new LatentCoder(Shape, Tables(129), HyperTables(Shape.ZChannels, groups: 1), ChoiceLogits.Of(Logits(16, 129, 1), Prediction())));

        Assert.Contains("129 scale levels", refusal.Message, StringComparison.Ordinal);
    }

    private static LatentCoder CoderOf(LatentShape shape, int groups = 1) =>
        new(shape, Tables(128), HyperTables(shape.ZChannels, groups), ChoiceLogits.Of(Logits(shape.YChannels, 128, groups), Prediction()));

    private static FrequencyTables HyperTables(int channels, int groups) => Spreading(
        Enumerable.Range(0, groups).SelectMany(row => Enumerable.Range(row, HyperContexts).SelectMany(context => Enumerable.Range(context, channels))), HyperContexts);

    private static FrequencyTables Tables(int levels) => Spreading(Enumerable.Range(0, levels));

    /// <summary>Logits as the note of cells.json describes them; their number by the formula of docs/bitstream.md §11.</summary>
    private static int[] Logits(int yChannels, int levels, int groups) =>
        [.. Enumerable.Range(0, 12 * ((levels * 10) + (yChannels * (26 + 30 + 45 + 20)) + 2080 + (groups * 130) + 1248)).Select(n => (int)(n * 7919L % 4001) - 2000)];

    /// <summary>Weights as the note of cells.json describes them.</summary>
    private static int[] Weights() => [.. Enumerable.Range(0, 28).Select(n => (n * 31 % 257) - 64)];

    private static KeyPrediction Prediction() => KeyPrediction.Of(Weights());

    /// <summary>Tables of z as the note of cells.json describes them.</summary>
    private static FrequencyTables Spreading(IEnumerable<int> numbers, int contexts = 1)
    {
        int[][] rows = [.. numbers.Select(number =>
        {
            int side = 30 + (150 * int.Min(number, 25));
            return new[] { side, 2 * side, 4 * side, 65536 - (15 * side), 4 * side, 2 * side, side, side };
        })];
        return TableSets.Of([.. Enumerable.Repeat(3, rows.Length)], rows, contexts);
    }

    /// <summary>The flags' choices: odds by counts of yes and no from half a count each (docs/bitstream.md §10), by how many cells left, above and above right are coded.</summary>
    private static IEnumerable<BinaryChoice> Flags(bool[,] coded)
    {
        int[,] seen = new int[4, 2];
        for (int row = 0; row < coded.GetLength(0); row++)
        {
            for (int column = 0; column < coded.GetLength(1); column++)
            {
                int context = At(row, column - 1) + At(row - 1, column) + At(row - 1, column + 1);
                (long no, long yes) = (seen[context, 0], seen[context, 1]);
                yield return new BinaryChoice((ushort)(65536 - Math.Clamp(((2 * yes) + 1) * 65536 / (2 * (no + yes + 1)), 1, 65535)), coded[row, column]);
                seen[context, coded[row, column] ? 1 : 0]++;
            }
        }

        int At(int row, int column) => row >= 0 && column >= 0 && column < coded.GetLength(1) && coded[row, column] ? 1 : 0;
    }

    private static int[] Integers(JsonElement frame, string name) => [.. frame.GetProperty(name).EnumerateArray().Select(value => value.GetInt32())];

    private static void Fill(Random random, int[] part, double share)
    {
        for (int i = 0; i < part.Length; i++)
        {
            part[i] = random.NextDouble() >= share ? 0 : random.Next(50) == 0 ? random.Next(-int.MaxValue, int.MaxValue) : random.Next(-6, 7);
        }
    }
}
