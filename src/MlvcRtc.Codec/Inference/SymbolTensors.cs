using System.Numerics;
using MlvcRtc.Codec.Entropy;

namespace MlvcRtc.Codec.Inference;

/// <summary>
/// The symbols of one frame twice: as the integers that are coded and as the integral floats that graphs exchange. The one place where the
/// two meet.
/// </summary>
public sealed class SymbolTensors : IDisposable
{
    /// <summary>Symbols are int16 in the model's contract (libmlvc keeps them so).</summary>
    private const int Limit = short.MaxValue;

    private readonly int[] _z;
    private readonly int[] _y0;
    private readonly int[] _y1;

    /// <param name="shape">Sizes of y and z.</param>
    /// <param name="type">Element type of the graph's tensors: float32 or float16.</param>
    public SymbolTensors(LatentShape shape, ElementType type)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ZTensor = new NativeTensor(type, 1, shape.ZChannels, shape.ZHeight, shape.ZWidth);
        Y0Tensor = new NativeTensor(type, 1, shape.HalfChannels, shape.YHeight, shape.YWidth);
        Y1Tensor = new NativeTensor(type, 1, shape.HalfChannels, shape.YHeight, shape.YWidth);
        _z = new int[shape.ZCount];
        _y0 = new int[shape.HalfCount];
        _y1 = new int[shape.HalfCount];
    }

    /// <summary>[1, ZChannels, ZHeight, ZWidth]</summary>
    public NativeTensor ZTensor { get; }

    /// <summary>[1, YChannels/2, YHeight, YWidth]</summary>
    public NativeTensor Y0Tensor { get; }

    /// <summary>[1, YChannels/2, YHeight, YWidth]</summary>
    public NativeTensor Y1Tensor { get; }

    /// <summary>The integers of <see cref="ZTensor"/>.</summary>
    public Span<int> Z => _z;

    /// <summary>The integers of <see cref="Y0Tensor"/>.</summary>
    public Span<int> Y0 => _y0;

    /// <summary>The integers of <see cref="Y1Tensor"/>.</summary>
    public Span<int> Y1 => _y1;

    /// <summary>What a graph wrote, to integers.</summary>
    public void ReadTensors()
    {
        Read(ZTensor, _z);
        Read(Y0Tensor, _y0);
        Read(Y1Tensor, _y1);
    }

    /// <summary>The integers, for a graph to read. False when one is beyond 16 bits: no encoder made it.</summary>
    public bool TryWriteTensors() => TryWrite(_z, ZTensor) && TryWrite(_y0, Y0Tensor) && TryWrite(_y1, Y1Tensor);

    public void Dispose()
    {
        ZTensor.Dispose();
        Y0Tensor.Dispose();
        Y1Tensor.Dispose();
    }

    private static void Read(NativeTensor tensor, Span<int> integers)
    {
        if (tensor.Type == ElementType.Float16)
        {
            ReadOnlySpan<Half> halves = tensor.As<Half>();
            for (int k = 0; k < integers.Length; k++)
            {
                integers[k] = ToInteger((float)halves[k]);
            }

            return;
        }

        ReadOnlySpan<float> floats = tensor.As<float>();
        int lanes = Vector<float>.Count;
        int position = 0;
        for (; position + lanes <= integers.Length; position += lanes)
        {
            // Conversion saturates and takes NaN to 0.
            Vector<int> values = Vector.ConvertToInt32(new Vector<float>(floats[position..]));
            Vector.Min(Vector.Max(values, new Vector<int>(-Limit)), new Vector<int>(Limit)).CopyTo(integers[position..]);
        }

        for (; position < integers.Length; position++)
        {
            integers[position] = ToInteger(floats[position]);
        }
    }

    private static int ToInteger(float value) => int.Clamp((int)value, -Limit, Limit);

    private static bool TryWrite(ReadOnlySpan<int> integers, NativeTensor tensor)
    {
        if (integers.ContainsAnyExceptInRange(-Limit, Limit))
        {
            return false;
        }

        if (tensor.Type == ElementType.Float16)
        {
            Span<Half> halves = tensor.As<Half>();
            for (int k = 0; k < integers.Length; k++)
            {
                halves[k] = (Half)integers[k];
            }

            return true;
        }

        Span<float> floats = tensor.As<float>();
        int lanes = Vector<float>.Count;
        int position = 0;
        for (; position + lanes <= integers.Length; position += lanes)
        {
            Vector.ConvertToSingle(new Vector<int>(integers[position..])).CopyTo(floats[position..]);
        }

        for (; position < integers.Length; position++)
        {
            floats[position] = integers[position];
        }

        return true;
    }
}
