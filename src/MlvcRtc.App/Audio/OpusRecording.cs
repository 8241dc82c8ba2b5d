namespace MlvcRtc.App.Audio;

/// <summary>
/// Sound as it was received, in a file: gaps are filled with packets that ask the player for concealment, so that what follows keeps its place in time (RFC 7845 §4.1). One thread at a time.
/// </summary>
internal sealed class OpusRecording(string path, uint serial) : IDisposable
{
    /// <summary>The longest gap that is filled, 60 s: a packet with an invented time must not make the file grow. After a longer one the file goes on without it.</summary>
    private const int LongestGap = 60 * OpusPacket.ClockRateHz;

    /// <summary>Samples at 48 kHz by which libopus looks ahead (6.5 ms): what the other side's encoder, most likely that one, put before the sound.</summary>
    private const int EncoderDelay = 312;

    /// <summary>Stereo, since a decoder makes both channels of either (RFC 7587 §7).</summary>
    private readonly OpusFileWriter _file = new(path, new OpusHead(Channels: 2, EncoderDelay), serial);
    private uint _expected;
    private byte _toc;
    private bool _begun;

    /// <summary>Samples at 48 kHz that stand for packets that never came.</summary>
    public long SamplesConcealed { get; private set; }

    /// <summary>Samples at 48 kHz in the file.</summary>
    public long Samples => _file.Position;

    /// <summary>The next packet in order; what is no Opus packet is left out, and becomes a gap.</summary>
    /// <exception cref="CommandLine.UserError">No space, or the like.</exception>
    public void Add(uint timestamp, ReadOnlySpan<byte> packet)
    {
        if (!OpusPacket.TryDuration(packet, out int samples))
        {
            return;
        }

        int gap = _begun ? unchecked((int)(timestamp - _expected)) : 0;
        if (gap is >= OpusPacket.LeastSamples and <= LongestGap)
        {
            Conceal(gap);
        }

        _file.Write(packet, samples);
        _begun = true;
        _toc = packet[0];
        _expected = unchecked(timestamp + (uint)samples);
    }

    /// <exception cref="CommandLine.UserError">No space, or the like.</exception>
    public void Complete() => _file.Complete();

    public void Dispose() => _file.Dispose();

    private void Conceal(int gap)
    {
        Span<byte> packet = stackalloc byte[1];
        for (int rest = gap; rest >= OpusPacket.LeastSamples;)
        {
            packet[0] = OpusPacket.Concealment(_toc, rest, out int filled);
            _file.Write(packet, filled);
            SamplesConcealed += filled;
            rest -= filled;
        }
    }
}
