using System.Text.RegularExpressions;

namespace MlvcRtc.UnitTests.Architecture;

/// <summary>Whatever decides how bits are read is integer arithmetic: two machines may differ in floats, never in symbols.</summary>
public sealed partial class IntegerCodingTests
{
    [Theory]
    [InlineData("Entropy")]
    [InlineData("Bitstream")]
    [InlineData("Motion")]
    public void No_floating_point_on_the_coding_path(string folder)
    {
        string path = Path.Combine(Repository.Root, "src", "MlvcRtc.Codec", folder);
        string[] sources = Directory.GetFiles(path, "*.cs", SearchOption.AllDirectories);

        Assert.NotEmpty(sources);
        Assert.Empty(sources.SelectMany(file => File.ReadLines(file)
            .Select((line, index) => (file, number: index + 1, line))
            .Where(found => FloatingPoint().IsMatch(found.line))
            .Select(found => $"{found.file}:{found.number}: {found.line.Trim()}")));
    }

    [GeneratedRegex(@"^(?!\s*//).*\b(float|double|decimal|Half|Single|Double|Math|MathF)\b")]
    private static partial Regex FloatingPoint();
}
