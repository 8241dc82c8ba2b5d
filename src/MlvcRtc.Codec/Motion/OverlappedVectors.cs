namespace MlvcRtc.Codec.Motion;

/// <summary>The vectors that a block is made with: its own and those of the blocks beside it; outside the picture, its own again.</summary>
internal readonly ref struct OverlappedVectors
{
    public OverlappedVectors(MotionField field, int row, int column)
    {
        Own = field[row, column];
        Above = row > 0 ? field[row - 1, column] : Own;
        Below = row + 1 < field.Rows ? field[row + 1, column] : Own;
        Left = column > 0 ? field[row, column - 1] : Own;
        Right = column + 1 < field.Columns ? field[row, column + 1] : Own;
    }

    public MotionVector Own { get; }

    public MotionVector Above { get; }

    public MotionVector Below { get; }

    public MotionVector Left { get; }

    public MotionVector Right { get; }

    /// <summary>All are the same: nothing is blended.</summary>
    public bool AreAlike => Above == Own && Below == Own && Left == Own && Right == Own;
}
