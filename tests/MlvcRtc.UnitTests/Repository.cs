namespace MlvcRtc.UnitTests;

/// <summary>Where the checkout is, seen from the test assembly.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MlvcRtc.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("MlvcRtc.sln was not found above the test assembly.");
    }
}
