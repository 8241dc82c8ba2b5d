namespace MlvcRtc.Codec.Bitstream;

/// <summary>The QP that frame headers are written relative to (docs/bitstream.md §4).</summary>
/// <param name="Id">ue(v). The writer uses the SPS's id.</param>
/// <param name="SpsId">ue(v): the sequence parameter set it belongs to.</param>
/// <param name="InitQp">se(v) of 26 less: 0 (best) .. 51.</param>
public readonly record struct PictureParameterSet(int Id, int SpsId, int InitQp);
