using System.Globalization;

namespace MlvcRtc.App.CommandLine;

/// <summary>WIDTHxHEIGHT in luma samples, as written on the command line.</summary>
internal readonly record struct PictureSize(int Width, int Height)
{
    /// <summary>The codec's range of displayed sizes: every even size from 64x64 to 1920x1080, portrait included (issue of the codec runtime, DESIGN §3).</summary>
    public const int SmallestSide = 64;

    /// <summary>Longest side accepted; see <see cref="SmallestSide"/>.</summary>
    public const int LongestSide = 1920;

    /// <summary>Bytes of one I420 or NV12 picture.</summary>
    public int FrameBytes => Width * Height * 3 / 2;

    public bool IsEven => ((Width | Height) & 1) == 0;

    /// <summary>The largest even size not above this one.</summary>
    public PictureSize FlooredToEven => new(Width & ~1, Height & ~1);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Width}x{Height}");

    /// <summary>Reads "640x360". Any two positive numbers; see <see cref="Check"/> for the rules of the codec.</summary>
    public static bool TryParse(string text, out PictureSize size)
    {
        size = default;
        string[] parts = text.Split('x', 'X', '*');
        if (parts.Length != 2
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int width)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int height)
            || width == 0
            || height == 0)
        {
            return false;
        }

        size = new(width, height);
        return true;
    }

    /// <summary>Null when the codec can take this size, else the sentence that says why not and what to do.</summary>
    public string? Check()
    {
        if (!IsEven)
        {
            return $"The size {this} is odd; 4:2:0 video needs even sides. Use {FlooredToEven} (crop the last column or row).";
        }

        if (Math.Min(Width, Height) < SmallestSide || Math.Max(Width, Height) > LongestSide)
        {
            return $"The size {this} is outside {SmallestSide}x{SmallestSide} .. {LongestSide}x1080 (either orientation). Scale the input with --size.";
        }

        return null;
    }
}
