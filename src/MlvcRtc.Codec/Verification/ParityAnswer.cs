using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization;
using MlvcRtc.Codec.Bundles;

namespace MlvcRtc.Codec.Verification;

/// <summary><c>parity_WxH.json</c>: what the model did in PyTorch, frame by frame (docs/model-bundle.md, "Parity").</summary>
internal sealed record ParityAnswer
{
    [JsonPropertyName("width")]
    public int Width { get; init; }

    [JsonPropertyName("height")]
    public int Height { get; init; }

    [JsonPropertyName("qp")]
    public int Qp { get; init; }

    [JsonPropertyName("frames")]
    public required IReadOnlyList<ParityFrame> Frames { get; init; }

    /// <summary>Largest share of differing symbols in a frame, 0..1.</summary>
    [JsonPropertyName("bound_symbol_mismatch")]
    public double SymbolMismatchBound { get; init; }

    /// <summary>Largest difference of a frame's mean, in 8-bit levels.</summary>
    [JsonPropertyName("bound_picture_mean_abs")]
    public double PictureMeanBound { get; init; }

    /// <summary><see cref="SymbolMismatchBound"/> of the graphs in integers; null = the bundle knows none, the same holds for them.</summary>
    [JsonPropertyName("int8_bound_symbol_mismatch")]
    public double? Int8SymbolMismatchBound { get; init; }

    /// <summary><see cref="PictureMeanBound"/> of the graphs in integers.</summary>
    [JsonPropertyName("int8_bound_picture_mean_abs")]
    public double? Int8PictureMeanBound { get; init; }

    /// <summary>The answer, with the bounds that hold for the model's numerics.</summary>
    /// <exception cref="BundleException">The file does not hold a known answer for the model's size.</exception>
    public static ParityAnswer Read(string path, ModelVariant model)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            ParityAnswer answer = JsonSerializer.Deserialize<ParityAnswer>(file) ?? throw new JsonException("the file holds null");
            return answer.Width == model.Width && answer.Height == model.Height && answer.Frames.Count > 0
                ? answer.For(model.Numerics)
                : throw new BundleException($"{path}: a known answer of {answer.Frames.Count} frames of {answer.Width}x{answer.Height} does not belong to the size {model.Key}.");
        }
        catch (Exception broken) when (broken is JsonException or FormatException or NotSupportedException)
        {
            throw new BundleException($"{path}: not a known answer ({broken.Message}). The bundle is damaged; fetch it again.", broken);
        }
    }

    private ParityAnswer For(Numerics numerics) => numerics == Numerics.Float
        ? this
        : this with { SymbolMismatchBound = Int8SymbolMismatchBound ?? SymbolMismatchBound, PictureMeanBound = Int8PictureMeanBound ?? PictureMeanBound };
}

/// <summary>One frame of the known answer. Symbols are int16, little endian, in tensor order.</summary>
internal sealed class ParityFrame
{
    /// <summary>q_index_shifted.</summary>
    [JsonPropertyName("shifted")]
    public int ShiftedIndex { get; init; }

    /// <summary>Packed picture, uint8 [96, h, w].</summary>
    [JsonPropertyName("x")]
    public required byte[] Picture { get; init; }

    [JsonPropertyName("z")]
    public required byte[] Z { get; init; }

    [JsonPropertyName("y0")]
    public required byte[] Y0 { get; init; }

    [JsonPropertyName("y1")]
    public required byte[] Y1 { get; init; }

    /// <summary>Mean of the 8-bit packed reconstruction.</summary>
    [JsonPropertyName("x_hat_mean")]
    public double PictureMean { get; init; }

    /// <exception cref="BundleException">The number of symbols is not the tensor's.</exception>
    public static void CopySymbols(byte[] bytes, Span<int> symbols, string name)
    {
        if (bytes.Length != symbols.Length * sizeof(short))
        {
            throw new BundleException($"The known answer's {name} has {bytes.Length} bytes, the model {symbols.Length} symbols of 2 bytes.");
        }

        for (int k = 0; k < symbols.Length; k++)
        {
            symbols[k] = BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(k * sizeof(short)));
        }
    }
}
