namespace MlvcRtc.Codec.RateControl;

/// <summary>
/// The QP of each frame at a constant setting, by its place since the key frame: what many frames build on is coded better, the frames in between coarser (QP cascading, as in the low-delay
/// configurations of HM and VTM). What stands still is coded well once and then carried on; in between most frames hold what moves and little else. How far apart the levels are was found on
/// clips: about a fifth fewer bits at equal mean PSNR than one QP for all (models/experiments.md; the same offsets as models/mlvc/cascade.py). Offsets are clamped to the model's range, so
/// settings reach beyond both ends: at the best all frames are equal, at the worst all but the key frame and every 32nd. For files: a call's rate controller levels frames out, since each must pass its link in time.
/// </summary>
public sealed class QpCascade
{
    /// <summary>Frames after which the pattern repeats. A recovery frame, which others build on as on the first of a period, has that one's place.</summary>
    public const int Period = 32;

    private const int KeyOffset = 18;

    /// <summary>How far settings reach below the worst quality index and above the best.</summary>
    private const int Below = 8;

    private const int Above = 12;

    private readonly QpPoint[] _points;

    public QpCascade(IQpScale scale)
    {
        ArgumentNullException.ThrowIfNull(scale);
        _points = [.. scale.Points];
    }

    /// <summary>The QP, one of the model's points, of a frame.</summary>
    /// <param name="qIndex">The setting: quality index of a QP, 0 (worst) and up.</param>
    /// <param name="frame">Frames since the key frame, which is 0.</param>
    public int QpOf(int qIndex, int frame)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(qIndex);
        ArgumentOutOfRangeException.ThrowIfNegative(frame);
        int most = _points[^1].QIndex;
        int level = most == 0 ? 0 : (qIndex * (most + Below + Above) / most) - Below;
        int wanted = Math.Clamp(level + OffsetOf(frame), 0, most);
        QpPoint best = _points[0];
        foreach (QpPoint point in _points)
        {
            best = Math.Abs(point.QIndex - wanted) < Math.Abs(best.QIndex - wanted) ? point : best;
        }

        return best.Qp;
    }

    /// <summary>By the largest power of two, up to 32, that divides the frame's number.</summary>
    private static int OffsetOf(int frame) => frame switch
    {
        0 => KeyOffset,
        _ when frame % Period == 0 => 12,
        _ when frame % 8 == 0 => 4,
        _ when frame % 4 == 0 => -4,
        _ when frame % 2 == 0 => -8,
        _ => -12,
    };
}
