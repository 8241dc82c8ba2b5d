using MlvcRtc.Codec.Entropy;

namespace MlvcRtc.Codec.Bundles;

/// <summary>Reads the two table files of a bundle. Tables are shipped as integers and never computed here: float builds of one rule disagree in the last unit.</summary>
internal static class TablesJson
{
    /// <summary><c>gaussian_pmf.json</c>: tables, and the logits of a model with contexts.</summary>
    public static (FrequencyTables Tables, ChoiceLogits? Logits) ReadGaussian(BundleJson json)
    {
        if (!json.Truth("index_space"))
        {
            throw new BundleException($"{json.Place}.index_space: expected true; only tables addressed by index are supported.");
        }

        FrequencyTables tables = ReadTables(json);
        int levels = json.Integer("scale_levels");
        return tables.Levels == levels ? (tables, ReadLogits(json))
            : throw new BundleException($"{json.Place}: {tables.Count} tables, but scale_levels is {levels}, for each of {tables.Contexts} contexts.");
    }

    /// <summary><c>bit_estimator_pmf.json</c>, for a model of these dimensions.</summary>
    public static FrequencyTables ReadBitEstimator(BundleJson json, ModelMetadata model)
    {
        FrequencyTables tables = ReadTables(json);
        int channels = json.Integer("channels");
        int rows = json.Integer("qp_num");
        if (channels != model.HyperpriorChannels || rows < model.QpNum || (tables.Contexts > 1 && rows % HyperContexts.QStep != 0)
            || tables.Levels != (long)channels * (tables.Contexts > 1 ? rows / HyperContexts.QStep : rows))
        {
            throw new BundleException(
                $"{json.Place}: {tables.Count} tables for {rows} quality indices, {channels} channels and {tables.Contexts} contexts; expected one per index (with contexts, per {HyperContexts.QStep} indices), channel and context, {model.HyperpriorChannels} channels, and at least {model.QpNum} indices.");
        }

        return tables;
    }

    private static ChoiceLogits? ReadLogits(BundleJson json)
    {
        try
        {
            if (json.FindIntegers("choice_logits") is null && json.FindIntegers("key_prediction") is not null)
            {
                throw new BundleException($"{json.Place}: key_prediction without choice_logits. The bundle is damaged, fetch it again.");
            }

            return json.FindIntegers("choice_logits") is { } values ? ChoiceLogits.Of(values, KeyPrediction.Of(json.Integers("key_prediction"))) : null;
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
            return FrequencyTables.Build(json.Integers("pmf_lengths"), json.Integers("pmf_offsets"), json.Integers("pmf_table"), json.FindInteger("contexts") ?? 1);
        }
        catch (InvalidDataException broken)
        {
            throw new BundleException($"{json.Place}: {broken.Message}", broken);
        }
    }
}
