using System.Buffers.Binary;
using MlvcRtc.App.Audio;
using MlvcRtc.App.CommandLine;

namespace MlvcRtc.App.Client;

/// <summary>What an item between page and program holds; the values are those on the wire.</summary>
internal enum MediaItemKind
{
    /// <summary>One I420 picture.</summary>
    Picture = 1,

    /// <summary>One Opus packet.</summary>
    Sound = 2,
}

/// <summary>The 16 bytes before every picture and every packet of sound between page and program (docs/local-client.md).</summary>
/// <param name="Flags">Of a picture: bit 0 full range, bits 1 and 2 the matrix (0 = BT.601, 1 = BT.709). Of sound: bit 0 lost.</param>
/// <param name="Width">Luma samples; 0 for sound.</param>
/// <param name="Height">Luma samples; 0 for sound.</param>
/// <param name="Microseconds">On the clock of whoever made the item.</param>
internal readonly record struct MediaItem(MediaItemKind Kind, byte Flags, int Width, int Height, ulong Microseconds)
{
    public const int HeaderBytes = 16;

    /// <summary>Of sound: it never came, conceal it.</summary>
    public const byte Lost = 1;

    /// <summary>Of a picture: BT.709 in limited range, which every page sends; the stream itself says nothing of colour.</summary>
    public const byte Bt709 = 1 << 1;

    /// <summary>Header and payload of the largest message, 4 MiB: above the largest picture, 1920x1920 at 1.5 bytes, there is nothing to say.</summary>
    public const int LargestBytes = 4 << 20;

    /// <summary>What a number of JavaScript holds exactly, 285 years: later times are none.</summary>
    private const ulong LatestMicroseconds = 1UL << 53;

    /// <summary>Bytes of a picture, two chroma planes of half the sides included.</summary>
    public int PictureBytes => Width * Height * 3 / 2;

    /// <summary>Reads and checks a header that the page sent.</summary>
    /// <param name="problem">What is wrong with it, for people; null when it is good.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out MediaItem item, out string? problem)
    {
        item = default;
        if (bytes.Length < HeaderBytes)
        {
            problem = $"The item has {bytes.Length} bytes; its header alone has {HeaderBytes}.";
            return false;
        }

        MediaItem read = new(
            (MediaItemKind)bytes[0],
            bytes[1],
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]),
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
        problem = read.Problem();
        if (problem is null)
        {
            item = read;
        }

        return problem is null;
    }

    /// <summary>Writes the header.</summary>
    public void Write(Span<byte> destination)
    {
        destination[..HeaderBytes].Clear();
        destination[0] = (byte)Kind;
        destination[1] = Flags;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[2..], (ushort)Width);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[4..], (ushort)Height);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], Microseconds);
    }

    /// <summary>Null when a payload of this length belongs to the header.</summary>
    public string? ProblemWith(int payloadBytes) => Kind switch
    {
        MediaItemKind.Picture when payloadBytes != PictureBytes => $"A picture of {Width}x{Height} has {PictureBytes} bytes, not {payloadBytes}.",
        MediaItemKind.Sound when payloadBytes is 0 or > ReorderBuffer.MaxPayloadBytes => $"A packet of sound has 1 to {ReorderBuffer.MaxPayloadBytes} bytes, not {payloadBytes}.",
        _ => null,
    };

    private string? Problem() => Kind switch
    {
        _ when Microseconds > LatestMicroseconds => "The timestamp is above 2^53 microseconds.",
        MediaItemKind.Picture => new PictureSize(Width, Height).Check(),
        MediaItemKind.Sound => Width == 0 && Height == 0 ? null : "Sound has no size.",
        _ => $"Kind {(int)Kind} is unknown: 1 is a picture, 2 is sound.",
    };
}
