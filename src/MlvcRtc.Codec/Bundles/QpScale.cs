using MlvcRtc.Codec.RateControl;

namespace MlvcRtc.Codec.Bundles;

/// <summary>A model's path from QP to the index of its quality tables. Immutable.</summary>
public sealed class QpScale : IQpScale
{
    /// <summary>QP runs 0 (best) .. 51.</summary>
    public const int QpCount = 52;

    private readonly int[] _qIndexOfQp;
    private readonly int[] _shiftOfFrame;

    /// <param name="qIndexCount">Base quality indices, 0 .. count − 1 (<c>qp_num</c>).</param>
    /// <param name="totalCount">Rows of the model's quality tables (<c>total_qp_num</c>).</param>
    /// <param name="qpMapping">52 quality indices, or null when the QP is the index (<c>qp_mapping</c>).</param>
    /// <param name="frameIndexMap">Kind of frame by (frame index + 1) modulo its length (<c>frame_index_map</c>).</param>
    /// <param name="shifts">Shift of each kind (<c>qp_shift</c>).</param>
    /// <exception cref="InvalidDataException">The numbers would lead outside the model's tables.</exception>
    public QpScale(int qIndexCount, int totalCount, IReadOnlyList<int>? qpMapping, IReadOnlyList<int> frameIndexMap, IReadOnlyList<int> shifts)
    {
        ArgumentNullException.ThrowIfNull(frameIndexMap);
        ArgumentNullException.ThrowIfNull(shifts);
        _qIndexOfQp = [.. qpMapping ?? Enumerable.Range(0, QpCount)];
        if (_qIndexOfQp.Length != QpCount || _qIndexOfQp.Any(q => q < 0 || q >= qIndexCount))
        {
            throw new InvalidDataException($"qp_mapping must hold {QpCount} indices from 0 to qp_num − 1 = {qIndexCount - 1} (without a mapping, qp_num must be at least {QpCount}).");
        }

        if (frameIndexMap.Count == 0 || frameIndexMap.Any(kind => kind < 0 || kind >= shifts.Count) || shifts.Any(shift => shift < 0 || shift > totalCount - qIndexCount))
        {
            throw new InvalidDataException($"frame_index_map must name entries of qp_shift, and these must lie from 0 to total_qp_num − qp_num = {totalCount - qIndexCount}.");
        }

        int length = frameIndexMap.Count;
        _shiftOfFrame = [.. Enumerable.Range(0, length).Select(frame => shifts[frameIndexMap[(frame + 1) % length]])];
        QIndexCount = qIndexCount;

        // Several QPs share the ends of the published mapping: the one nearest the middle stands for them (18 and 48 there).
        Points = [.. _qIndexOfQp.Select((qIndex, qp) => new QpPoint(qIndex, qp))
            .GroupBy(point => point.QIndex)
            .Select(group => group.MinBy(point => Math.Abs((2 * point.Qp) - (QpCount - 1))))
            .OrderBy(point => point.QIndex)];
    }

    /// <summary>Base quality indices.</summary>
    public int QIndexCount { get; }

    public IReadOnlyList<QpPoint> Points { get; }

    public int ShiftPeriod => _shiftOfFrame.Length;

    /// <summary>Quality index of a QP; it also chooses the tables of z.</summary>
    /// <exception cref="ArgumentOutOfRangeException">QP outside 0..51.</exception>
    public int QIndexOf(int qp)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(qp);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(qp, QpCount);
        return _qIndexOfQp[qp];
    }

    /// <summary>The best point that is at least so many indices below, or else the worst; null when there is none below.</summary>
    /// <param name="qIndex">From <see cref="QIndexOf"/>.</param>
    /// <param name="by">Positive.</param>
    public QpPoint? Coarser(int qIndex, int by)
    {
        QpPoint found = Points[0];
        for (int k = 1; k < Points.Count && Points[k].QIndex <= qIndex - by; k++)
        {
            found = Points[k];
        }

        return found.QIndex < qIndex ? found : null;
    }

    public int ShiftOf(int frameIndex) => _shiftOfFrame[(int)((uint)frameIndex % (uint)_shiftOfFrame.Length)];

    /// <summary>What the networks get as <c>q_index_shifted</c>.</summary>
    /// <param name="qIndex">From <see cref="QIndexOf"/>.</param>
    /// <param name="frameIndex">The frame index of the bitstream, 0 at a key frame.</param>
    public int ShiftedIndex(int qIndex, int frameIndex) => qIndex + ShiftOf(frameIndex);
}
