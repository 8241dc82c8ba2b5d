using System.Runtime.InteropServices;
using MlvcRtc.Codec.Bundles;

namespace MlvcRtc.IntegrationTests.Codec;

/// <summary>The xs model as a machine of lower precision would hold it: every shared weight rounded to float16.</summary>
internal static class RoundedWeights
{
    public static ModelBundle Of(Bundles bundles)
    {
        string folder = Directory.CreateDirectory(Path.Combine(bundles.Folder, "rounded")).FullName;
        foreach (string file in Directory.EnumerateFiles(Path.GetDirectoryName(bundles.Xs.Models[0].DecoderGraphPath)!))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        }

        // weights.bin holds float32 tensors only (97 % of the parameters; what stays in the graphs is smaller than 64 bytes or occurs once).
        string weights = Path.Combine(folder, "weights.bin");
        byte[] bytes = File.ReadAllBytes(weights);
        foreach (ref float weight in MemoryMarshal.Cast<byte, float>(bytes.AsSpan()))
        {
            weight = (float)(Half)weight;
        }

        File.WriteAllBytes(weights, bytes);
        return ModelBundle.Of(bundles.Xs.Version, "rounded", bundles.Xs.ModelTag, [.. bundles.Xs.Models.Select(model => model with
        {
            DecoderGraphPath = Path.Combine(folder, Path.GetFileName(model.DecoderGraphPath)),
        })]);
    }
}
