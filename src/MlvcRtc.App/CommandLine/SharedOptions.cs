using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using MlvcRtc.App.Devices;
using MlvcRtc.App.Models;
using MlvcRtc.Lab.Clips;

namespace MlvcRtc.App.CommandLine;

/// <summary>Options that mean the same in every verb, each with its unit and range. A fresh object per verb.</summary>
internal static class SharedOptions
{
    public static Option<string?> Model() => new("--model")
    {
        Description = "Bundle to use, as listed by 'mlvcrtc models list'; default: the newest xs model (0.200 to 0.219).",
        HelpName = "ID",
    };

    public static Option<string?> Json() => new("--json")
    {
        Description = "Also write the figures to this file as JSON.",
        HelpName = "FILE",
    };

    public static Option<string?> Device()
    {
        Option<string?> device = new("--device")
        {
            Description = "What the networks run on. Default: MLVCRTC_DEVICE of the environment, or auto, the fastest that passes the self-test ('mlvcrtc devices'). cpu-int8 = the model's graphs in integers, faster and a little worse; both ends should then name it, or pictures drift.",
            HelpName = string.Join('|', EngineOpening.Names),
        };
        device.AcceptOnlyFromAmong(EngineOpening.Names);
        return device;
    }

    public static Option<string?> Trace() => new("--trace")
    {
        Description = "Also write when each frame was worked on, waited, missed its deadline or was dropped: a JSON file that ui.perfetto.dev opens.",
        HelpName = "FILE",
    };

    public static Option<bool> Verbose() => new("--verbose")
    {
        Description = "On failure, also print where in the program it happened.",
        Recursive = true,
    };

    /// <summary>A size that the codec can take.</summary>
    public static Option<PictureSize?> Size(string description) => new("--size")
    {
        Description = description,
        HelpName = "WxH",
        CustomParser = result => Parse<PictureSize>(result, "WIDTHxHEIGHT, for example 640x360", PictureSize.TryParse, size => size.Check()),
    };

    public static Option<FrameRate?> Rate(string description) => new("--fps")
    {
        Description = description,
        HelpName = "N",
        CustomParser = result => Parse<FrameRate>(result, "pictures per second, 1 .. 1000, for example 30, 29.97 or 30000/1001", FrameRateText.TryParse, _ => null),
    };

    /// <summary>A whole number within bounds, both included.</summary>
    public static Option<int?> Whole(string name, string helpName, string description, int least, int most) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result => Parse<int>(
            result,
            string.Create(CultureInfo.InvariantCulture, $"a whole number, {least} .. {most}"),
            (string text, out int value) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= least && value <= most,
            _ => null),
    };

    /// <summary>A decimal number within bounds, both included.</summary>
    public static Option<double?> Number(string name, string helpName, string description, double least, double most) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result => Parse<double>(
            result,
            string.Create(CultureInfo.InvariantCulture, $"a number, {least} .. {most}"),
            (string text, out double value) => double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && value >= least && value <= most,
            _ => null),
    };

    private delegate bool Reader<T>(string text, out T value);

    private static T? Parse<T>(ArgumentResult result, string expected, Reader<T> read, Func<T, string?> complain)
        where T : struct
    {
        string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : string.Empty;
        string name = (result.Parent as OptionResult)?.Option.Name ?? "argument";
        if (!read(text, out T value))
        {
            result.AddError($"{name} {text}: expected {expected}.");
            return null;
        }

        if (complain(value) is { } complaint)
        {
            result.AddError($"{name}: {complaint}");
            return null;
        }

        return value;
    }
}
