using MlvcRtc.Codec.Bitstream;

namespace MlvcRtc.App.Streams;

/// <summary>Every header field of one access unit, as 'info' prints and reports it. Fields that the frame does not carry are null.</summary>
/// <param name="Offset">Bytes before it in the file.</param>
/// <param name="Bytes">Size with start codes.</param>
/// <param name="Status">"ok", or how the parser judged it.</param>
/// <param name="Nalus">Its NAL units in order.</param>
/// <param name="Type">"intra", "inter" or "recovery".</param>
/// <param name="Qp">0 (best) .. 51.</param>
/// <param name="FrameIndex">Index since the last key frame, modulo 2^frame_index_bits.</param>
/// <param name="ReferenceIndex">Index of the frame that it is predicted from; null for a key frame.</param>
/// <param name="TemporalId">0 = base layer.</param>
/// <param name="FeatureReset">Reserved flag.</param>
/// <param name="LtrSlots">Frame index in each long-term slot after this frame; null = empty.</param>
/// <param name="PpsId">Parameter set in force.</param>
/// <param name="DataBytes">Entropy-coded bytes.</param>
/// <param name="Sequence">The sequence parameters, where the access unit carries them.</param>
/// <param name="InitQp">QP of the picture parameter set, where the access unit carries one.</param>
internal sealed record FrameFields(
    long Offset,
    int Bytes,
    string Status,
    IReadOnlyList<NaluFields> Nalus,
    string? Type = null,
    int? Qp = null,
    int? FrameIndex = null,
    int? ReferenceIndex = null,
    int? TemporalId = null,
    bool? FeatureReset = null,
    IReadOnlyList<int?>? LtrSlots = null,
    int? PpsId = null,
    int? DataBytes = null,
    SequenceFields? Sequence = null,
    int? InitQp = null)
{
    /// <summary>Reads one access unit without inference.</summary>
    public static FrameFields Of(ReadOnlySpan<byte> accessUnit, long offset, AccessUnitParser parser)
    {
        List<NaluFields> nalus = NaluFields.Of(accessUnit);
        BitstreamStatus status = parser.Parse(accessUnit, out ParsedFrame frame);
        if (status != BitstreamStatus.Ok)
        {
            return new(offset, accessUnit.Length, InWords(status), nalus);
        }

        FrameHeader header = frame.Header;
        bool carriesParameters = nalus.Count > 1;
        return new(
            offset,
            accessUnit.Length,
            "ok",
            nalus,
            frame.FrameType.ToString().ToLowerInvariant(),
            header.Qp,
            header.FrameIndex,
            header.IsIdr ? null : header.ReferenceIndex,
            header.TemporalId,
            header.FeatureReset,
            [.. Enumerable.Range(0, header.LtrTable.Count).Select(slot => header.LtrTable[slot] < 0 ? (int?)null : header.LtrTable[slot])],
            frame.Pps.Id,
            frame.EncodedData.Length,
            carriesParameters ? SequenceFields.Of(frame.Sps) : null,
            carriesParameters ? frame.Pps.InitQp : null);
    }

    private static string InWords(BitstreamStatus status) => status switch
    {
        BitstreamStatus.Unexpected => "damaged: the syntax is violated",
        BitstreamStatus.MissingSps => "damaged: its sequence parameters are missing",
        BitstreamStatus.MissingPps => "damaged: its picture parameters are missing",
        BitstreamStatus.PartialAccessUnit => "cut: no picture follows the parameter sets",
        _ => status.ToString(),
    };
}

/// <summary>One NAL unit.</summary>
/// <param name="Type">Its name, or "reserved N".</param>
/// <param name="Bytes">Size without the start code.</param>
internal sealed record NaluFields(string Type, int Bytes)
{
    public static List<NaluFields> Of(ReadOnlySpan<byte> accessUnit)
    {
        List<NaluFields> found = [];
        ReadOnlySpan<byte> rest = accessUnit.StartsWith(NaluHeader.StartCode) ? accessUnit[NaluHeader.StartCode.Length..] : accessUnit;
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf(NaluHeader.StartCode);
            int length = end < 0 ? rest.Length : end;
            found.Add(new(length > 0 ? Name(NaluHeader.TypeOf(rest[0])) : "empty", length));
            rest = end < 0 ? [] : rest[(end + NaluHeader.StartCode.Length)..];
        }

        return found;
    }

    public override string ToString() => $"{Type}:{Bytes}";

    private static string Name(int type) => (NaluType)type switch
    {
        NaluType.TrailN => "TRAIL_N",
        NaluType.TrailR => "TRAIL_R",
        NaluType.TsaN => "TSA_N",
        NaluType.TsaR => "TSA_R",
        NaluType.IdrNLp => "IDR_N_LP",
        NaluType.Sps => "SPS",
        NaluType.Pps => "PPS",
        _ => $"reserved {type}",
    };
}

/// <summary>The sequence parameter set. Sizes and crops in luma samples of the coded picture.</summary>
internal sealed record SequenceFields(
    int Id,
    string ModelVersion,
    int ModelWidth,
    int ModelHeight,
    int DisplayWidth,
    int DisplayHeight,
    bool Transpose,
    int CropLeft,
    int CropRight,
    int CropTop,
    int CropBottom,
    int MaxTemporalLayers,
    int FrameIndexBits)
{
    public static SequenceFields Of(in SequenceParameterSet sps) => new(
        sps.Id,
        $"{sps.Major}.{sps.Minor}",
        sps.ModelWidth,
        sps.ModelHeight,
        sps.DisplayWidth,
        sps.DisplayHeight,
        sps.Transpose,
        sps.CropLeft,
        sps.CropRight,
        sps.CropTop,
        sps.CropBottom,
        sps.MaxTemporalLayers,
        sps.FrameIndexBits);
}
