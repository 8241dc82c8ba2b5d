namespace MlvcRtc.Codec.Bitstream;

/// <summary>What the splitter found. Append-only.</summary>
public enum SplitStatus
{
    /// <summary>One access unit. The last one of a stream may be cut short; the parser says so.</summary>
    AccessUnit = 0,

    /// <summary>Nothing is left.</summary>
    EndOfStream = 1,

    /// <summary>The stream does not begin with a start code: it is not an .mlvc stream.</summary>
    NoStartCode = 2,

    /// <summary>An access unit is longer than the limit: damaged, or not an .mlvc stream. Nothing more can be read.</summary>
    TooLong = 3,
}

/// <summary>
/// Cuts an .mlvc file or stream, plain access units in a row, into access units: each ends with the first NAL unit that holds a picture
/// (type below 32). Reads in pieces; holds no more than the longest unit allowed. Errors of the stream itself are thrown by the stream.
/// </summary>
public sealed class AccessUnitSplitter
{
    /// <summary>
    /// 16 MiB. A 1920x1080 picture in 8-bit 4:2:0 is 3.1 MB, and no coded frame needs to be larger than that several times over; the bound
    /// keeps a stream without start codes from being read into memory whole.
    /// </summary>
    public const int DefaultMaxLength = 16 << 20;

    private const int FirstBufferBytes = 64 << 10;

    private readonly Stream _stream;
    private readonly int _maxLength;
    private byte[] _buffer;
    private int _start;   // of the unit being collected
    private int _end;     // of the bytes read
    private bool _streamEnded;
    private bool _refused;

    /// <param name="stream">Read from its present position; not closed.</param>
    /// <param name="maxLength">Bytes an access unit may have, ≥ 8.</param>
    public AccessUnitSplitter(Stream stream, int maxLength = DefaultMaxLength)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 8);
        _stream = stream;
        _maxLength = maxLength;
        _buffer = new byte[(int)long.Min(FirstBufferBytes, maxLength + 8L)];
    }

    /// <summary>Bytes from the first byte read to the access unit last handed out.</summary>
    public long Offset { get; private set; }

    private long BufferOffset { get; set; }

    /// <summary>Finds the next access unit.</summary>
    /// <param name="accessUnit">With its start codes; valid until the next call; empty unless the answer is AccessUnit.</param>
    public SplitStatus Read(out ReadOnlySpan<byte> accessUnit)
    {
        accessUnit = [];
        if (!_refused && _end - _start < 4)
        {
            Fill();
        }

        if (_refused || _end - _start == 0)
        {
            return _refused ? SplitStatus.TooLong : SplitStatus.EndOfStream;
        }

        if (!_buffer.AsSpan(_start, _end - _start).StartsWith(NaluHeader.StartCode))
        {
            return SplitStatus.NoStartCode;
        }

        int length = FindEnd();
        if (length > _maxLength)
        {
            _refused = true;
            return SplitStatus.TooLong;
        }

        accessUnit = _buffer.AsSpan(_start, length);
        Offset = BufferOffset + _start;
        _start += length;
        return SplitStatus.AccessUnit;
    }

    /// <summary>Length of the unit at _start; more than the limit if it does not end before.</summary>
    private int FindEnd()
    {
        int nalu = 4;    // content of the NAL unit being passed, relative to _start
        int search = 4;  // no start code begins between nalu and here
        while (true)
        {
            int found = _buffer.AsSpan(_start + search, _end - _start - search).IndexOf(NaluHeader.StartCode);
            if (found >= 0)
            {
                int next = search + found;
                bool picture = next > nalu && NaluHeader.IsPicture(NaluHeader.TypeOf(_buffer[_start + nalu]));
                if (picture || next > _maxLength)
                {
                    return next;
                }

                nalu = next + 4;
                search = nalu;
                continue;
            }

            // A start code may lie across the end of what was read.
            int held = _end - _start;
            search = int.Max(search, held - 3);
            if (held - 3 > _maxLength || !Fill())
            {
                return _end - _start;
            }
        }
    }

    /// <summary>Reads on behind the bytes held, which move to the front of the buffer; false at the end of the stream.</summary>
    private bool Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            BufferOffset += _start;
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            // Room for the longest unit, the start code after it, and one byte by which it may be too long.
            Array.Resize(ref _buffer, (int)long.Min(_buffer.Length * 2L, _maxLength + 8L));
        }

        int before = _end;
        while (!_streamEnded && _end < _buffer.Length && _end - before < 4)
        {
            int read = _stream.Read(_buffer, _end, _buffer.Length - _end);
            _streamEnded = read == 0;
            _end += read;
        }

        return _end > before;
    }
}
