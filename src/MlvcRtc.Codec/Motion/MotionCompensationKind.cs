namespace MlvcRtc.Codec.Motion;

/// <summary>How a model has the previous picture moved before a frame is coded: <c>motion_compensation</c> of its metadata. Append-only.</summary>
public enum MotionCompensationKind
{
    /// <summary>Not at all.</summary>
    None = 0,

    /// <summary><c>block16</c>: one vector per 16x16 block, in quarter samples (docs/bitstream.md §10).</summary>
    Block16 = 1,
}
