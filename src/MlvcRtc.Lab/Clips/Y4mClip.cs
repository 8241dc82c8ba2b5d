using System.Globalization;
using System.Text;
using MlvcRtc.Media;

namespace MlvcRtc.Lab.Clips;

/// <summary>Reads YUV4MPEG2 (.y4m), 8-bit 4:2:0 only. The stream stays the caller's.</summary>
public sealed class Y4mReader : IClipReader
{
    /// <summary>Header and FRAME lines end within this; real ones have fewer than 100 bytes. Stops a file without line ends from filling memory.</summary>
    private const int MaxLineBytes = 1024;

    private readonly Stream _stream;
    private readonly byte[] _line = new byte[MaxLineBytes];
    private long _index;

    /// <exception cref="InvalidDataException">Not a Y4M file, or not one that we can use; the message says why.</exception>
    public Y4mReader(Stream stream)
    {
        _stream = stream;
        string[] fields = (ReadLine() ?? throw new InvalidDataException("The Y4M clip is empty.")).Split(' ');
        if (fields[0] != "YUV4MPEG2")
        {
            throw new InvalidDataException("Not a Y4M clip: it does not begin with YUV4MPEG2.");
        }

        Rate = new FrameRate(30, 1);  // the format leaves the rate optional
        foreach (string field in fields.AsSpan(1))
        {
            string value = field.Length > 0 ? field[1..] : "";
            switch (field.FirstOrDefault())
            {
                case 'W': Width = Side("width", value); break;
                case 'H': Height = Side("height", value); break;
                case 'F': Rate = ParseRate(value); break;
                case 'C': CheckColour(value); break;
                default: break;  // interlacing, aspect and comments change no samples
            }
        }

        if (Width == 0 || Height == 0)
        {
            throw new InvalidDataException("The Y4M header names no width or no height.");
        }
    }

    public int Width { get; }

    public int Height { get; }

    public FrameRate Rate { get; }

    public bool TryRead(VideoFrame picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        string? line = ReadLine();
        if (line is null)
        {
            return false;
        }

        if (line != "FRAME" && !line.StartsWith("FRAME ", StringComparison.Ordinal))
        {
            throw new InvalidDataException($"The Y4M clip is damaged: frame {_index} does not begin with FRAME.");
        }

        picture.Resize(Width, Height);
        int read = _stream.ReadAtLeast(picture.Samples, picture.Samples.Length, throwOnEndOfStream: false);
        if (read < picture.Samples.Length)
        {
            throw new InvalidDataException($"The Y4M clip ends inside frame {_index}: {read} of {picture.Samples.Length} bytes.");
        }

        picture.CaptureTime = Rate.Interval * _index++;
        return true;
    }

    private static int Side(string name, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int side) && side is >= 2 and <= 16384 && side % 2 == 0
            ? side
            : throw new InvalidDataException($"The Y4M {name} '{Shown(value)}' is not an even number from 2 to 16384; crop or scale the clip.");

    private static FrameRate ParseRate(string value)
    {
        string[] parts = value.Split(':');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int numerator) && numerator > 0
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int denominator) && denominator > 0
            ? new FrameRate(numerator, denominator)
            : throw new InvalidDataException($"The Y4M frame rate '{Shown(value)}' is not a fraction such as 30:1.");
    }

    private static void CheckColour(string value)
    {
        // Siting differs among these by half a sample, the sample counts do not.
        if (value is not ("420" or "420jpeg" or "420mpeg2" or "420paldv"))
        {
            throw new InvalidDataException($"The Y4M colour format '{Shown(value)}' is not 8-bit 4:2:0; convert the clip first.");
        }
    }

    private static string Shown(string value) => value.Length <= 24 ? value : value[..24] + "…";

    /// <summary>One line without its end; null at the end of the stream.</summary>
    private string? ReadLine()
    {
        int length = 0;
        while (true)
        {
            int next = _stream.ReadByte();
            if (next < 0 && length == 0)
            {
                return null;
            }

            if (next < 0)
            {
                throw new InvalidDataException("The Y4M clip ends inside a header line.");
            }

            if (next == '\n')
            {
                return Encoding.Latin1.GetString(_line, 0, length);
            }

            if (length == MaxLineBytes)
            {
                throw new InvalidDataException($"Not a Y4M clip: a header line is longer than {MaxLineBytes} bytes.");
            }

            _line[length++] = (byte)next;
        }
    }
}

/// <summary>Writes YUV4MPEG2, progressive, 4:2:0 with MPEG-2 siting. The stream stays the caller's.</summary>
public sealed class Y4mWriter : IClipWriter
{
    private static readonly byte[] FrameLine = "FRAME\n"u8.ToArray();

    private readonly Stream _stream;
    private readonly int _width;
    private readonly int _height;

    public Y4mWriter(Stream stream, int width, int height, FrameRate rate)
    {
        ArgumentNullException.ThrowIfNull(stream);
        (_stream, _width, _height) = (stream, width, height);
        stream.Write(Encoding.ASCII.GetBytes($"YUV4MPEG2 W{width} H{height} F{rate.Numerator}:{rate.Denominator} Ip A1:1 C420mpeg2\n"));
    }

    /// <exception cref="ArgumentException">Another size than the header says.</exception>
    public void Write(VideoFrame picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        if (picture.Width != _width || picture.Height != _height)
        {
            throw new ArgumentException($"The clip is {_width}x{_height}, this picture {picture.Width}x{picture.Height}.", nameof(picture));
        }

        _stream.Write(FrameLine);
        _stream.Write(picture.Samples);
    }
}
