using System.Text.Json;
using MlvcRtc.Codec.Entropy;

namespace MlvcRtc.UnitTests.Codec.Entropy;

/// <summary>Frames of a model that has tables for contexts.</summary>
public sealed class CodedCellsTests
{
    private const int Contexts = 10;
    private const int HyperContexts = 18;
    private static readonly LatentShape Shape = LatentShape.Of(160, 96, 16, 6, 16, 4, 4);

    [Fact]
    public void The_golden_frames_are_what_this_code_writes_and_reads()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Root, "tests", "vectors", "cells.json")));
        JsonElement root = document.RootElement;
        int levels = root.GetProperty("levels").GetInt32();
        Assert.Equal(Contexts, root.GetProperty("contexts").GetInt32());
        int zChannels = root.GetProperty("z_channels").GetInt32();
        int frames = 0;
        foreach (JsonElement frame in root.GetProperty("frames").EnumerateArray())
        {
            LatentShape shape = LatentShape.Of(
                16 * frame.GetProperty("columns").GetInt32(), 16 * frame.GetProperty("rows").GetInt32(), root.GetProperty("y_channels").GetInt32(), zChannels, 16, root.GetProperty("hyper_stride").GetInt32(), root.GetProperty("scale_repeat").GetInt32());
            LatentCoder coder = new(shape, Tables(levels), HyperTables(zChannels, rows: 2));
            int q = frame.GetProperty("q").GetInt32();
            (int[] z, int[] y0, int[] y1) = (Integers(frame, "z"), Integers(frame, "y0"), Integers(frame, "y1"));
            byte[] golden = Convert.FromHexString(frame.GetProperty("bytes").GetString()!);
            (int[] readZ, int[] readY0, int[] readY1) = (new int[z.Length], new int[y0.Length], new int[y1.Length]);

            Assert.Equal(golden, coder.Encode(q, z, y0, y1).ToArray());
            Assert.Equal(EntropyStatus.Ok, coder.Decode(golden, q, readZ, readY0, readY1));
            Assert.Equal(z, readZ);
            Assert.Equal(y0, readY0);
            Assert.Equal(y1, readY1);
            frames++;
        }

        Assert.Equal(5, frames);
    }

    [Fact]
    public void Frames_of_any_content_come_back_also_after_others()
    {
        Random random = new(6);
        LatentCoder coder = CoderOf();
        (int[] z, int[] y0, int[] y1) = (new int[Shape.ZCount], new int[Shape.HalfCount], new int[Shape.HalfCount]);
        for (int round = 0; round < 200; round++)
        {
            Fill(random, z, 0.5);
            Fill(random, y0, round % 7 * 0.1);
            Fill(random, y1, round % 5 * 0.01);
            byte[] bytes = coder.Encode(0, z, y0, y1).ToArray();
            (int[] readZ, int[] readY0, int[] readY1) = (new int[z.Length], new int[y0.Length], new int[y1.Length]);
            readY0.AsSpan().Fill(7); // what a frame before has left

            Assert.Equal(EntropyStatus.Ok, coder.Decode(bytes, 0, readZ, readY0, readY1));
            Assert.Equal(z, readZ);
            Assert.Equal(y0, readY0);
            Assert.Equal(y1, readY1);
        }
    }

    [Fact]
    public void Cells_without_a_symbol_cost_two_bytes_in_all()
    {
        LatentShape shape = LatentShape.Of(640, 368, 96, 48, 16, 4, 4);
        int tables = 48 * HyperContexts;
        FrequencyTables certain = TableSets.Of([.. Enumerable.Repeat(0, tables)], [.. Enumerable.Repeat(new[] { 65535, 1 }, tables)], HyperContexts);
        LatentCoder coder = new(shape, Tables(128), certain);
        (int[] z, int[] y) = (new int[shape.ZCount], new int[shape.HalfCount]);

        Assert.InRange(coder.Encode(0, z, y, y).Length, 4, 6); // four are the state
    }

    [Fact]
    public void Damaged_bytes_never_throw_and_truncated_ones_are_refused()
    {
        Random random = new(9);
        LatentCoder coder = CoderOf();
        (int[] z, int[] y0, int[] y1) = (new int[Shape.ZCount], new int[Shape.HalfCount], new int[Shape.HalfCount]);
        Fill(random, z, 0.5);
        Fill(random, y0, 0.1);
        Fill(random, y1, 0.1);
        byte[] bytes = coder.Encode(0, z, y0, y1).ToArray();
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.NotEqual(EntropyStatus.Ok, coder.Decode(bytes.AsSpan(0, length), 0, z, y0, y1));
        }

        for (int round = 0; round < 3000; round++)
        {
            byte[] changed = [.. bytes];
            for (int count = random.Next(1, 5); count > 0; count--)
            {
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            }

            coder.Decode(changed, 0, z, y0, y1);
        }
    }

    [Fact]
    public void Coding_allocates_nothing()
    {
        LatentCoder coder = CoderOf();
        (int[] z, int[] y0, int[] y1) = (new int[Shape.ZCount], new int[Shape.HalfCount], new int[Shape.HalfCount]);
        Fill(new Random(12), y0, 0.2);
        byte[] bytes = coder.Encode(0, z, y0, y1).ToArray();
        coder.Decode(bytes, 0, z, y0, y1);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 20; round++)
        {
            coder.Encode(0, z, y0, y1);
            coder.Decode(bytes, 0, z, y0, y1);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void A_quality_index_chooses_among_the_tables_of_eight()
    {
        LatentCoder coder = new(Shape, Tables(128), HyperTables(Shape.ZChannels, rows: 3));
        int[] z = [.. Enumerable.Repeat(2, Shape.ZCount)];
        int[] y = new int[Shape.HalfCount];
        byte[] first = coder.Encode(0, z, y, y).ToArray();

        Assert.Equal(24, coder.QIndexCount);
        Assert.Equal(first, coder.Encode(7, z, y, y).ToArray());
        Assert.NotEqual(first, coder.Encode(8, z, y, y).ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => { coder.Encode(24, z, y, y); });
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
    [InlineData(Contexts, 1)]
    [InlineData(1, HyperContexts)]
    [InlineData(9, HyperContexts)]
    public void A_model_has_the_known_contexts_or_none(int ofY, int ofZ)
    {
        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => new LatentCoder(
            Shape, Spreading(Enumerable.Range(0, 2 * ofY), ofY), Spreading(Enumerable.Range(0, Shape.ZChannels * ofZ), ofZ)));

        Assert.Contains("update it", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_tables_of_y_than_can_be_numbered_are_refused()
    {
        FrequencyTables many = Spreading(Enumerable.Range(0, Contexts * 3277), Contexts);

        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => new LatentCoder(Shape, many, HyperTables(Shape.ZChannels, rows: 1)));

        Assert.Contains("32770 tables", refusal.Message, StringComparison.Ordinal);
    }

    private static LatentCoder CoderOf() => new(Shape, Tables(128), HyperTables(Shape.ZChannels, rows: 1));

    private static FrequencyTables HyperTables(int channels, int rows) => Spreading(
        Enumerable.Range(0, rows).SelectMany(row => Enumerable.Range(row, HyperContexts).SelectMany(context => Enumerable.Range(context, channels))), HyperContexts);

    private static FrequencyTables Tables(int levels) => Spreading(Enumerable.Range(0, Contexts).SelectMany(context => Enumerable.Range(context, levels)), Contexts);

    /// <summary>Tables as the note of cells.json describes them.</summary>
    private static FrequencyTables Spreading(IEnumerable<int> numbers, int contexts = 1)
    {
        int[][] rows = [.. numbers.Select(number =>
        {
            int side = 30 + (150 * int.Min(number, 25));
            return new[] { side, 2 * side, 4 * side, 65536 - (15 * side), 4 * side, 2 * side, side, side };
        })];
        return TableSets.Of([.. Enumerable.Repeat(3, rows.Length)], rows, contexts);
    }

    private static int[] Integers(JsonElement frame, string name) => [.. frame.GetProperty(name).EnumerateArray().Select(value => value.GetInt32())];

    private static void Fill(Random random, int[] part, double share)
    {
        for (int i = 0; i < part.Length; i++)
        {
            part[i] = random.NextDouble() >= share ? 0 : random.Next(50) == 0 ? random.Next(int.MinValue / 4, int.MaxValue / 4) : random.Next(-6, 7);
        }
    }
}
