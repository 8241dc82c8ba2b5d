namespace MlvcRtc.Codec.Entropy;

/// <summary>
/// The context that chooses the table of a symbol of z: how many of the cells under it are coded, and what its neighbours at the left and above are
/// (docs/bitstream.md §11). No allocation per frame. One thread.
/// </summary>
internal sealed class HyperContexts(LatentShape shape)
{
    /// <summary>Contexts that tables exist for: six shares of coded cells, three kinds of neighbours.</summary>
    public const int Count = 6 * Neighbours;

    /// <summary>Quality indices that share tables.</summary>
    public const int QStep = 8;

    private const int Neighbours = 3;

    /// <summary>What a neighbour adds at most.</summary>
    private const int Largest = 9;

    private readonly int[] _coded = new int[shape.ZHeight * shape.ZWidth];
    private readonly byte[] _shares = new byte[shape.ZHeight * shape.ZWidth];

    /// <summary>Reads which cells of the frame are coded.</summary>
    public void Start(ReadOnlySpan<int> codedCells)
    {
        _coded.AsSpan().Clear();
        int down = shape.HyperDownsample;
        foreach (int place in codedCells)
        {
            (int row, int column) = int.DivRem(place, shape.YWidth);
            _coded[(row / down * shape.ZWidth) + (column / down)]++;
        }

        for (int row = 0; row < shape.ZHeight; row++)
        {
            int rows = int.Min(down, shape.YHeight - (row * down));
            for (int column = 0; column < shape.ZWidth; column++)
            {
                int cells = rows * int.Min(down, shape.YWidth - (column * down));
                int place = (row * shape.ZWidth) + column;
                _shares[place] = ShareOf(_coded[place], cells);
            }
        }
    }

    /// <summary>Of the symbol at a place of one channel, whose symbols before it are known.</summary>
    public int Of(ReadOnlySpan<int> channel, int row, int column)
    {
        int place = (row * shape.ZWidth) + column;
        int beside = (column > 0 ? Bounded(channel[place - 1]) : 0) + (row > 0 ? Bounded(channel[place - shape.ZWidth]) : 0);
        return (_shares[place] * Neighbours) + (beside == 0 ? 0 : beside <= 2 ? 1 : 2);
    }

    /// <summary>|symbol|, at most <see cref="Largest"/>; also of int.MinValue, which has no absolute value.</summary>
    private static int Bounded(int symbol) => symbol is > Largest or < -Largest ? Largest : int.Abs(symbol);

    private static byte ShareOf(int coded, int cells)
    {
        if (coded == 0 || coded == cells)
        {
            return coded == 0 ? (byte)0 : (byte)5;
        }

        return (byte)((coded * 16 / cells) switch { <= 2 => 1, <= 5 => 2, <= 10 => 3, _ => 4 });
    }
}
