using MlvcRtc.Codec.Bundles;

namespace MlvcRtc.IntegrationTests.Codec;

/// <summary>The committed bundles, unpacked once per test run.</summary>
public sealed class Bundles : IDisposable
{
    private readonly DirectoryInfo _cache = Directory.CreateTempSubdirectory("mlvcrtc-bundles-");

    public Bundles()
    {
        Xs = ModelBundle.Open(Newest(Path.Combine(Root, "models", "bundles"), "mlvc-xs-*.tar"), _cache.FullName);
        Official = ModelBundle.Open(Newest(Path.Combine(Root, "tests", "bundles"), "official-layout-*.tar"), _cache.FullName);
    }

    /// <summary>The checkout.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The trained model of this repository.</summary>
    public ModelBundle Xs { get; }

    /// <summary>libmlvc's layout, interface and element types with random weights: published bundles cannot be had here.</summary>
    public ModelBundle Official { get; }

    public string Folder => _cache.FullName;

    public void Dispose() => _cache.Delete(recursive: true);

    private static string Newest(string folder, string pattern) => Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal).Last();

    private static string FindRoot()
    {
        DirectoryInfo folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "MlvcRtc.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("MlvcRtc.sln was not found above the test assembly.");
        }

        return folder.FullName;
    }
}
