using System.Globalization;

namespace MlvcRtc.Codec.Bundles;

/// <summary>Names a stream contract: weights lineage, integer tables, shapes. Both numbers are u(8) in the sequence parameter set.</summary>
/// <param name="Major">Syntax, 0..255; this runtime reads 0.</param>
/// <param name="Minor">Model, 0..255: 200–219 xs, 220–239 s, 240–255 experiments, below that the official set.</param>
public readonly record struct ModelVersion(int Major, int Minor)
{
    /// <summary>The syntax this runtime reads and writes.</summary>
    public const int SupportedMajor = 0;

    /// <summary>Reads "0.200" or "v0.200".</summary>
    public static bool TryParse(string? text, out ModelVersion version)
    {
        version = default;
        string[] parts = (text ?? string.Empty).TrimStart('v', 'V').Split('.');
        if (parts.Length != 2
            || !byte.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out byte major)
            || !byte.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out byte minor))
        {
            return false;
        }

        version = new ModelVersion(major, minor);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");
}
