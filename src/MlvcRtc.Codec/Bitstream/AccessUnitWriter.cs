using MlvcRtc.Media;

namespace MlvcRtc.Codec.Bitstream;

/// <summary>
/// Writes access units of one stream: SPS and PPS before every IDR, then one frame (docs/bitstream.md). Keeps one buffer that grows to
/// the largest unit and is reused; nothing else is allocated. One thread at a time.
/// </summary>
public sealed class AccessUnitWriter
{
    /// <summary>Parameter-set ids run 0, 1, 2, 0 ... (libmlvc's encoder).</summary>
    private const int IdCycle = 3;

    private SequenceParameterSet? _sps;
    private PictureParameterSet _pps;
    private byte[] _buffer = new byte[4096];
    private int _length;

    /// <summary>The sequence parameters last written; null before the first IDR.</summary>
    public SequenceParameterSet? Sps => _sps;

    /// <summary>The picture parameters last written; null before the first IDR.</summary>
    public PictureParameterSet? Pps => _sps is null ? null : _pps;

    /// <summary>Writes one access unit as the payload of <paramref name="target"/>, whose other fields stay as they are.</summary>
    /// <returns>Bytes written.</returns>
    /// <inheritdoc cref="Write(in SequenceParameterSet, in FrameHeader, ReadOnlySpan{byte})"/>
    public int Write(in SequenceParameterSet wanted, in FrameHeader header, ReadOnlySpan<byte> encodedData, EncodedFrame target)
    {
        ArgumentNullException.ThrowIfNull(target);
        target.SetPayload(Write(wanted, header, encodedData));
        return _length;
    }

    /// <summary>Writes one access unit.</summary>
    /// <param name="wanted">Sequence parameters of this frame; its Id is not looked at, the writer keeps the ids. They change only at an IDR.</param>
    /// <param name="header">The frame's header; its type and indices come from the GOP structure.</param>
    /// <param name="encodedData">The rANS stream, at least one byte.</param>
    /// <returns>The access unit; valid until the next call.</returns>
    /// <exception cref="ArgumentException">A value does not fit the syntax. Nothing was changed.</exception>
    /// <exception cref="InvalidOperationException">A predicted frame before the first IDR, or with other sequence parameters than the last IDR's.</exception>
    public ReadOnlySpan<byte> Write(scoped in SequenceParameterSet wanted, scoped in FrameHeader header, scoped ReadOnlySpan<byte> encodedData)
    {
        Check(wanted, header, encodedData);
        bool sameSps = _sps is { } held && (wanted with { Id = held.Id }) == held;
        if (!header.IsIdr && !sameSps)
        {
            throw new InvalidOperationException("A predicted frame needs the sequence parameters of the IDR before it; write an IDR first.");
        }

        _length = 0;
        if (header.IsIdr)
        {
            WriteParameterSets(wanted, header.Qp, sameSps);
        }

        WriteFrame(header, encodedData);
        return _buffer.AsSpan(0, _length);
    }

    // Unchanged parameters keep their ids and the old init_qp; the IDR's QP is then in its qp_delta. Changed ones take the next id, both of them.
    private void WriteParameterSets(in SequenceParameterSet wanted, int qp, bool sameSps)
    {
        if (!sameSps)
        {
            int id = _sps is { } held ? (held.Id + 1) % IdCycle : 0;
            _sps = wanted with { Id = id };
            _pps = new PictureParameterSet(id, id, qp);
        }

        Span<byte> bytes = stackalloc byte[HeaderSyntax.MaxHeaderBytes];
        BitWriter bits = new(bytes);
        HeaderSyntax.Write(ref bits, _sps!.Value);
        Append(bits.Written, []);

        bits = new(bytes);
        HeaderSyntax.Write(ref bits, _pps);
        Append(bits.Written, []);
    }

    private void WriteFrame(in FrameHeader header, ReadOnlySpan<byte> encodedData)
    {
        Span<byte> bytes = stackalloc byte[HeaderSyntax.MaxHeaderBytes];
        BitWriter bits = new(bytes);
        HeaderSyntax.Write(ref bits, header, _pps, _sps!.Value.FrameIndexBits);
        Append(bits.Written, encodedData);
    }

    /// <summary>Start code, then head, data and, if there are data, the stop byte 80, all escaped as one NAL unit.</summary>
    private void Append(ReadOnlySpan<byte> head, ReadOnlySpan<byte> data)
    {
        int needed = checked(_length + 4 + EmulationPrevention.MaxEscapedLength(checked(head.Length + data.Length + 1)));
        if (needed > _buffer.Length)
        {
            Array.Resize(ref _buffer, int.Max(needed, (int)long.Min(_buffer.Length * 2L, Array.MaxLength)));
        }

        NaluHeader.StartCode.CopyTo(_buffer.AsSpan(_length));
        _length += 4;
        int zeros = 0;
        _length += EmulationPrevention.Escape(head, _buffer.AsSpan(_length), ref zeros);
        if (!data.IsEmpty)
        {
            _length += EmulationPrevention.Escape(data, _buffer.AsSpan(_length), ref zeros);
            _buffer[_length++] = 0x80;
        }
    }

    private static void Check(in SequenceParameterSet wanted, in FrameHeader header, ReadOnlySpan<byte> encodedData)
    {
        if (!wanted.IsWritable)
        {
            throw new ArgumentException(
                $"{wanted} does not fit the syntax: even sides 2..{SequenceParameterSet.MaxModelSide}, even crops that leave a picture, 1..{SequenceParameterSet.MaxLayers} layers, index bits {SequenceParameterSet.MinFrameIndexBits}..{SequenceParameterSet.MaxFrameIndexBits}.",
                nameof(wanted));
        }

        uint limit = 1u << wanted.FrameIndexBits;
        bool known = header.NaluType is NaluType.TrailN or NaluType.TrailR or NaluType.TsaN or NaluType.TsaR or NaluType.IdrNLp;
        bool indexed = header.IsIdr
            ? header is { FrameIndex: 0, ReferenceIndex: 0, TemporalId: 0, FeatureReset: false }
            : (uint)header.FrameIndex < limit && (uint)header.ReferenceIndex < limit && (uint)header.TemporalId < (uint)wanted.MaxTemporalLayers && header.TemporalId <= FrameHeader.MaxTemporalId;
        bool slots = true;
        for (int slot = 0; slot < LtrTable.Capacity; slot++)
        {
            slots &= header.LtrTable[slot] < (long)limit;
        }

        if (!known || !indexed || !slots || header.Qp is < 0 or > FrameHeader.MaxQp)
        {
            throw new ArgumentException(
                $"{header} does not fit the syntax: a picture type, QP 0..{FrameHeader.MaxQp}, indices below {limit}, temporal id below {int.Min(wanted.MaxTemporalLayers, FrameHeader.MaxTemporalId + 1)}, and zeros in an IDR.",
                nameof(header));
        }

        if (encodedData.IsEmpty)
        {
            throw new ArgumentException("A frame holds at least one byte of entropy-coded data.", nameof(encodedData));
        }
    }
}
