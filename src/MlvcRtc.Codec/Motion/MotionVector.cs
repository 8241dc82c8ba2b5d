namespace MlvcRtc.Codec.Motion;

/// <summary>From where in the previous picture a block is taken, relative to its own place, in quarter samples of luma (docs/bitstream.md §10).</summary>
/// <param name="Rows">Positive is down; −128 .. 128.</param>
/// <param name="Columns">Positive is right; −128 .. 128.</param>
public readonly record struct MotionVector(short Rows, short Columns)
{
    /// <summary>Full samples that a vector may reach, in each direction. Between two pictures of a call little moves by more than 8; to the reference of a recovery frame, ten or more pictures back, much does.</summary>
    public const int Reach = 32;

    /// <summary>The same in quarter samples.</summary>
    public const int Limit = 4 * Reach;

    /// <summary>Whether both parts are within the limit.</summary>
    public bool IsWithinReach => int.Abs(Rows) <= Limit && int.Abs(Columns) <= Limit;

    /// <summary>Each part's median of three.</summary>
    public static MotionVector Median(MotionVector a, MotionVector b, MotionVector c) => new(Median(a.Rows, b.Rows, c.Rows), Median(a.Columns, b.Columns, c.Columns));

    private static short Median(short a, short b, short c) => short.Max(short.Min(a, b), short.Min(short.Max(a, b), c));
}
