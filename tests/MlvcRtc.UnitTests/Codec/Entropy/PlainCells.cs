using MlvcRtc.Codec.Entropy;

namespace MlvcRtc.UnitTests.Codec.Entropy;

/// <summary>Flags of cells and the symbols of z, of frames without vectors, the slow obvious way: every context is found by its definition (docs/bitstream.md §11).</summary>
internal static class PlainCells
{
    public static List<BinaryChoice> Flags(bool[,] coded, int[] logits, int groups, int q, bool intra)
    {
        PlainChoices choices = new(logits);
        int[] starts = PlainChoices.StartsOf(32, 10 * groups, 100, 45, 64, 18);
        int kind = intra ? 1 : 0;
        (int seen, int soFar) = (0, 0);
        for (int row = 0; row < coded.GetLength(0); row++)
        {
            for (int column = 0; column < coded.GetLength(1); column++)
            {
                (int left, int above, int right, int before) = (At(row, column - 1), At(row - 1, column), At(row - 1, column + 1), At(row - 1, column - 1));
                int beside = left + above + right + before;
                double share = (seen + 0.3) / (soFar + 6);
                int busy = new[] { 1, 3, 5, 11, 21, 32, 43, 53 }.Count(part => share >= part / 64.0);
                int[] contexts =
                [
                    ((left + (2 * above) + (4 * right) + (8 * before)) * 2) + kind,
                    (((q / 8 * 2) + kind) * 5) + beside,
                    0,
                    (busy * 5) + beside,
                    ((At(row, column - 2) + (2 * At(row - 2, column)) + (4 * At(row - 1, column + 2)) + (8 * left) + (16 * above)) * 2) + kind,
                    0,
                ];
                choices.Put([.. contexts.Zip(starts, (context, start) => start + context)], coded[row, column]);
                (seen, soFar) = (seen + At(row, column), soFar + 1);
            }
        }

        return choices.Choices;

        int At(int row, int column) => row >= 0 && column >= 0 && column < coded.GetLength(1) && coded[row, column] ? 1 : 0;
    }

    public static List<BinaryChoice> Hyper(LatentShape shape, int[] z, bool[,] coded, int[] logits, int groups, int q, bool intra)
    {
        PlainChoices choices = new(logits);
        int c = shape.ZChannels;
        int[] starts = PlainChoices.StartsOf([.. new[] { c * 12, c * 8, c * 9, c * 7, groups * 96, 504, 693, c * groups }.Select(count => 20 * count)]);
        int signs = starts[^1] + (20 * c * groups);
        int kind = intra ? 1 : 0;
        for (int row = 0; row < shape.ZHeight; row++)
        {
            for (int column = 0; column < shape.ZWidth; column++)
            {
                (int own, int cells) = Under(row, column);
                int share = own == 0 ? 0 : own == cells ? 5 : 4 - new[] { 2, 5, 10 }.Count(most => own * 16 / cells <= most);
                for (int channel = 0; channel < c; channel++)
                {
                    int pair = PlainChoices.Step(Part(channel, row, column - 1) + Part(channel, row - 1, column), 1, 2, 3, 5, 8, 12, 20);
                    int shown = PlainChoices.Step(Enumerable.Range(0, channel).Sum(k => Part(k, row, column)), 1, 2, 4, 7, 12, 20, 32, 50);
                    int last = PlainChoices.Step(Part(channel - 1, row, column) + Part(channel - 2, row, column), 1, 2, 3, 5, 8, 14);
                    int near = PlainChoices.Step(Enumerable.Range(0, c).Sum(k => Part(k, row, column - 1) + Part(k, row - 1, column)), 1, 4, 10, 20, 40, 80);
                    int[] contexts =
                    [
                        (((channel * 6) + share) * 2) + kind,
                        (channel * 8) + pair,
                        (channel * 9) + shown,
                        (channel * 7) + last,
                        (((((q / 8 * 2) + kind) * 6) + share) * 8) + pair,
                        (((shown * 7) + last) * 8) + pair,
                        (((near * 9) + shown) * 11) + PlainChoices.Step(own, 1, 2, 3, 4, 6, 8, 10, 12, 14, 16),
                        (channel * groups) + (q / 8),
                    ];
                    int symbol = z[(((channel * shape.ZHeight) + row) * shape.ZWidth) + column];
                    choices.PutMagnitude([.. contexts.Zip(starts, (context, start) => start + (20 * context))], Math.Abs((long)symbol), 16, 20);
                    if (symbol != 0)
                    {
                        choices.Put([signs + channel], symbol < 0);
                    }
                }
            }
        }

        return choices.Choices;

        int Part(int channel, int row, int column) =>
            channel < 0 || row < 0 || column < 0 ? 0 : (int)Math.Min(Math.Abs((long)z[(((channel * shape.ZHeight) + row) * shape.ZWidth) + column]), 15);

        (int Coded, int Cells) Under(int row, int column)
        {
            (int own, int all) = (0, 0);
            for (int r = row * shape.HyperDownsample; r < Math.Min((row + 1) * shape.HyperDownsample, shape.YHeight); r++)
            {
                for (int k = column * shape.HyperDownsample; k < Math.Min((column + 1) * shape.HyperDownsample, shape.YWidth); k++)
                {
                    (own, all) = (own + (coded[r, k] ? 1 : 0), all + 1);
                }
            }

            return (own, all);
        }
    }
}
