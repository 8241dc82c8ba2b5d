using MlvcRtc.Codec.Inference;
using MlvcRtc.Media;

namespace MlvcRtc.Codec.Pixels;

/// <summary>
/// Three full planes, float16 or float32 [1, 3, H, W], Y U V as fractions v/255 (rounded to nearest even); chroma is repeated 2x2 on the way in and averaged
/// 2x2 on the way out. The official bundles' layout (libmlvc: no colour matrix, no range conversion).
/// One thread at a time.
/// </summary>
public sealed class Planes444 : IPictureLayout
{
    /// <summary>Four samples of 255·v, averaged.</summary>
    private const float ChromaScale = 255f / 4;

    // v/255 for every byte: one division and one rounding each, done once.
    private static readonly float[] FractionTable = [.. Enumerable.Range(0, 256).Select(v => v / 255f)];
    private static readonly Half[] HalfTable = [.. FractionTable.Select(fraction => (Half)fraction)];

    /// <summary>Two rows in float32, kept so that reading pictures of one size allocates nothing.</summary>
    private float[] _rows = [];

    public void Write(VideoFrame picture, NativeTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(picture);
        (int height, int width) = SizeOf(tensor);
        if (picture.Width != width || picture.Height != height)
        {
            throw new ArgumentException($"The tensor holds {width}x{height} pixels, the picture has {picture.Width}x{picture.Height}.", nameof(picture));
        }

        if (tensor.Type == ElementType.Float16)
        {
            Write(picture, tensor.As<Half>(), HalfTable);
        }
        else
        {
            Write(picture, tensor.As<float>(), FractionTable);
        }
    }

    public void Read(NativeTensor tensor, VideoFrame picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        (int height, int width) = SizeOf(tensor);
        picture.Resize(width, height);
        int plane = width * height;
        for (int channel = 0; channel < 3; channel++)
        {
            Span<byte> target = channel switch { 0 => picture.Y, 1 => picture.U, _ => picture.V };
            if (tensor.Type == ElementType.Float16)
            {
                if (_rows.Length < 2 * width)
                {
                    _rows = new float[2 * width];
                }

                ReadPlane(tensor.As<Half>().Slice(channel * plane, plane), width, channel > 0, target);
            }
            else
            {
                ReadPlane(tensor.As<float>().Slice(channel * plane, plane), width, channel > 0, target);
            }
        }
    }

    private static (int Height, int Width) SizeOf(NativeTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return tensor is { Type: ElementType.Float16 or ElementType.Float32, Shape: [1, 3, int height, int width] }
            ? (height, width)
            : throw new ArgumentException($"A 4:4:4 tensor is Float16 or Float32 [1, 3, H, W], not {tensor.Type} [{string.Join(", ", tensor.Shape)}].", nameof(tensor));
    }

    private static void Write<T>(VideoFrame picture, Span<T> planes, ReadOnlySpan<T> fractions)
        where T : unmanaged
    {
        int plane = picture.Width * picture.Height;
        ReadOnlySpan<byte> luma = picture.Y;
        for (int k = 0; k < plane; k++)
        {
            planes[k] = fractions[luma[k]];
        }

        WriteChroma(picture.U, picture.Width, planes.Slice(plane, plane), fractions);
        WriteChroma(picture.V, picture.Width, planes.Slice(2 * plane, plane), fractions);
    }

    private static void WriteChroma<T>(ReadOnlySpan<byte> chroma, int width, Span<T> plane, ReadOnlySpan<T> fractions)
        where T : unmanaged
    {
        for (; chroma.Length > 0; chroma = chroma[(width / 2)..], plane = plane[(2 * width)..])
        {
            Span<T> upper = plane[..width];
            for (int column = 0; column < width / 2; column++)
            {
                upper[2 * column] = upper[2 * column + 1] = fractions[chroma[column]];
            }

            upper.CopyTo(plane.Slice(width, width));
        }
    }

    private static void ReadPlane(ReadOnlySpan<float> plane, int width, bool chroma, Span<byte> target)
    {
        if (!chroma)
        {
            for (int k = 0; k < plane.Length; k++)
            {
                target[k] = ToByte(255 * plane[k]);
            }

            return;
        }

        for (; plane.Length > 0; plane = plane[(2 * width)..], target = target[(width / 2)..])
        {
            ReadOnlySpan<float> lower = plane.Slice(width, width);
            for (int column = 0; column < width; column += 2)
            {
                target[column / 2] = ToByte(ChromaScale * (plane[column] + plane[column + 1] + lower[column] + lower[column + 1]));
            }
        }
    }

    private void ReadPlane(ReadOnlySpan<Half> plane, int width, bool chroma, Span<byte> target)
    {
        Span<float> rows = _rows.AsSpan(0, 2 * width);
        for (; plane.Length > 0; plane = plane[(2 * width)..])
        {
            for (int k = 0; k < rows.Length; k++)
            {
                rows[k] = (float)plane[k];
            }

            ReadPlane(rows, width, chroma, target);
            target = target[(chroma ? width / 2 : 2 * width)..];
        }
    }

    /// <summary>Nearest byte (halves to even); below 0, above 255 and NaN are clamped.</summary>
    private static byte ToByte(float value) => (byte)(float.IsNaN(value) ? 0 : Math.Clamp(MathF.Round(value), 0, 255));
}
