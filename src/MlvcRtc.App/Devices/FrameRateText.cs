using System.Globalization;
using MlvcRtc.Lab.Clips;

namespace MlvcRtc.App.Devices;

/// <summary>Frame rates as people and ffmpeg write them, and the instants they lead to.</summary>
internal static class FrameRateText
{
    /// <summary>As ffmpeg's -r takes it: "30" or "30000/1001".</summary>
    public static string ToText(this FrameRate rate) =>
        rate.Denominator == 1
            ? rate.Numerator.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{rate.Numerator}/{rate.Denominator}");

    /// <summary>Instant of picture <paramref name="index"/> after picture 0; exact, so that 30000/1001 keeps its place after an hour.</summary>
    public static TimeSpan TimeOf(this FrameRate rate, long index) =>
        TimeSpan.FromTicks(index * TimeSpan.TicksPerSecond * rate.Denominator / rate.Numerator);

    /// <summary>Reads "30", "29.97", "30000/1001"; 1 .. 1000 a second. Decimals within 0.01 of an NTSC rate (N·1000/1001, SMPTE ST 12) are taken as that rate.</summary>
    public static bool TryParse(string text, out FrameRate rate)
    {
        rate = default;
        string[] parts = text.Split('/');
        if (parts.Length == 2)
        {
            bool whole = int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int numerator)
                & int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int denominator);
            rate = new(numerator, denominator);
            return whole && numerator > 0 && denominator > 0 && rate.PerSecond is >= 1 and <= 1000;
        }

        if (parts.Length != 1
            || !double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double perSecond)
            || perSecond is not (>= 1 and <= 1000))
        {
            return false;
        }

        rate = FromDecimal(perSecond);
        return true;
    }

    private static FrameRate FromDecimal(double perSecond)
    {
        double nearest = Math.Round(perSecond);
        if (Math.Abs(perSecond - nearest) < 0.001)
        {
            return new((int)nearest, 1);
        }

        double ntsc = Math.Round(perSecond * 1.001);
        return Math.Abs(perSecond - (ntsc / 1.001)) < 0.01
            ? new((int)ntsc * 1000, 1001)
            : new((int)Math.Round(perSecond * 1000), 1000);
    }
}
