using System.Runtime.InteropServices;
using MlvcRtc.Codec.Inference;

namespace MlvcRtc.App.Interop;

/// <summary>
/// Runs graphs with weights rounded to fewer bits, as an accelerator does that keeps them so; sums stay fp32. Rounds the shared file
/// <c>weights.bin</c> of bundles whose tensors are fp32: what a graph holds itself (a scalar here and there) stays. Disposing removes the copies.
/// </summary>
/// <param name="inner">Runs the rounded graphs.</param>
/// <param name="round">One weight to the nearest that the format has.</param>
internal sealed class RoundedWeightsEngine(INeuralEngine inner, Func<float, float> round) : INeuralEngine, IDisposable
{
    private const string SharedWeights = "weights.bin";

    private readonly string _folder = Directory.CreateTempSubdirectory("mlvcrtc-rounded-").FullName;

    /// <summary>To bfloat16: 8 bits of precision, half to even.</summary>
    public static float ToBFloat16(float weight)
    {
        uint bits = BitConverter.SingleToUInt32Bits(weight);
        uint half = 0x7fff + ((bits >> 16) & 1);
        return float.IsFinite(weight) ? BitConverter.UInt32BitsToSingle((bits + half) & 0xffff_0000) : weight;
    }

    /// <summary>To binary16 (IEEE 754): 11 bits of precision.</summary>
    public static float ToFloat16(float weight) => (float)(Half)weight;

    public INeuralSession Load(string graphPath)
    {
        string source = Path.Combine(Path.GetDirectoryName(graphPath)!, SharedWeights);
        string weights = Path.Combine(_folder, SharedWeights);
        if (!File.Exists(weights))
        {
            if (!File.Exists(source))
            {
                throw new InvalidDataException($"{graphPath} has no {SharedWeights} beside it; only bundles with shared fp32 weights can be rounded.");
            }

            byte[] bytes = File.ReadAllBytes(source);
            foreach (ref float weight in MemoryMarshal.Cast<byte, float>(bytes.AsSpan()))
            {
                weight = round(weight);
            }

            File.WriteAllBytes(weights, bytes);
        }

        string graph = Path.Combine(_folder, Path.GetFileName(graphPath));
        File.Copy(graphPath, graph, overwrite: true);
        return inner.Load(graph);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
