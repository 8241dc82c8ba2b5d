using System.Numerics;
using MlvcRtc.Codec.Pixels;
using MlvcRtc.Media;

namespace MlvcRtc.Codec.Inference;

/// <summary>
/// The picture inside a recurrent state: its last 96 channels, packed 4:2:0, byte/255 − 0.5 (docs/model-bundle.md). The one place where its floats and bytes meet;
/// bytes become the very floats that the graphs compute.
/// </summary>
public sealed class StatePicture : IDisposable
{
    private readonly PackedI420 _layout = new();
    private readonly NativeTensor _bytes;

    /// <param name="state">[1, 96 or more, height/8, width/8], float32.</param>
    /// <exception cref="InvalidDataException">The state holds no picture.</exception>
    public StatePicture(TensorSpec state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state is not { Type: ElementType.Float32, Shape: [1, >= PackedI420.Channels, int h, int w] })
        {
            throw new InvalidDataException(
                $"A model with motion compensation needs a state of float32 [1, {PackedI420.Channels} or more, h, w]; {state.Name} is {state.Type} [{string.Join(", ", state.Shape)}].");
        }

        _bytes = new NativeTensor(ElementType.UInt8, 1, PackedI420.Channels, h, w);
        Begin = (state.Shape[1] - PackedI420.Channels) * h * w * sizeof(float);
    }

    /// <summary>Bytes of the state before the picture, which ends it.</summary>
    public int Begin { get; }

    /// <summary>Fills <paramref name="picture"/>, which becomes as large as the model.</summary>
    public void Read(NativeTensor state, VideoFrame picture)
    {
        ReadOnlySpan<float> floats = PictureOf(state);
        Span<byte> bytes = _bytes.Bytes;
        int lanes = Vector<byte>.Count;
        int quarter = Vector<float>.Count;
        int k = 0;
        for (; k + lanes <= bytes.Length; k += lanes)
        {
            Vector<short> low = Vector.Narrow(ToLevels(floats[k..]), ToLevels(floats[(k + quarter)..]));
            Vector<short> high = Vector.Narrow(ToLevels(floats[(k + (2 * quarter))..]), ToLevels(floats[(k + (3 * quarter))..]));
            Vector.Narrow(low.As<short, ushort>(), high.As<short, ushort>()).CopyTo(bytes[k..]);
        }

        for (; k < bytes.Length; k++)
        {
            bytes[k] = (byte)int.Clamp((int)(((floats[k] + 0.5f) * byte.MaxValue) + 0.5f), 0, byte.MaxValue);
        }

        _layout.Read(_bytes, picture);
    }

    /// <summary>Puts a picture of the model's size into a state.</summary>
    public void Write(VideoFrame picture, NativeTensor state)
    {
        _layout.Write(picture, _bytes);
        Span<float> floats = PictureOf(state);
        ReadOnlySpan<byte> bytes = _bytes.Bytes;
        int lanes = Vector<byte>.Count;
        int quarter = Vector<float>.Count;
        int k = 0;
        for (; k + lanes <= bytes.Length; k += lanes)
        {
            Vector.Widen(new Vector<byte>(bytes[k..]), out Vector<ushort> low, out Vector<ushort> high);
            Vector.Widen(low, out Vector<uint> a, out Vector<uint> b);
            Vector.Widen(high, out Vector<uint> c, out Vector<uint> d);
            ToFloats(a).CopyTo(floats[k..]);
            ToFloats(b).CopyTo(floats[(k + quarter)..]);
            ToFloats(c).CopyTo(floats[(k + (2 * quarter))..]);
            ToFloats(d).CopyTo(floats[(k + (3 * quarter))..]);
        }

        for (; k < bytes.Length; k++)
        {
            floats[k] = ((float)bytes[k] / byte.MaxValue) - 0.5f;
        }
    }

    public void Dispose() => _bytes.Dispose();

    private Span<float> PictureOf(NativeTensor state) => state.As<float>()[^_bytes.ElementCount..];

    /// <summary>To the nearest of 0 .. 255; what the graphs wrote is within a thousandth of one.</summary>
    private static Vector<int> ToLevels(ReadOnlySpan<float> floats)
    {
        Vector<float> levels = ((new Vector<float>(floats) + new Vector<float>(0.5f)) * byte.MaxValue) + new Vector<float>(0.5f);
        return Vector.Min(Vector.Max(Vector.ConvertToInt32(levels), Vector<int>.Zero), new Vector<int>(byte.MaxValue));
    }

    private static Vector<float> ToFloats(Vector<uint> levels) => (Vector.ConvertToSingle(levels.As<uint, int>()) / new Vector<float>(byte.MaxValue)) - new Vector<float>(0.5f);
}
