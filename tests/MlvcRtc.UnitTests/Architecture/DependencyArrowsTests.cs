using System.Xml.Linq;

namespace MlvcRtc.UnitTests.Architecture;

/// <summary>The table in docs/architecture.md is the drawing; the project files are the house. They must agree.</summary>
public sealed class DependencyArrowsTests
{
    [Fact]
    public void Project_references_equal_the_table_in_the_architecture_page()
    {
        Assert.Equal(Render(DrawnArrows()), Render(BuiltArrows()));
    }

    private static Dictionary<string, string[]> DrawnArrows() =>
        File.ReadLines(Path.Combine(Repository.Root, "docs", "architecture.md"))
            .SkipWhile(line => line != "| --- | --- |")
            .Skip(1)
            .TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .ToDictionary(cells => cells[1], cells => cells[2].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    private static Dictionary<string, string[]> BuiltArrows() =>
        Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src"))
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.csproj"))
            .ToDictionary(ShortName, path => XDocument.Load(path)
                .Descendants("ProjectReference")
                .Select(reference => ShortName(reference.Attribute("Include")!.Value))
                .ToArray());

    private static string ShortName(string path) =>
        Path.GetFileNameWithoutExtension(path.Replace('\\', '/'))["MlvcRtc.".Length..];

    private static string Render(Dictionary<string, string[]> arrows) =>
        string.Join('\n', arrows.OrderBy(a => a.Key, StringComparer.Ordinal)
            .Select(a => $"{a.Key} -> {string.Join(", ", a.Value.Order(StringComparer.Ordinal))}"));
}
