using System.Buffers.Binary;
using System.Text;
using MlvcRtc.App.Devices;

namespace MlvcRtc.App.Audio;

/// <summary>
/// Writes an Ogg Opus file (RFC 7845). The granule position counts the samples of all packets written; whoever has a gap fills it with packets that ask for concealment (§4.1).
/// One thread at a time.
/// </summary>
internal sealed class OpusFileWriter : IDisposable
{
    /// <summary>A page a second: what a crash would cost (RFC 7845 §3 recommends it).</summary>
    private const int PageSamples = OpusPacket.ClockRateHz;

    private readonly OutputFile _file;
    private readonly uint _serial;
    private readonly byte[] _page = new byte[OggPage.MaxBytes];
    private readonly byte[] _lacing = new byte[OggPage.MaxSegments];
    private readonly byte[] _body = new byte[OggPage.MaxSegments * 255];
    private int _segments;
    private int _length;
    private int _samples;
    private uint _number;

    /// <param name="path">The file appears when it is complete.</param>
    /// <param name="head">Channels and pre-skip.</param>
    /// <param name="serial">Any number.</param>
    /// <exception cref="CommandLine.UserError">The file cannot be written.</exception>
    public OpusFileWriter(string path, OpusHead head, uint serial)
    {
        _file = new OutputFile(path);
        _serial = serial;
        Span<byte> first = stackalloc byte[OpusHead.SizeBytes];
        head.Write(first);
        Add(first, samples: 0);
        FlushPage(OggPageFlags.First);
        Add(Comments(), samples: 0);
        FlushPage(OggPageFlags.None);
    }

    /// <summary>Samples at 48 kHz written so far.</summary>
    public long Position { get; private set; }

    /// <param name="packet">At most 60,000 bytes, so that it fits a page.</param>
    /// <param name="samples">Its duration at 48 kHz.</param>
    /// <exception cref="CommandLine.UserError">No space, or the like.</exception>
    public void Write(ReadOnlySpan<byte> packet, int samples)
    {
        if (_samples >= PageSamples || _segments + SegmentsOf(packet) > OggPage.MaxSegments)
        {
            FlushPage(OggPageFlags.None);
        }

        Add(packet, samples);
    }

    /// <summary>Ends the stream and puts the file in place.</summary>
    /// <exception cref="CommandLine.UserError">No space, or the like.</exception>
    public void Complete()
    {
        FlushPage(OggPageFlags.Last);
        _file.Complete();
    }

    public void Dispose() => _file.Dispose();

    private static int SegmentsOf(ReadOnlySpan<byte> packet) => (packet.Length / 255) + 1;

    private static byte[] Comments()
    {
        // RFC 7845 §5.2: magic, vendor string with its length, number of comments.
        ReadOnlySpan<byte> magic = "OpusTags"u8;
        byte[] vendor = Encoding.UTF8.GetBytes(Reports.ReportFile.Tool);
        byte[] packet = new byte[magic.Length + 4 + vendor.Length + 4];
        magic.CopyTo(packet);
        BinaryPrimitives.WriteInt32LittleEndian(packet.AsSpan(magic.Length), vendor.Length);
        vendor.CopyTo(packet, magic.Length + 4);
        return packet;
    }

    private void Add(ReadOnlySpan<byte> packet, int samples)
    {
        packet.CopyTo(_body.AsSpan(_length));
        _length += packet.Length;
        int rest = packet.Length;
        for (; rest >= 255; rest -= 255)
        {
            _lacing[_segments++] = 255;
        }

        _lacing[_segments++] = (byte)rest;
        _samples += samples;
        Position += samples;
    }

    private void FlushPage(OggPageFlags flags)
    {
        int length = OggPage.Write(_page, flags, Position, _serial, _number++, _lacing.AsSpan(0, _segments), _body.AsSpan(0, _length));
        _file.Write(_page.AsSpan(0, length));
        (_segments, _length, _samples) = (0, 0, 0);
    }
}
