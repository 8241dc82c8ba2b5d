using System.Buffers.Binary;

namespace MlvcRtc.App.Audio;

/// <summary>The first packet of an Ogg Opus stream (RFC 7845 §5.1), of mapping family 0: one mono or stereo stream, the only kind that RTP carries (RFC 7587).</summary>
/// <param name="Channels">1 or 2.</param>
/// <param name="PreSkip">Samples at 48 kHz that a player leaves out at the start.</param>
internal readonly record struct OpusHead(int Channels, int PreSkip)
{
    /// <summary>Bytes of a head of family 0.</summary>
    public const int SizeBytes = 19;

    private const int InputRateHz = 48_000;  // of the original recording, for information only (RFC 7845 §5.1 (5))

    private static ReadOnlySpan<byte> Magic => "OpusHead"u8;

    public static bool IsHead(ReadOnlySpan<byte> packet) => packet.StartsWith(Magic);

    /// <summary>False for anything but version 0 (upper four bits, RFC 7845 §5.1 (2)), family 0 and one or two channels.</summary>
    public static bool TryParse(ReadOnlySpan<byte> packet, out OpusHead head)
    {
        head = default;
        if (packet.Length < SizeBytes || !IsHead(packet) || packet[8] >> 4 != 0 || packet[9] is not (1 or 2) || packet[18] != 0)
        {
            return false;
        }

        head = new OpusHead(packet[9], BinaryPrimitives.ReadUInt16LittleEndian(packet[10..]));
        return true;
    }

    /// <param name="destination">At least <see cref="SizeBytes"/>.</param>
    public void Write(Span<byte> destination)
    {
        Magic.CopyTo(destination);
        destination[8] = 1;
        destination[9] = (byte)Channels;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[10..], (ushort)PreSkip);
        BinaryPrimitives.WriteInt32LittleEndian(destination[12..], InputRateHz);
        BinaryPrimitives.WriteInt16LittleEndian(destination[16..], 0);  // output gain, dB in Q7.8
        destination[18] = 0;
    }
}
