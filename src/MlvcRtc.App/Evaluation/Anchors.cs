using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.App.Models;
using MlvcRtc.Codec.Onnx;

namespace MlvcRtc.App.Evaluation;

/// <summary>An anchor that was asked for and does not run here.</summary>
internal sealed record MissingAnchor(string Name, string Reason);

/// <summary>The codecs that ours is compared with, and those that are missing.</summary>
internal sealed record Anchors(IReadOnlyList<IRatedCodec> Codecs, IReadOnlyList<MissingAnchor> Missing)
{
    /// <summary>The first ffmpeg with the options used here (-fps_mode).</summary>
    private static readonly Version LeastVersion = new(5, 1);

    /// <param name="surroundings">For ffmpeg.</param>
    /// <param name="names">Of recipes, or of model bundles; null = every recipe.</param>
    /// <param name="qps">Points of bundles.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="UserError">A name means nothing.</exception>
    public static Anchors Find(Surroundings surroundings, IReadOnlyList<string>? names, IReadOnlyList<int> qps, CancellationToken cancel)
    {
        AnchorRecipe[] all = [.. AnchorRecipe.Software, .. AnchorRecipe.Hardware];
        List<IRatedCodec> codecs = [];
        List<MissingAnchor> missing = [];
        string? tooOld = null;
        string encoders = string.Empty;
        foreach (string name in names ?? [.. all.Select(recipe => recipe.Name)])
        {
            if (all.FirstOrDefault(recipe => recipe.Name == name) is not { } recipe)
            {
                codecs.Add(Bundle(name, qps));
                continue;
            }

            tooOld ??= TooOld(surroundings.Ffmpeg) ?? string.Empty;
            encoders = encoders.Length > 0 ? encoders : ChildProcess.Capture(surroundings.Ffmpeg.Path, ["-hide_banner", "-encoders"]);
            FfmpegCodec codec = new(surroundings.Ffmpeg, recipe);
            string? reason = tooOld.Length > 0 ? tooOld
                : !encoders.Contains($" {recipe.Encoder} ", StringComparison.Ordinal) ? $"this ffmpeg was built without {recipe.Encoder}"
                : Complaint(codec, cancel);
            if (reason is not null)
            {
                missing.Add(new(name, reason));
                continue;
            }

            codecs.Add(codec);
        }

        return new(codecs, missing);
    }

    /// <summary>Null when this ffmpeg is new enough.</summary>
    private static string? TooOld(Ffmpeg ffmpeg) =>
        (ffmpeg.Release is { } release && release >= LeastVersion) || (ffmpeg.Release is null && ffmpeg.Year > 2022)
            ? null
            : $"it needs ffmpeg {LeastVersion} or newer, this is {ffmpeg.Version} of {ffmpeg.Year}";

    /// <summary>Tries the very command on a few pictures: a listed encoder may lack its device, its library or an option.</summary>
    private static string? Complaint(FfmpegCodec codec, CancellationToken cancel)
    {
        using EvaluationClip sample = EvaluationClip.Sample();
        try
        {
            codec.Run(sample, codec.Settings[codec.Settings.Count / 2], keep: null, cancel);
            return null;
        }
        catch (UserError error)
        {
            return error.InnerException?.Message ?? error.Message;
        }
    }

    private static ModelCodec Bundle(string name, IReadOnlyList<int> qps)
    {
        try
        {
            return new(name, new(BundleOpening.Open(name), new OnnxEngine()), qps);
        }
        catch (UserError error) when (error.Code is ExitCode.UnknownModel)
        {
            IEnumerable<string> recipes = AnchorRecipe.Software.Concat(AnchorRecipe.Hardware).Select(recipe => recipe.Name);
            throw new UserError(ExitCode.BadInput, $"There is no anchor '{name}'. Anchors: {string.Join(", ", recipes)}; or a model: {BundleOpening.Known()}.", error);
        }
    }
}
