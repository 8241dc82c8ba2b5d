using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Reports;
using MlvcRtc.Codec.Bundles;

namespace MlvcRtc.App.Models;

/// <summary>Finds and opens the bundle that a verb works with, and turns what goes wrong into exit codes.</summary>
internal static class BundleOpening
{
    /// <summary>The bundles this machine has: MLVCRTC_BUNDLES, those beside the program, those imported.</summary>
    /// <exception cref="UserError">MLVCRTC_BUNDLES names no folder.</exception>
    public static ModelCatalogue Catalogue()
    {
        try
        {
            return new(BundleFolders.Standard(explicitFolder: null));
        }
        catch (BundleException cause)
        {
            throw new UserError(ExitCode.BadInput, cause.Message, cause);
        }
    }

    /// <param name="wanted">--model: an id, a name, a version or the path of a .tar; null for the default.</param>
    /// <exception cref="UserError">None fits, or it is damaged.</exception>
    public static ModelBundle Open(string? wanted)
    {
        ModelCatalogue catalogue = Catalogue();
        string path = PathOf(catalogue, wanted);
        try
        {
            return ModelBundle.Open(path, catalogue.Folders.Cache);
        }
        catch (BundleException cause)
        {
            throw new UserError(ExitCode.Damaged, cause.Message, cause);
        }
    }

    /// <summary>The archive that <paramref name="wanted"/> means.</summary>
    /// <exception cref="UserError">There is none.</exception>
    public static string PathOf(ModelCatalogue catalogue, string? wanted)
    {
        if (wanted is not null && wanted.EndsWith(".tar", StringComparison.OrdinalIgnoreCase))
        {
            return File.Exists(wanted) ? wanted : throw new UserError(ExitCode.BadInput, $"{wanted} does not exist. Check the path.");
        }

        // One that is there and cannot be read is damaged; one that is not there is unknown.
        if (catalogue.List().FirstOrDefault(entry => entry.Id == wanted) is { Problem: { } problem })
        {
            throw new UserError(ExitCode.Damaged, problem);
        }

        try
        {
            return catalogue.Choose(wanted).Path;
        }
        catch (BundleException cause)
        {
            throw new UserError(ExitCode.UnknownModel, cause.Message, cause);
        }
    }

    /// <summary>How reports name it.</summary>
    public static ReportModel ToReport(this ModelBundle bundle) => new(Path.GetFileNameWithoutExtension(bundle.Path), bundle.Sha256);

    /// <summary>What there is, for messages: "mlvc-xs-v0.200 (0.200), ...".</summary>
    public static string Known()
    {
        string[] usable = [.. Catalogue().List().Where(entry => entry.Problem is null).Select(entry => $"{entry.Id} ({entry.Version})")];
        return usable.Length == 0 ? "none" : string.Join(", ", usable);
    }
}
