namespace MlvcRtc.Codec.Motion;

/// <summary>From where in the previous picture a block is taken, relative to its own place, in quarter samples of luma (docs/bitstream.md §10).</summary>
/// <param name="Rows">Positive is down; −32 .. 32.</param>
/// <param name="Columns">Positive is right; −32 .. 32.</param>
public readonly record struct MotionVector(short Rows, short Columns)
{
    /// <summary>Full samples that a vector may reach, in each direction. A head turns about as far between two pictures of a call; more would cost search.</summary>
    public const int Reach = 8;

    /// <summary>The same in quarter samples.</summary>
    public const int Limit = 4 * Reach;

    /// <summary>Whether both parts are within the limit.</summary>
    public bool IsWithinReach => int.Abs(Rows) <= Limit && int.Abs(Columns) <= Limit;

    /// <summary>Each part's median of three.</summary>
    public static MotionVector Median(MotionVector a, MotionVector b, MotionVector c) => new(Median(a.Rows, b.Rows, c.Rows), Median(a.Columns, b.Columns, c.Columns));

    private static short Median(short a, short b, short c) => short.Max(short.Min(a, b), short.Min(short.Max(a, b), c));
}
