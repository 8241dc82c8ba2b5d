using MlvcRtc.Codec.Entropy;

namespace MlvcRtc.Codec.Bundles;

/// <summary>Reads the two table files of a bundle. Tables are shipped as integers and never computed here: float builds of one rule disagree in the last unit.</summary>
internal static class TablesJson
{
    private static readonly string[] LogitLists = ["key_prediction", "hyper_logits", "flag_logits", "vector_logits"];

    /// <summary><c>gaussian_pmf.json</c>: tables, and the logits of a model with contexts.</summary>
    public static (FrequencyTables Tables, ContextLogits? Logits) ReadGaussian(BundleJson json)
    {
        if (!json.Truth("index_space"))
        {
            throw new BundleException($"{json.Place}.index_space: expected true; only tables addressed by index are supported.");
        }

        FrequencyTables tables = ReadTables(json);
        int levels = json.Integer("scale_levels");
        return tables.Count == levels ? (tables, ReadLogits(json)) : throw new BundleException($"{json.Place}: {tables.Count} tables, but scale_levels is {levels}.");
    }

    /// <summary><c>bit_estimator_pmf.json</c>, for a model of these dimensions.</summary>
    public static FrequencyTables ReadBitEstimator(BundleJson json, ModelMetadata model)
    {
        FrequencyTables tables = ReadTables(json);
        int channels = json.Integer("channels");
        int rows = json.Integer("qp_num");
        if (channels != model.HyperpriorChannels || rows < model.QpNum || tables.Count != (long)channels * rows)
        {
            throw new BundleException(
                $"{json.Place}: {tables.Count} tables for {rows} quality indices and {channels} channels; expected one per index and channel, {model.HyperpriorChannels} channels, and at least {model.QpNum} indices.");
        }

        return tables;
    }

    private static ContextLogits? ReadLogits(BundleJson json)
    {
        try
        {
            if (json.FindIntegers("choice_logits") is not { } symbols)
            {
                return LogitLists.FirstOrDefault(name => json.FindIntegers(name) is not null) is { } found
                    ? throw new BundleException($"{json.Place}: {found} without choice_logits. The bundle is damaged, fetch it again.")
                    : null;
            }

            if (LogitLists.FirstOrDefault(name => json.FindIntegers(name) is null) is { } lacking)
            {
                throw new BundleException($"{json.Place}: choice_logits without {lacking}. The bundle is of an older format, or damaged: fetch a newer bundle of the model, or use an older program.");
            }

            return new ContextLogits(
                TrainedLogits.Of(symbols),
                KeyPrediction.Of(json.Integers("key_prediction")),
                TrainedLogits.Of(json.Integers("hyper_logits")),
                TrainedLogits.Of(json.Integers("flag_logits")),
                TrainedLogits.Of(json.Integers("vector_logits")));
        }
        catch (InvalidDataException broken)
        {
            throw new BundleException($"{json.Place}: {broken.Message}", broken);
        }
    }

    private static FrequencyTables ReadTables(BundleJson json)
    {
        try
        {
            return FrequencyTables.Build(json.Integers("pmf_lengths"), json.Integers("pmf_offsets"), json.Integers("pmf_table"));
        }
        catch (InvalidDataException broken)
        {
            throw new BundleException($"{json.Place}: {broken.Message}", broken);
        }
    }
}
