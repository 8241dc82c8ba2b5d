using System.Buffers.Binary;
using MlvcRtc.App.Audio;
using MlvcRtc.App.CommandLine;

namespace MlvcRtc.IntegrationTests.App.Audio;

/// <summary>Sound files go in and come out whole; damaged ones cost what is damaged.</summary>
public sealed class OggOpusTests : IDisposable
{
    private const byte Silk20MsMono = 1 << 3;  // configuration 1: SILK, narrowband, 20 ms

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_page_of_the_specification_has_its_checksum()
    {
        // A page without segments: CRC-32 (0x04C11DB7, from zero, not reflected) of "OggS", 22 zeros, four zeros for the CRC and one more zero, by long division.
        byte[] page = new byte[OggPage.MaxBytes];
        int length = OggPage.Write(page, OggPageFlags.None, 0, 0, 0, [], []);

        Assert.Equal(27, length);
        Assert.Equal(SlowCrc(page.AsSpan(0, 22).ToArray().Concat(new byte[5])), BinaryPrimitives.ReadUInt32LittleEndian(page.AsSpan(22)));
    }

    [Fact]
    public void What_was_written_is_read_again_packet_by_packet()
    {
        byte[][] packets = [.. Enumerable.Range(0, 300).Select(Packet)];
        string path = Write("a.opus", packets);

        using OpusFileReader reader = new(path);
        foreach (byte[] packet in packets)
        {
            Assert.Equal(packet, reader.Read(1150, out int samples));
            Assert.Equal(960, samples);
        }

        Assert.Equal(packets[0], reader.Read(1150, out _));  // from the start again
        Assert.Equal(0, reader.PacketsLeftOut);
    }

    [Fact]
    public void A_file_of_opusenc_is_read_and_opusinfo_finds_no_fault_in_ours()
    {
        string encoder = Installed("opusenc");
        string inspector = Installed("opusinfo");
        string wave = _folder.Make("a.wav", "-f", "lavfi", "-i", "sine=frequency=440:duration=2:sample_rate=48000");
        Run(encoder, "--quiet", "--bitrate", "24", wave, _folder["theirs.opus"]);

        using OpusFileReader reader = new(_folder["theirs.opus"]);
        long samples = 0;
        using (OpusRecording recording = new(_folder["ours.opus"], serial: 7))
        {
            for (uint time = 0; samples < 96_312; time += 960)
            {
                byte[] packet = reader.Read(1150, out int duration);
                recording.Add(time, packet);
                samples += duration;
            }

            recording.Complete();
        }

        string found = Run(inspector, _folder["ours.opus"]);
        Assert.DoesNotContain("WARNING", found, StringComparison.Ordinal);
        Assert.Contains("Playback length: 0m:02.0", found, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_byte_costs_its_page_and_no_more()
    {
        byte[][] packets = [.. Enumerable.Range(0, 300).Select(Packet)];  // 50 packets a page
        string path = Write("a.opus", packets);
        byte[] bytes = File.ReadAllBytes(path);
        int third = PageStarts(bytes)[3];  // head, comments, then sound
        bytes[third + 100] ^= 1;
        File.WriteAllBytes(path, bytes);

        using FileStream file = File.OpenRead(path);
        OggPacketReader reader = new(file);
        List<byte[]> read = [];
        while (reader.Read() is { } packet)
        {
            read.Add(packet);
        }

        Assert.Equal([.. packets[..50], .. packets[100..]], read[2..]);
        Assert.True(reader.BytesSkipped > 0);
    }

    [Fact]
    public void A_packet_over_three_pages_is_put_together()
    {
        byte[] large = [Silk20MsMono, .. Enumerable.Range(0, 59_999).Select(i => (byte)i)];
        byte[] bytes = [.. Page(OggPageFlags.First, 0, Head()), .. Page(OggPageFlags.None, 1, "OpusTags"u8.ToArray()), .. Split(large, 2), .. Page(OggPageFlags.Last, 5, Packet(1))];
        OggPacketReader reader = new(new MemoryStream(bytes));

        Assert.NotNull(reader.Read());
        Assert.NotNull(reader.Read());
        Assert.Equal(large, reader.Read());
        Assert.Equal(Packet(1), reader.Read());
        Assert.Null(reader.Read());
    }

    [Fact]
    public void A_packet_without_end_takes_no_memory_without_end()
    {
        using MemoryStream bytes = new();
        bytes.Write(Page(OggPageFlags.First, 0, Head()));
        byte[] page = new byte[OggPage.MaxBytes];
        byte[] full = new byte[255 * 255];
        byte[] lacing = Enumerable.Repeat((byte)255, 255).ToArray();
        for (uint number = 1; number < 100; number++)
        {
            bytes.Write(page.AsSpan(0, OggPage.Write(page, number > 1 ? OggPageFlags.Continued : OggPageFlags.None, -1, 1, number, lacing, full)));
        }

        bytes.Position = 0;
        OggPacketReader reader = new(bytes);
        Assert.NotNull(reader.Read());
        Assert.Null(reader.Read());
    }

    [Theory]
    [InlineData("not an Ogg file at all")]
    [InlineData("")]
    public void What_is_no_sound_is_refused_with_the_remedy(string content)
    {
        File.WriteAllText(_folder["a.opus"], content);

        UserError error = Assert.Throws<UserError>(() => new OpusFileReader(_folder["a.opus"]));
        Assert.Contains("ffmpeg", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_bytes_whatever_make_the_reader_fail_or_hang()
    {
        byte[][] packets = [.. Enumerable.Range(0, 120).Select(Packet)];
        byte[] good = File.ReadAllBytes(Write("a.opus", packets));
        Random random = new(1);
        long read = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = (byte[])good.Clone();
            for (int edit = random.Next(1, 20); edit > 0; edit--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            RepairChecksums(bytes, random);
            OggPacketReader reader = new(new MemoryStream(bytes, 0, random.Next(bytes.Length + 1)));
            while (reader.Read() is { } packet)
            {
                read++;
                Assert.InRange(packet.Length, 0, OggPacketReader.MaxPacketBytes);
                if (OpusPacket.TryDuration(packet, out int samples))
                {
                    Assert.InRange(samples, OpusPacket.LeastSamples, OpusPacket.MaxSamples);
                }
            }
        }

        Assert.True(read > 100_000, $"only {read} packets came out of 20,000 damaged files");
    }

    private static byte[] Packet(int index) => [Silk20MsMono, .. Enumerable.Range(0, 20 + (index % 40)).Select(i => (byte)(i * index))];

    private static byte[] Head()
    {
        byte[] head = new byte[OpusHead.SizeBytes];
        new OpusHead(1, 312).Write(head);
        return head;
    }

    private string Write(string name, byte[][] packets)
    {
        using OpusFileWriter writer = new(_folder[name], new OpusHead(1, 312), serial: 1);
        foreach (byte[] packet in packets)
        {
            writer.Write(packet, 960);
        }

        writer.Complete();
        return _folder[name];
    }

    private static byte[] Page(OggPageFlags flags, uint number, byte[] packet)
    {
        byte[] page = new byte[OggPage.MaxBytes];
        byte[] lacing = [.. Enumerable.Repeat((byte)255, packet.Length / 255), (byte)(packet.Length % 255)];
        return page[..OggPage.Write(page, flags, 0, 1, number, lacing, packet)];
    }

    /// <summary>Pages with 100, 100 and the rest of the segments.</summary>
    private static byte[] Split(byte[] packet, uint number)
    {
        byte[] page = new byte[OggPage.MaxBytes];
        byte[] lacing = [.. Enumerable.Repeat((byte)255, packet.Length / 255), (byte)(packet.Length % 255)];
        int at = 0;
        byte[] all = [];
        for (int first = 0; first < lacing.Length; first += 100)
        {
            byte[] part = lacing[first..Math.Min(first + 100, lacing.Length)];
            int length = part.Sum(value => value);
            all = [.. all, .. page[..OggPage.Write(page, first > 0 ? OggPageFlags.Continued : OggPageFlags.None, -1, 1, number++, part, packet.AsSpan(at, length))]];
            at += length;
        }

        return all;
    }

    private static List<int> PageStarts(byte[] bytes)
    {
        List<int> starts = [];
        for (int at = 0; at < bytes.Length;)
        {
            starts.Add(at);
            Assert.True(OggPage.TryParse(bytes.AsSpan(at), out OggPage page, out _));
            at += page.Length;
        }

        return starts;
    }

    /// <summary>Gives half of the damaged pages a right checksum, so that the parser behind it is reached.</summary>
    private static void RepairChecksums(byte[] bytes, Random random)
    {
        for (int at = 0; at + OggPage.FixedBytes < bytes.Length; at++)
        {
            if (!bytes.AsSpan(at).StartsWith(OggPage.Capture) || random.Next(2) == 0)
            {
                continue;
            }

            int segments = bytes[at + 26];
            if (at + 27 + segments > bytes.Length)
            {
                continue;
            }

            byte[] lacing = bytes[(at + 27)..(at + 27 + segments)];
            int length = 27 + segments + lacing.Sum(value => value);
            if (at + length <= bytes.Length)
            {
                byte[] page = new byte[OggPage.MaxBytes];
                byte[] body = bytes[(at + 27 + segments)..(at + length)];
                OggPage.Write(page, (OggPageFlags)bytes[at + 5], BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at + 6)), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 14)), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 18)), lacing, body);
                page.AsSpan(0, length).CopyTo(bytes.AsSpan(at));
                at += length - 1;
            }
        }
    }

    private static uint SlowCrc(IEnumerable<byte> bytes)
    {
        uint crc = 0;
        foreach (byte value in bytes)
        {
            for (int bit = 7; bit >= 0; bit--)
            {
                bool carry = (crc >> 31 != 0) ^ ((value >> bit & 1) != 0);
                crc = (crc << 1) ^ (carry ? 0x04C11DB7u : 0);
            }
        }

        return crc;
    }

    private static string Installed(string program)
    {
        string path = Path.Combine("/usr/bin", program);
        Assert.SkipUnless(File.Exists(path), $"{program} is not installed (opus-tools)");
        return path;
    }

    private static string Run(string program, params string[] arguments)
    {
        using System.Diagnostics.Process process = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        return output;
    }
}
