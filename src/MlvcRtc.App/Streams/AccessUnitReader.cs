using MlvcRtc.Codec.Bitstream;

namespace MlvcRtc.App.Streams;

/// <summary>
/// Cuts an elementary .mlvc file into access units: an access unit ends with its first NAL unit that holds a picture (docs/bitstream.md). The file
/// has no header, so whatever does not begin with a start code is no stream.
/// </summary>
internal sealed class AccessUnitReader
{
    private readonly byte[] _bytes;
    private int _position;

    /// <param name="bytes">The whole file: minutes of a call are a few megabytes.</param>
    public AccessUnitReader(byte[] bytes) => _bytes = bytes;

    public bool StartsLikeAStream => _bytes.AsSpan().StartsWith(NaluHeader.StartCode);

    /// <summary>Byte offset of the access unit read last.</summary>
    public int Offset { get; private set; }

    /// <summary>The next access unit, start codes included; false at the end.</summary>
    public bool Read(out ReadOnlySpan<byte> accessUnit)
    {
        Offset = _position;
        while (_position < _bytes.Length)
        {
            int header = _position + NaluHeader.StartCode.Length;
            bool picture = header < _bytes.Length && NaluHeader.IsPicture(NaluHeader.TypeOf(_bytes[header]));
            int next = header < _bytes.Length ? _bytes.AsSpan(header).IndexOf(NaluHeader.StartCode) : -1;
            _position = next < 0 ? _bytes.Length : header + next;
            if (picture)
            {
                break;
            }
        }

        accessUnit = _bytes.AsSpan(Offset, _position - Offset);
        return !accessUnit.IsEmpty;
    }
}
