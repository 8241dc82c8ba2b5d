using System.Numerics;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Inference;
using MlvcRtc.Codec.Motion;
using MlvcRtc.Media;

namespace MlvcRtc.Codec;

/// <summary>
/// Which cells of a frame that is too large are coded all the same (conditional replenishment, Mounts 1969): those that differ most from what they are predicted from, as many as fit. The others
/// keep the prediction, and have their turn in the frames that follow. Coding all of it coarser instead would never end: where little moves nothing is coded below some quality, and above it every cell once
/// (models/experiments.md). Allocates nothing per frame. One thread at a time.
/// </summary>
internal sealed class ConditionalReplenishment
{
    /// <summary>Share of the bound that the chosen cells aim at: their flags and scales cost more when they lie apart.</summary>
    private const double Aim = 0.78;

    /// <summary>About the bits of a symbol of ±1, and how many more each doubling of it costs: only their proportions count.</summary>
    private const int LeastWeight = 3, WeightOfDoubling = 2;

    private readonly NativeTensor _cells;
    private readonly int[] _weights;
    private readonly long[] _errors;
    private readonly int[] _order;
    private readonly int _columns;
    private bool _limits;

    private ConditionalReplenishment(NativeTensor cells, ModelVariant model)
    {
        _cells = cells;
        _columns = model.LatentShape.YWidth;
        int count = model.LatentShape.YHeight * _columns;
        (_weights, _errors, _order) = (new int[count], new long[count], new int[count]);
    }

    /// <summary>Null for a network whose graph codes what it wants.</summary>
    public static ConditionalReplenishment? Of(RecurrentNetwork network) => network.Cells is { } cells ? new ConditionalReplenishment(cells, network.Model) : null;

    /// <summary>A new frame: all cells may be coded.</summary>
    public void AllowAll()
    {
        if (_limits)
        {
            _cells.As<byte>().Fill(1);
            _limits = false;
        }
    }

    /// <summary>Allows the cells that fit, once the frame is known to take too much.</summary>
    /// <param name="picture">To be coded, of the model's size.</param>
    /// <param name="prediction">What it is predicted from.</param>
    /// <param name="symbols">Of all cells.</param>
    /// <param name="share">Bits wanted per bit that these took; below 1.</param>
    public void Limit(VideoFrame picture, VideoFrame prediction, SymbolTensors symbols, double share)
    {
        _weights.AsSpan().Clear();
        Weigh(symbols.Y0);
        Weigh(symbols.Y1);
        long all = 0;
        int count = 0;
        for (int cell = 0; cell < _weights.Length; cell++)
        {
            if (_weights[cell] > 0)
            {
                all += _weights[cell];
                _errors[count] = -SquaredError(picture, prediction, cell / _columns, cell % _columns);
                _order[count++] = cell;
            }
        }

        Array.Sort(_errors, _order, 0, count);
        Span<byte> allowed = _cells.As<byte>();
        double left = Aim * share * all;
        for (int k = 0; k < count; k++)
        {
            left -= _weights[_order[k]];
            allowed[_order[k]] = (byte)(left >= 0 ? 1 : 0);
        }

        _limits = true;
    }

    private void Weigh(ReadOnlySpan<int> symbols)
    {
        for (int k = 0; k < symbols.Length; k++)
        {
            if (symbols[k] != 0)
            {
                _weights[k % _weights.Length] += LeastWeight + (WeightOfDoubling * BitOperations.Log2((uint)int.Abs(symbols[k])));
            }
        }
    }

    /// <summary>Of the luma of a cell.</summary>
    private static long SquaredError(VideoFrame picture, VideoFrame prediction, int row, int column)
    {
        long sum = 0;
        for (int k = 0; k < MotionField.BlockSize; k++)
        {
            int start = (((row * MotionField.BlockSize) + k) * picture.Width) + (column * MotionField.BlockSize);
            ReadOnlySpan<byte> a = picture.Y.Slice(start, MotionField.BlockSize);
            ReadOnlySpan<byte> b = prediction.Y.Slice(start, MotionField.BlockSize);
            for (int i = 0; i < a.Length; i++)
            {
                int difference = a[i] - b[i];
                sum += difference * difference;
            }
        }

        return sum;
    }
}
