namespace MlvcRtc.Codec.Bundles;

/// <summary>Where bundles are looked for, first match first, and where imported ones and unpacked graphs are kept.</summary>
/// <param name="Search">Folders with <c>*.tar</c>; a folder that does not exist is empty.</param>
/// <param name="Import">Receives imported bundles; also searched.</param>
/// <param name="Cache">Holds unpacked graphs; may be deleted at any time while nothing runs.</param>
public sealed record BundleFolders(IReadOnlyList<string> Search, string Import, string Cache)
{
    /// <summary>Names one more folder to look in, before the program's own.</summary>
    public const string EnvironmentVariable = "MLVCRTC_BUNDLES";

    /// <summary>The explicit folder, the environment's, <c>bundles/</c> beside the program, and the user's own.</summary>
    /// <param name="explicitFolder">From the command line; null when not given.</param>
    /// <exception cref="BundleException">A folder that was asked for does not exist.</exception>
    public static BundleFolders Standard(string? explicitFolder = null)
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        string own = Path.Combine(home.Length > 0 ? home : Path.GetTempPath(), "MlvcRtc");
        string import = Path.Combine(own, "bundles");
        string? fromEnvironment = Environment.GetEnvironmentVariable(EnvironmentVariable);
        string?[] search =
        [
            Existing(explicitFolder, "the folder given for bundles"),
            Existing(fromEnvironment, $"the folder named by {EnvironmentVariable}"),
            Path.Combine(AppContext.BaseDirectory, "bundles"),
            import,
        ];
        return new BundleFolders([.. search.OfType<string>()], import, Path.Combine(own, "graphs"));
    }

    private static string? Existing(string? folder, string what) =>
        string.IsNullOrEmpty(folder) ? null
        : Directory.Exists(folder) ? folder
        : throw new BundleException($"{folder}: {what} does not exist.");
}
