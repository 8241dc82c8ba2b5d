using System.Globalization;
using System.Net;

namespace MlvcRtc.Server.Settings;

/// <summary>Reads one section of the configuration and collects what is wrong with it: values that cannot be read, values out of range, names that nobody knows.</summary>
internal sealed class SettingsReader(IConfigurationSection section)
{
    private readonly List<string> _problems = [];
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<SettingsReader> _parts = [];

    public string? Text(string name) => Value(name) is { Length: > 0 } text ? text : null;

    /// <summary>The value itself, or the content of the file that NAMEFile names (secrets of containers and of systemd); white space around it is dropped.</summary>
    public string? Secret(string name)
    {
        string? value = Text(name);
        if (Text(name + "File") is not { } file)
        {
            return value;
        }

        if (value is not null)
        {
            _problems.Add($"{Full(name)} and {Full(name)}File are both set. Remove one.");
        }

        try
        {
            return File.ReadAllText(file).Trim() is { Length: > 0 } text ? text : throw new IOException("The file is empty.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _problems.Add($"{Full(name)}File: {exception.Message}");
            return null;
        }
    }

    public bool Flag(string name)
    {
        string? text = Text(name);
        if (text is not null && !bool.TryParse(text, out _))
        {
            _problems.Add($"{Full(name)} must be true or false.");
        }

        return text is not null && bool.TryParse(text, out bool flag) && flag;
    }

    public double Number(string name, double otherwise, double min, double max)
    {
        if (Text(name) is not { } text)
        {
            return otherwise;
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number >= min && number <= max)
        {
            return number;
        }

        _problems.Add(string.Create(CultureInfo.InvariantCulture, $"{Full(name)} must be a number from {min} to {max}."));
        return otherwise;
    }

    public TimeSpan Seconds(string name, TimeSpan otherwise) => TimeSpan.FromSeconds(Number(name, otherwise.TotalSeconds, 0, 1e6));

    /// <summary>A JSON array, or one text with commas.</summary>
    public IReadOnlyList<string> List(string name)
    {
        _known.Add(name);
        IConfigurationSection value = section.GetSection(name);
        return value.Value is { } text
            ? text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            : [.. value.GetChildren().Select(child => child.Value).OfType<string>()];
    }

    public IReadOnlyList<IPNetwork> Networks(string name)
    {
        List<IPNetwork> networks = [];
        foreach (string text in List(name))
        {
            if (IPNetwork.TryParse(text.Contains('/', StringComparison.Ordinal) ? text : text + (text.Contains(':', StringComparison.Ordinal) ? "/128" : "/32"), out IPNetwork network))
            {
                networks.Add(network);
            }
            else
            {
                _problems.Add($"{Full(name)}: \"{text}\" is not a network such as 10.0.0.0/8.");
            }
        }

        return networks;
    }

    public SettingsReader Section(string name)
    {
        _known.Add(name);
        SettingsReader part = new(section.GetSection(name));
        _parts.Add(part);
        return part;
    }

    /// <summary>What was wrong with all that was read, and what was not read because its name is unknown.</summary>
    public IEnumerable<string> Problems() => _problems
        .Concat(section.GetChildren().Where(child => !_known.Contains(child.Key)).Select(child => $"{Full(child.Key)} is not a setting. The settings are: {string.Join(", ", _known)}."))
        .Concat(_parts.SelectMany(part => part.Problems()));

    private string? Value(string name)
    {
        _known.Add(name);
        return section[name];
    }

    private string Full(string name) => section.Path + ":" + name;
}
