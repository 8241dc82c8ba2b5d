namespace MlvcRtc.Codec.RateControl;

/// <summary>One quality a stream can signal.</summary>
/// <param name="QIndex">The model's quality index before the hierarchical shift; higher is better.</param>
/// <param name="Qp">A QP that maps to it, 0 (best) .. 51.</param>
public readonly record struct QpPoint(int QIndex, int Qp);

/// <summary>How the QP of the stream relates to the quality index that the model, and so the size of a frame, depends on.</summary>
public interface IQpScale
{
    /// <summary>Every reachable quality, worst first. The published mapping has 31.</summary>
    IReadOnlyList<QpPoint> Points { get; }

    /// <summary>Frames after which the hierarchical shift repeats.</summary>
    int ShiftPeriod { get; }

    /// <summary>What frame <paramref name="frameIndex"/> (0 at a key frame) adds to its quality index.</summary>
    int ShiftOf(int frameIndex);
}
