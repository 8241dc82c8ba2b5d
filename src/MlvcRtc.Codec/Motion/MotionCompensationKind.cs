namespace MlvcRtc.Codec.Motion;

/// <summary>How a model has the previous picture moved before a frame is coded: <c>motion_compensation</c> of its metadata. Append-only.</summary>
public enum MotionCompensationKind
{
    /// <summary>Not at all.</summary>
    None = 0,

    /// <summary><c>overlapped16</c>: one vector per 16x16 block, in quarter samples; blocks overlap (docs/bitstream.md §10). 1 was <c>block16</c>, whose blocks did not.</summary>
    Overlapped16 = 2,
}
