namespace MlvcRtc.InteropTests;

/// <summary>A program of the distribution that a test talks to.</summary>
internal static class InstalledProgram
{
    /// <summary>The path of <paramref name="name"/> on PATH or in the system folders; the test is skipped when it is not there.</summary>
    public static string Find(string name)
    {
        string? found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Concat(["/usr/bin", "/usr/sbin", "/usr/local/bin"])
            .Where(folder => folder.Length > 0)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
        Assert.SkipWhen(found is null, $"{name} is not installed; .ci/run installs it");
        return found!;
    }
}
