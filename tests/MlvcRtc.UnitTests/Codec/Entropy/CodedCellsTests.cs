using System.Text.Json;
using MlvcRtc.Codec.Entropy;
using MlvcRtc.Codec.Motion;
using MlvcRtc.UnitTests.Codec.Motion;

namespace MlvcRtc.UnitTests.Codec.Entropy;

/// <summary>Frames of a model that codes by contexts.</summary>
public sealed class CodedCellsTests
{
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
            LatentCoder coder = CoderOf(shape, groups, levels);
            int q = frame.GetProperty("q").GetInt32();
            bool intra = frame.GetProperty("intra").GetBoolean();
            (int[] z, int[] y0, int[] y1) = (Integers(frame, "z"), Integers(frame, "y0"), Integers(frame, "y1"));
            byte[] golden = Convert.FromHexString(frame.GetProperty("bytes").GetString()!);
            (int[] readZ, int[] readY0, int[] readY1) = (new int[z.Length], new int[y0.Length], new int[y1.Length]);
            MotionField? motion = intra ? null : MotionVectors.FieldOf(frame, 16 * shape.YWidth, 16 * shape.YHeight);
            MotionField? readMotion = intra ? null : new MotionField(16 * shape.YWidth, 16 * shape.YHeight);

            Assert.Equal(golden, coder.Encode(q, intra, z, y0, y1, motion).ToArray());
            Assert.Equal(EntropyStatus.Ok, coder.Decode(golden, q, intra, readZ, readY0, readY1, readMotion));
            Assert.True(intra || motion!.Vectors.SequenceEqual(readMotion!.Vectors));
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
        (int[] ofZ, int[] ofFlags) = (Pattern(HyperLogits(zChannels, Groups)), Pattern(FlagLogits(Groups)));
        LatentCoder coder = new(shape, Tables(Levels), HyperTables(zChannels, Groups), LogitsOf(shape, Levels, Groups) with { Symbols = TrainedLogits.Of(logits) });
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

            (List<BinaryChoice> symbols, List<BinaryChoice> signs) = PlainSymbols.Choices(shape, Levels, Groups, logits, Weights(), q, intra, z, y0, y1, coded);
            RansEncoder plain = new();
            plain.Start([.. signs]);
            plain.Put([.. symbols]);
            plain.Put([.. PlainCells.Hyper(shape, z, coded, ofZ, Groups, q, intra)]);
            plain.Put([.. PlainCells.Flags(coded, ofFlags, Groups, q, intra)]);

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
        int[] logits = new int[Logits(OneCell.YChannels, 4, 1).Length];
        LatentCoder coder = new(OneCell, Tables(4), HyperTables(OneCell.ZChannels, 1), LogitsOf(OneCell, 4, 1) with { Symbols = TrainedLogits.Of(logits), Prediction = KeyPrediction.None });
        bool[,] coded = { { true } };
        RansEncoder encoder = new();
        encoder.Start();
        encoder.Put([.. PlainSymbols.Sizes(OneCell, 4, 1, logits, bits), .. rest.Select(answer => new BinaryChoice(32768, answer == '1'))]);
        encoder.Put([.. PlainCells.Hyper(OneCell, [0, 0], coded, Pattern(HyperLogits(2, 1)), 1, 0, intra: true)]);
        encoder.Put([.. PlainCells.Flags(coded, Pattern(FlagLogits(1)), 1, 0, intra: true)]);

        Assert.Equal(EntropyStatus.InvalidEscape, coder.Decode([.. encoder.Finish(), 1, 2, 3, 4], 0, true, new int[2], new int[1], new int[1]));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(-300)]
    [InlineData(int.MaxValue)]
    [InlineData(-int.MaxValue)]
    public void A_symbol_of_z_of_any_size_comes_back(int symbol)
    {
        LatentCoder coder = CoderOf(OneCell);
        int[] read = new int[2];
        byte[] bytes = coder.Encode(0, false, [symbol, -symbol], [0], [0]).ToArray();

        Assert.Equal(EntropyStatus.Ok, coder.Decode(bytes, 0, false, read, new int[1], new int[1]));
        Assert.Equal([symbol, -symbol], read);
        Assert.Throws<ArgumentOutOfRangeException>(() => { coder.Encode(0, true, [int.MinValue, 0], [0], [0]); });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(22)]
    [InlineData(23)]
    [InlineData(24)]
    [InlineData(80)]
    public void Signs_that_the_first_state_has_room_for_cost_nothing(int count)
    {
        LatentCoder coder = CoderOf(Shape);
        (int[] z, int[] y0, int[] y1) = (new int[Shape.ZCount], new int[Shape.HalfCount], new int[Shape.HalfCount]);
        y0.AsSpan(0, count).Fill(1);
        int length = coder.Encode(0, false, z, y0, y1).Length;
        for (int n = 0; n < count; n += 3)
        {
            y0[n] = -1;
        }

        byte[] bytes = coder.Encode(0, false, z, y0, y1).ToArray();
        int[] read = new int[y0.Length];

        Assert.Equal(EntropyStatus.Ok, coder.Decode(bytes, 0, false, z, read, y1));
        Assert.Equal(y0, read);
        Assert.InRange(bytes.Length, length - 1, length + 1); // signs have even odds either way
        Assert.InRange(coder.Encode(0, true, z, y0, y1).Length - bytes.Length, int.Min(count, 23) == 23 ? 1 : -60, 60);
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
        ContextLogits certain = LogitsOf(shape, 128, 1) with
        {
            Hyper = TrainedLogits.Of([.. Enumerable.Repeat(-6000, HyperLogits(48, 1))]),
            Flags = TrainedLogits.Of([.. Enumerable.Repeat(-6000, FlagLogits(1))]),
        };
        LatentCoder coder = new(shape, Tables(128), HyperTables(48, 1), certain);
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

    [Fact]
    public void Logits_are_as_many_as_the_contexts_number()
    {
        ContextLogits right = LogitsOf(Shape, 128, 1);
        foreach (int change in new[] { -1, 1 })
        {
            TrainedLogits Wrong(TrainedLogits logits) => TrainedLogits.Of(new int[logits.Count + change]);
            Refused(right with { Symbols = Wrong(right.Symbols) }, $"{right.Symbols.Count + change} choice_logits; expected {right.Symbols.Count}");
            Refused(right with { Hyper = Wrong(right.Hyper) }, $"{right.Hyper.Count + change} hyper_logits; expected {right.Hyper.Count}");
            Refused(right with { Flags = Wrong(right.Flags) }, $"{right.Flags.Count + change} flag_logits; expected {right.Flags.Count}");
            Refused(right with { Vectors = Wrong(right.Vectors) }, $"{right.Vectors.Count + change} vector_logits; expected {right.Vectors.Count}");
        }

        static void Refused(ContextLogits logits, string message)
        {
            InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => new LatentCoder(Shape, Tables(128), HyperTables(Shape.ZChannels, groups: 1), logits));
            Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Qualities_that_do_not_come_out_even_are_refused()
    {
        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => new LatentCoder(Shape, Tables(128), TableSets.Peaked(12 * Shape.ZChannels), LogitsOf(Shape, 128, 1)));

        Assert.Contains("12 quality indices with choice_logits; expected a multiple of 8", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Vectors_without_logits_are_the_callers_mistake()
    {
        LatentCoder plain = new(Shape, Tables(128), TableSets.Peaked(Shape.ZChannels));
        (int[] z, int[] y) = (new int[Shape.ZCount], new int[Shape.HalfCount]);

        Assert.Throws<ArgumentException>(() => { plain.Encode(0, false, z, y, y, new MotionField(160, 96)); });
        Assert.Throws<ArgumentException>(() => { CoderOf(Shape).Encode(0, false, z, y, y, new MotionField(176, 96)); });
    }

    [Fact]
    public void More_scales_than_contexts_know_are_refused()
    {
        InvalidDataException refusal = Assert.Throws<InvalidDataException>(
            () => new LatentCoder(Shape, Tables(129), HyperTables(Shape.ZChannels, groups: 1), LogitsOf(Shape, 129, 1)));

        Assert.Contains("129 scale levels", refusal.Message, StringComparison.Ordinal);
    }

    private static LatentCoder CoderOf(LatentShape shape, int groups = 1, int levels = 128) =>
        new(shape, Tables(levels), HyperTables(shape.ZChannels, groups), LogitsOf(shape, levels, groups));

    private static ContextLogits LogitsOf(LatentShape shape, int levels, int groups) => new(
        TrainedLogits.Of(Logits(shape.YChannels, levels, groups)),
        Prediction(),
        TrainedLogits.Of(Pattern(HyperLogits(shape.ZChannels, groups))),
        TrainedLogits.Of(Pattern(FlagLogits(groups))),
        TrainedLogits.Of(Pattern(MotionCoder.CountOf(groups))));

    /// <summary>How many logits z has, by the formula of docs/bitstream.md §11.</summary>
    private static int HyperLogits(int channels, int groups) => (20 * ((channels * (12 + 8 + 9 + 7 + groups)) + (groups * 96) + (9 * 7 * 8) + (7 * 9 * 11))) + channels;

    private static int FlagLogits(int groups) => 32 + (10 * groups) + 100 + 45 + 64 + 18;

    /// <summary>Logits as the note of cells.json describes them.</summary>
    private static int[] Pattern(int count) => [.. Enumerable.Range(0, count).Select(n => (int)(n * 7919L % 4001) - 2000)];

    private static FrequencyTables HyperTables(int channels, int groups) => TableSets.Peaked(8 * groups * channels);

    private static FrequencyTables Tables(int levels) => TableSets.Peaked(levels);

    /// <summary>Logits as the note of cells.json describes them; their number by the formula of docs/bitstream.md §11.</summary>
    private static int[] Logits(int yChannels, int levels, int groups) =>
        Pattern(12 * ((levels * 10) + (yChannels * (26 + 30 + 45 + 20)) + 2080 + (groups * 130) + 1248));

    /// <summary>Weights as the note of cells.json describes them.</summary>
    private static int[] Weights() => [.. Enumerable.Range(0, 28).Select(n => (n * 31 % 257) - 64)];

    private static KeyPrediction Prediction() => KeyPrediction.Of(Weights());

    private static int[] Integers(JsonElement frame, string name) => [.. frame.GetProperty(name).EnumerateArray().Select(value => value.GetInt32())];

    private static void Fill(Random random, int[] part, double share)
    {
        for (int i = 0; i < part.Length; i++)
        {
            part[i] = random.NextDouble() >= share ? 0 : random.Next(50) == 0 ? random.Next(-int.MaxValue, int.MaxValue) : random.Next(-6, 7);
        }
    }
}
