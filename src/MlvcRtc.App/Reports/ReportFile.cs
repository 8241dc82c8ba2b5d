using System.Globalization;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using MlvcRtc.App.Devices;

namespace MlvcRtc.App.Reports;

/// <summary>Writes what --json asks for: the fields every report carries, then the verb's own. Names are snake case with the unit last and are never renamed.</summary>
internal static class ReportFile
{
    public const string Tool = "mlvcrtc";

    private static readonly JsonSerializerOptions Style = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Product version and the commit it was built from; "unknown" outside a repository.</summary>
    public static (string Version, string Commit) Build { get; } = ReadBuild();

    /// <summary>One report as text.</summary>
    /// <param name="fields">A record with the verb's own fields.</param>
    /// <param name="model">Bundle used; null when the verb used none.</param>
    /// <param name="commandLine">What the user typed after the program's name.</param>
    /// <param name="time">For the date.</param>
    public static string Render(object fields, ReportModel? model, IReadOnlyList<string> commandLine, TimeProvider time)
    {
        JsonObject report = new()
        {
            ["tool"] = Tool,
            ["version"] = Build.Version,
            ["commit"] = Build.Commit,
            ["machine"] = JsonSerializer.SerializeToNode(Machine.This(), Style),
            ["date_utc"] = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["command"] = $"{Tool} {string.Join(' ', commandLine)}",
            ["model"] = model is null ? null : JsonSerializer.SerializeToNode(model, Style),
        };
        foreach ((string name, JsonNode? value) in JsonSerializer.SerializeToNode(fields, Style)!.AsObject().ToArray())
        {
            report[name] = value?.DeepClone();
        }

        return report.ToJsonString(Style) + "\n";
    }

    /// <exception cref="CommandLine.UserError">The file cannot be written.</exception>
    public static void Write(string path, string report)
    {
        using OutputFile file = new(path);
        file.Write(System.Text.Encoding.UTF8.GetBytes(report));
        file.Complete();
    }

    private static (string Version, string Commit) ReadBuild()
    {
        string text = typeof(ReportFile).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
        int plus = text.IndexOf('+', StringComparison.Ordinal);
        return plus < 0 ? (text, "unknown") : (text[..plus], text[(plus + 1)..]);
    }
}
