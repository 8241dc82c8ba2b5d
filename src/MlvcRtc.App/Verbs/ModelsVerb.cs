using System.CommandLine;
using System.Globalization;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Models;
using MlvcRtc.App.Reports;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Onnx;
using MlvcRtc.Codec.Verification;
using Spectre.Console;

namespace MlvcRtc.App.Verbs;

/// <summary>'models': the bundles this machine has.</summary>
internal static class ModelsVerb
{
    private const string Summary = "List, verify and import model bundles.";

    private const string Details = """
        Bundles are looked for in the folder named by MLVCRTC_BUNDLES, beside the program, and among the imported ones.

        Examples:
          mlvcrtc models list
          mlvcrtc models verify
          mlvcrtc models import mlvc-xs-onnx-generic-v0.201.tar
        """;

    public static Command Create(Surroundings surroundings) => new ExplainedCommand("models", Summary, Details)
    {
        List(surroundings),
        Verify(surroundings),
        Import(surroundings),
    };

    private static Command List(Surroundings surroundings)
    {
        Command command = new("list", "Every bundle found, with its version and sizes.");
        command.Runs(surroundings, (_, _) =>
        {
            ModelCatalogue catalogue = BundleOpening.Catalogue();
            IReadOnlyList<CatalogueEntry> entries = catalogue.List();
            if (entries.Count == 0)
            {
                throw new UserError(ExitCode.UnknownModel, $"No bundle was found in {string.Join(", ", catalogue.Folders.Search)}. Import one with 'mlvcrtc models import FILE.tar'.");
            }

            Table table = new Table().Border(TableBorder.Simple).AddColumns("id", "version", "sizes", "where");
            foreach (CatalogueEntry entry in entries)
            {
                table.AddRow(
                    Markup.Escape(entry.Id),
                    entry.Problem is null ? entry.Version.ToString() : "unusable",
                    Markup.Escape(entry.Problem ?? string.Join(' ', entry.Sizes)),
                    Markup.Escape(Path.GetDirectoryName(entry.Path) ?? string.Empty));
            }

            surroundings.Terminal.Canvas().Write(table);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Verify(Surroundings surroundings)
    {
        Argument<string?> bundleName = new("BUNDLE") { Description = "An id as listed, a version, or a *.tar file. Default: the newest.", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> json = SharedOptions.Json();
        Command command = new("verify", "Check a bundle's SHA-256 and run its graphs against the known answer of the model that they were exported from.") { bundleName, json };
        command.Runs(surroundings, (parsed, cancel) =>
        {
            ModelBundle bundle = BundleOpening.Open(parsed.GetValue(bundleName));
            VerificationReport report = RunGraphs(surroundings, bundle, cancel);
            foreach (SizeVerification size in report.Sizes)
            {
                string answer = size.HasKnownAnswer
                    ? string.Create(CultureInfo.InvariantCulture, $"symbols that differ from PyTorch's {100 * size.WorstSymbolMismatch:0.####} % (bound {100 * size.SymbolMismatchBound:0.####} %), picture mean off by {size.WorstPictureMeanError:0.####} levels (bound {size.PictureMeanBound:0.####}), ")
                    : string.Empty;
                surroundings.Terminal.Out.WriteLine($"{(size.Passed ? "passed" : "FAILED")}  {size.Size}: {size.Frames} frames, {answer}{size.DifferingStates} frames with unequal encoder and decoder states");
            }

            if (parsed.GetValue(json) is { } file)
            {
                ReportFile.Write(file, ReportFile.Render(report, bundle.ToReport(), parsed.Typed(), surroundings.Time));
            }

            surroundings.Terminal.Say($"{bundle.Path}: {bundle.Name} {bundle.Version}, SHA-256 {bundle.Sha256}");
            return report.Passed
                ? ExitCode.Ok
                : throw new UserError(ExitCode.Failed, $"{bundle.Path} does not do what its model did when it was exported; see above. Export it anew, or check this machine's ONNX Runtime.");
        });
        return command;
    }

    private static VerificationReport RunGraphs(Surroundings surroundings, ModelBundle bundle, CancellationToken cancel)
    {
        using ProgressLine progress = new(surroundings.Terminal, surroundings.Time, "verified", total: null);
        ImmediateProgress watcher = new(progress);
        ModelBundle[] variants = [.. new[] { bundle, bundle.Int8 }.OfType<ModelBundle>()];
        return new([.. variants.SelectMany(variant => BundleVerification.Run(variant, new OnnxEngine(), watcher, cancel).Sizes)]);
    }

    /// <summary>Reports on the thread that works, in order.</summary>
    private sealed class ImmediateProgress(ProgressLine line) : IProgress<(int Done, int Total)>
    {
        public void Report((int Done, int Total) value) => line.Show(value.Done);
    }

    private static Command Import(Surroundings surroundings)
    {
        Argument<string> file = new("FILE") { Description = "A bundle, *.tar." };
        Command command = new("import", "Verify a bundle and copy it to the user's folder.") { file };
        command.Runs(surroundings, (parsed, _) =>
        {
            string path = parsed.GetRequiredValue(file);
            if (!File.Exists(path))
            {
                throw new UserError(ExitCode.BadInput, $"{path} does not exist. Check the path.");
            }

            try
            {
                CatalogueEntry entry = BundleOpening.Catalogue().Import(path);
                surroundings.Terminal.Say($"{entry.Id} (version {entry.Version}) is imported: {entry.Path}");
                return ExitCode.Ok;
            }
            catch (BundleException cause)
            {
                throw new UserError(ExitCode.Damaged, cause.Message, cause);
            }
        });
        return command;
    }
}
