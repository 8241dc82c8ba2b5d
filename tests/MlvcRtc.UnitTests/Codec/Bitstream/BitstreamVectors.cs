using System.Text.Json;
using MlvcRtc.Codec.Bitstream;

namespace MlvcRtc.UnitTests.Codec.Bitstream;

/// <summary>tests/vectors/bitstream-v0.json, and the defaults its cases state differences from.</summary>
internal static class BitstreamVectors
{
    public static readonly SequenceParameterSet Sps = new(0, 1, 0, 320, 180, false, 0, 0, 0, 0, 1, 10);

    public static readonly FrameHeader Idr = new(NaluType.IdrNLp, 0, 26, 0, 0, false, default);

    public static readonly byte[] Data = [0xCA, 0xFE];

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter() } };

    private static readonly Document Loaded = JsonSerializer.Deserialize<Document>(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "vectors", "bitstream-v0.json")), Options)!;

    public static IReadOnlyList<StreamCase> Streams => Loaded.Streams;

    public static IReadOnlyList<BufferCase> Buffers => Loaded.Buffers;

    public static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    /// <summary>Each NAL unit behind its start code.</summary>
    public static byte[] AccessUnit(params IEnumerable<string> nalus) => [.. nalus.SelectMany(nalu => (byte[])[0, 0, 0, 1, .. Bytes(nalu)])];

    public sealed record Document(List<StreamCase> Streams, List<BufferCase> Buffers);

    public sealed record StreamCase(string Name, List<UnitCase> Units);

    public sealed record UnitCase(SpsFields? Sps, FrameFields? Frame, string? Data, List<string> Nalus)
    {
        public SequenceParameterSet WantedSps => (Sps ?? new SpsFields()).ToSps();

        public FrameHeader Header => (Frame ?? new FrameFields()).ToHeader();

        public byte[] EncodedData => Data is null ? BitstreamVectors.Data : Bytes(Data);

        public byte[] Expected => AccessUnit(Nalus);
    }

    public sealed record SpsFields(
        byte Minor = 1, int ModelWidth = 320, int ModelHeight = 180, bool Transpose = false, int CropLeft = 0, int CropRight = 0, int CropTop = 0, int CropBottom = 0, int MaxTemporalLayers = 1, int FrameIndexBits = 10)
    {
        public SequenceParameterSet ToSps() =>
            new(0, Minor, 0, ModelWidth, ModelHeight, Transpose, CropLeft, CropRight, CropTop, CropBottom, MaxTemporalLayers, FrameIndexBits);
    }

    public sealed record FrameFields(
        string NaluType = "IdrNLp", int TemporalId = 0, int Qp = 26, int Index = 0, int Reference = 0, bool FeatureReset = false, List<int>? Ltr = null)
    {
        public FrameHeader ToHeader()
        {
            LtrTable table = default;
            for (int slot = 0; slot < (Ltr?.Count ?? 0); slot++)
            {
                table[slot] = Ltr![slot];
            }

            return new(Enum.Parse<NaluType>(NaluType), TemporalId, Qp, Index, Reference, FeatureReset, table);
        }
    }

    public sealed record BufferCase(string Name, List<string>? Before, string Input, BitstreamStatus Status);
}
