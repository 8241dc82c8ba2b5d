using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Models;
using MlvcRtc.Codec.Bitstream;
using MlvcRtc.Codec.Bundles;

namespace MlvcRtc.App.Streams;

/// <summary>Opens the bundles that a stream's parameter sets name.</summary>
internal static class StreamModelBundles
{
    /// <exception cref="UserError">One is not installed, or damaged.</exception>
    public static IReadOnlyList<ModelBundle> Open(string file)
    {
        ModelCatalogue catalogue = BundleOpening.Catalogue();
        List<ModelBundle> bundles = [];
        foreach (ModelVersion version in VersionsIn(file))
        {
            CatalogueEntry entry = catalogue.Find(version)
                ?? throw new UserError(
                    ExitCode.UnknownModel,
                    $"{file} was coded with model version {version}, for which there is no bundle. Known: {BundleOpening.Known()}. Import the bundle with 'mlvcrtc models import FILE.tar'.");
            bundles.Add(BundleOpening.Open(entry.Path));
        }

        return bundles;
    }

    private static List<ModelVersion> VersionsIn(string file)
    {
        using StreamFile reader = new(file);
        AccessUnitParser parser = new();
        List<ModelVersion> versions = [];
        while (reader.Read(out ReadOnlySpan<byte> accessUnit))
        {
            parser.Parse(accessUnit, out _);
            if (parser.Sps is { } sps && !versions.Contains(new(sps.Major, sps.Minor)))
            {
                versions.Add(new(sps.Major, sps.Minor));
            }
        }

        return versions.Count > 0
            ? versions
            : throw new UserError(ExitCode.Damaged, $"{file} holds no sequence parameter set; it is no .mlvc stream, or its beginning is missing.");
    }
}
