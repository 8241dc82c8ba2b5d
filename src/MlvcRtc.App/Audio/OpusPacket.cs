namespace MlvcRtc.App.Audio;

/// <summary>What the first bytes of an Opus packet tell (RFC 6716 §3.1, §3.2), without decoding it.</summary>
internal static class OpusPacket
{
    /// <summary>Samples a second by which durations and RTP time count, whatever was recorded (RFC 7587 §4.1).</summary>
    public const int ClockRateHz = 48_000;

    /// <summary>The longest packet, 120 ms (RFC 6716 §3.2.5, R5).</summary>
    public const int MaxSamples = 5760;

    /// <summary>All durations are multiples of 2.5 ms.</summary>
    public const int LeastSamples = 120;

    private const int StereoBit = 4;

    /// <summary>Samples at 48 kHz of one frame, by the configuration number in the upper five bits (RFC 6716 table 2).</summary>
    public static int FrameSamples(byte toc) => (toc >> 3) switch
    {
        < 12 and int silk => silk % 4 == 3 ? 2880 : 480 << (silk % 4),
        < 16 and int hybrid => 480 << (hybrid % 2),
        int celt => LeastSamples << (celt % 4),
    };

    /// <summary>Samples at 48 kHz of the whole packet; false when it is no Opus packet (R1, R3, R5 of RFC 6716 §3.4).</summary>
    public static bool TryDuration(ReadOnlySpan<byte> packet, out int samples)
    {
        samples = 0;
        if (packet.IsEmpty)
        {
            return false;
        }

        int code = packet[0] & 3;
        int frames = code switch
        {
            0 => 1,
            1 => packet.Length % 2 == 1 ? 2 : 0,  // two frames of one length after the first byte
            2 => 2,
            _ => packet.Length > 1 ? packet[1] & 0x3F : 0,
        };
        int total = frames * FrameSamples(packet[0]);
        if (total is 0 or > MaxSamples)
        {
            return false;
        }

        samples = total;
        return true;
    }

    /// <summary>A packet of one frame without data: the decoder conceals so much (RFC 7845 §4.1).</summary>
    /// <param name="like">First byte of the packet before the gap: mode and channels stay.</param>
    /// <param name="samples">What is missing; a multiple of <see cref="LeastSamples"/>, above zero.</param>
    /// <param name="filled">Samples that the packet stands for; at most <paramref name="samples"/>.</param>
    public static byte Concealment(byte like, int samples, out int filled)
    {
        const int celtFullband = 28;  // configurations 28 .. 31: 2.5, 5, 10 and 20 ms
        byte same = (byte)(like & ~3);
        filled = FrameSamples(same);
        if (filled <= samples)
        {
            return same;
        }

        int step = int.Min(int.Log2(samples / LeastSamples), 3);
        filled = LeastSamples << step;
        return (byte)(((celtFullband + step) << 3) | (like & StereoBit));
    }
}
