namespace MlvcRtc.Codec.Bitstream;

/// <summary>
/// Reads access units of one stream. Made for hostile bytes: it never throws, reads nothing outside the buffer, takes time linear in the
/// buffer's length, and allocates only one buffer as long as the largest access unit it was given. A call that answers neither Ok nor
/// PartialAccessUnit changes nothing. One thread at a time.
/// </summary>
public sealed class AccessUnitParser
{
    private SequenceParameterSet? _sps;
    private PictureParameterSet? _pps;
    private byte[] _payload = [];

    /// <summary>The one sequence parameter set held.</summary>
    public SequenceParameterSet? Sps => _sps;

    /// <summary>The one picture parameter set held.</summary>
    public PictureParameterSet? Pps => _pps;

    /// <summary>Forgets the parameter sets, as before the first access unit.</summary>
    public void Reset()
    {
        _sps = null;
        _pps = null;
    }

    /// <summary>Reads one access unit, or parameter sets by themselves.</summary>
    /// <param name="accessUnit">NAL units, each after a start code; the first one may come without. A frame must be the last.</param>
    /// <param name="frame">The frame when the answer is Ok; its data are valid until the next call.</param>
    public BitstreamStatus Parse(scoped ReadOnlySpan<byte> accessUnit, out ParsedFrame frame)
    {
        frame = default;
        SequenceParameterSet? sps = _sps;
        PictureParameterSet? pps = _pps;
        ReadOnlySpan<byte> rest = accessUnit.StartsWith(NaluHeader.StartCode) ? accessUnit[4..] : accessUnit;
        bool more = !accessUnit.IsEmpty;
        while (more)
        {
            int end = rest.IndexOf(NaluHeader.StartCode);
            ReadOnlySpan<byte> nalu = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[(end + 4)..];
            more = end >= 0;

            // Every NAL unit, known or not, needs a byte after its header.
            if (!NaluHeader.TryRead(nalu, out int type, out int temporalId) || nalu.Length <= NaluHeader.Length)
            {
                return BitstreamStatus.Unexpected;
            }

            BitstreamStatus status = (NaluType)type switch
            {
                NaluType.Sps => ReadSps(nalu, ref sps),
                NaluType.Pps => ReadPps(nalu, sps, ref pps),
                NaluType.TrailN or NaluType.TrailR or NaluType.TsaN or NaluType.TsaR or NaluType.IdrNLp =>
                    more ? BitstreamStatus.Unexpected : ReadFrame(nalu, (NaluType)type, temporalId, sps, pps, out frame),
                _ => BitstreamStatus.PartialAccessUnit, // reserved: skipped
            };
            if (status == BitstreamStatus.PartialAccessUnit)
            {
                continue;
            }

            if (status == BitstreamStatus.Ok)
            {
                (_sps, _pps) = (sps, pps);
            }

            return status;
        }

        (_sps, _pps) = (sps, pps);
        return BitstreamStatus.PartialAccessUnit;
    }

    private BitstreamStatus ReadSps(ReadOnlySpan<byte> nalu, ref SequenceParameterSet? sps)
    {
        if (!HeaderSyntax.TryRead(Unescape(nalu), out SequenceParameterSet read))
        {
            return BitstreamStatus.Unexpected;
        }

        sps = read;
        return BitstreamStatus.PartialAccessUnit;
    }

    private BitstreamStatus ReadPps(ReadOnlySpan<byte> nalu, SequenceParameterSet? sps, ref PictureParameterSet? pps)
    {
        if (!HeaderSyntax.TryRead(Unescape(nalu), out PictureParameterSet read))
        {
            return BitstreamStatus.Unexpected;
        }

        if (sps?.Id != read.SpsId)
        {
            return BitstreamStatus.MissingSps;
        }

        pps = read;
        return BitstreamStatus.PartialAccessUnit;
    }

    private BitstreamStatus ReadFrame(
        scoped ReadOnlySpan<byte> nalu, NaluType type, int temporalId, SequenceParameterSet? heldSps, PictureParameterSet? heldPps, out ParsedFrame frame)
    {
        frame = default;
        BitReader bits = new(Unescape(nalu));
        int ppsId = HeaderSyntax.ReadPpsId(ref bits);
        if (ppsId < 0)
        {
            return BitstreamStatus.Unexpected;
        }

        // A PPS whose SPS was replaced by one of another id is as good as lost.
        if (heldSps is not { } sps || heldPps is not { } pps || pps.Id != ppsId || pps.SpsId != sps.Id)
        {
            return BitstreamStatus.MissingPps;
        }

        if (temporalId >= sps.MaxTemporalLayers
            || (type == NaluType.IdrNLp && temporalId > 0)
            || !HeaderSyntax.TryRead(ref bits, type, temporalId, pps.InitQp, sps.FrameIndexBits, out FrameHeader header))
        {
            return BitstreamStatus.Unexpected;
        }

        // The data's length is implicit: everything but the stop byte.
        ReadOnlySpan<byte> tail = bits.RemainingBytes;
        if (tail.Length < 2 || tail[^1] != 0x80)
        {
            return BitstreamStatus.Unexpected;
        }

        frame = new ParsedFrame(sps, pps, header, tail[..^1]);
        return BitstreamStatus.Ok;
    }

    /// <summary>What follows the NAL unit header, without emulation prevention; valid until the next call.</summary>
    private ReadOnlySpan<byte> Unescape(scoped ReadOnlySpan<byte> nalu)
    {
        if (_payload.Length < nalu.Length)
        {
            _payload = GC.AllocateUninitializedArray<byte>(int.Max(nalu.Length, (int)long.Min(_payload.Length * 2L, Array.MaxLength)));
        }

        int length = EmulationPrevention.Unescape(nalu, _payload);
        return _payload.AsSpan(NaluHeader.Length, length - NaluHeader.Length);
    }
}
