using System.Text.RegularExpressions;

namespace MlvcRtc.UnitTests.Architecture;

/// <summary>Pages that refer to each other, to files and to pictures: whoever follows a link arrives.</summary>
public sealed partial class DocumentLinksTests
{
    private static readonly string[] NotOurs = ["node_modules", "bin", "obj", "artifacts", ".git"];

    [Fact]
    public void Every_link_of_a_page_leads_to_a_file_and_a_heading_that_exist()
    {
        string[] pages = [.. Pages(Repository.Root)];
        Assert.Contains(Path.Combine(Repository.Root, "docs", "user-guide.md"), pages);

        Assert.Empty(pages.SelectMany(Broken));
    }

    /// <summary>The pictures that the guide shows are those that web/e2e/screenshots.mjs makes, and none lies about unused.</summary>
    [Fact]
    public void Every_picture_of_the_guide_is_shown_in_it()
    {
        string guide = File.ReadAllText(Path.Combine(Repository.Root, "docs", "user-guide.md"));
        string[] pictures = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs", "images", "guide")).Select(path => Path.GetFileName(path))];

        Assert.NotEmpty(pictures);
        Assert.All(pictures, name => Assert.Contains($"images/guide/{name}", guide, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Pages(string folder) =>
        Directory.EnumerateFiles(folder, "*.md").Concat(Directory.EnumerateDirectories(folder)
            .Where(inner => !NotOurs.Contains(Path.GetFileName(inner)))
            .SelectMany(Pages));

    private static IEnumerable<string> Broken(string page)
    {
        string text = Code().Replace(File.ReadAllText(page), "");
        foreach (Match link in Link().Matches(text))
        {
            string[] parts = link.Groups[1].Value.Split('#', 2);
            string target = parts[0].Length == 0 ? page : Path.GetFullPath(parts[0], Path.GetDirectoryName(page)!);
            bool leads = File.Exists(target) || Directory.Exists(target);
            if (!leads || (parts.Length == 2 && !Headings(target).Contains(parts[1])))
            {
                yield return $"{Path.GetRelativePath(Repository.Root, page)}: {link.Groups[1].Value}";
            }
        }
    }

    /// <summary>As the usual renderers name them: lower case, spaces to hyphens, other signs gone.</summary>
    private static HashSet<string> Headings(string page) =>
        [.. File.ReadLines(page).Where(line => line.StartsWith('#')).Select(line =>
            Sign().Replace(line.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-'))];

    /// <summary>Fenced and inline code holds examples, not links.</summary>
    [GeneratedRegex("^```.*?^```|`[^`\n]*`", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Code();

    /// <summary>Markdown's links and pictures, and src of HTML, that lead to no other machine.</summary>
    [GeneratedRegex("(?:\\]\\(|src=\")(?![a-z]+:)([^)\\s\"]+)")]
    private static partial Regex Link();

    [GeneratedRegex("[^\\w\\- ]")]
    private static partial Regex Sign();
}
