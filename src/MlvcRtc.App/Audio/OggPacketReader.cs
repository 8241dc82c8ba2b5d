namespace MlvcRtc.App.Audio;

/// <summary>
/// Packets of the first Opus stream in an Ogg file (RFC 3533). Damaged pages are skipped up to the next one that is whole, and what they cut is left out; never throws on hostile bytes.
/// One thread at a time.
/// </summary>
/// <param name="file">Read forward only; stays the caller's.</param>
internal sealed class OggPacketReader(Stream file)
{
    /// <summary>RFC 7845 §6 lets a demultiplexer refuse longer packets of a stream of one or two channels. Stops a file from making us gather a packet without end.</summary>
    public const int MaxPacketBytes = 61_440;

    private readonly byte[] _buffer = new byte[OggPage.MaxBytes];
    private readonly byte[] _packet = new byte[MaxPacketBytes];
    private readonly Queue<byte[]> _ready = new();
    private int _start;
    private int _end;
    private bool _fileEnded;
    private uint? _serial;
    private uint _nextPage;
    private int _gathered;
    private bool _skipping;  // until the end of a packet whose beginning is lost or that is too long

    /// <summary>Bytes that belong to no whole page.</summary>
    public long BytesSkipped { get; private set; }

    /// <summary>Packets that a damaged page cut, as far as one can tell, or that were too long.</summary>
    public int PacketsDamaged { get; private set; }

    /// <summary>The next packet; null at the end of the file or of the stream.</summary>
    /// <exception cref="IOException">The file cannot be read on.</exception>
    public byte[]? Read()
    {
        while (_ready.Count == 0)
        {
            if (!ReadPage())
            {
                return null;
            }
        }

        return _ready.Dequeue();
    }

    /// <summary>False at the end of the file. Every turn consumes a byte or reads some, so that hostile bytes cannot hold it.</summary>
    private bool ReadPage()
    {
        while (true)
        {
            ReadOnlySpan<byte> rest = _buffer.AsSpan(_start, _end - _start);
            int missing = 1;
            if (!rest.IsEmpty && OggPage.TryParse(rest, out OggPage page, out missing))
            {
                Take(page);
                _start += page.Length;
                return true;
            }

            if (missing > 0 && Fill())
            {
                continue;
            }

            if (rest.IsEmpty)
            {
                return false;
            }

            int next = rest[1..].IndexOf(OggPage.Capture[0]);
            int skipped = next < 0 ? rest.Length : next + 1;
            _start += skipped;
            BytesSkipped += skipped;
        }
    }

    /// <summary>Reads on; false at the end of the file.</summary>
    private bool Fill()
    {
        if (_fileEnded)
        {
            return false;
        }

        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        int read = file.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        _fileEnded = read == 0;
        return !_fileEnded;
    }

    private void Take(in OggPage page)
    {
        if (_serial is null)
        {
            if ((page.Flags & OggPageFlags.First) == 0 || !OpusHead.IsHead(page.Body))
            {
                return;  // a stream of another kind
            }

            _serial = page.Serial;
            _nextPage = page.Number;
        }

        if (page.Serial != _serial)
        {
            return;
        }

        bool continues = (page.Flags & OggPageFlags.Continued) != 0;
        bool gap = page.Number != _nextPage;
        if ((_gathered > 0 || _skipping) && (gap || !continues))
        {
            PacketsDamaged++;  // its end is on a page that is not here
            Restart(skip: false);
        }

        if (continues && _gathered == 0)
        {
            Restart(skip: true);
        }

        _nextPage = page.Number + 1;
        TakeSegments(page);
    }

    private void TakeSegments(in OggPage page)
    {
        ReadOnlySpan<byte> body = page.Body;
        foreach (byte lacing in page.Lacing)
        {
            if (_gathered + lacing > MaxPacketBytes)
            {
                Restart(skip: true);
            }

            if (!_skipping)
            {
                body[..lacing].CopyTo(_packet.AsSpan(_gathered));
                _gathered += lacing;
            }

            body = body[lacing..];
            if (lacing < 255)
            {
                EndPacket();
            }
        }
    }

    private void EndPacket()
    {
        if (_skipping)
        {
            PacketsDamaged++;
        }
        else
        {
            _ready.Enqueue(_packet.AsSpan(0, _gathered).ToArray());
        }

        Restart(skip: false);
    }

    private void Restart(bool skip)
    {
        _gathered = 0;
        _skipping = skip;
    }
}
