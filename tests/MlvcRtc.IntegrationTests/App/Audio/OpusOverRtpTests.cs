using MlvcRtc.App.Audio;
using MlvcRtc.Rtp;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.IntegrationTests.App.Audio;

/// <summary>Sound between two ends: every packet once, in order, at its time; gaps keep their length.</summary>
public sealed class OpusOverRtpTests : IDisposable
{
    private const byte PayloadType = 111;
    private const uint Ssrc = 77;
    private const byte Silk20MsMono = 1 << 3;

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Packets_leave_at_their_pace_with_48_kHz_times_from_the_start_given()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        using OpusFileReader file = new(WriteFile(5));
        RecordingLink link = new(wanted: 6);
        using OpusSending sending = new(file, link, Ssrc, PayloadType, (65_534, uint.MaxValue - 959), TimeProvider.System);
        TimeSpan begin = Media.MediaClock.Now(TimeProvider.System);
        await sending.StartAsync(cancel);
        await link.Complete.Task.WaitAsync(TimeSpan.FromSeconds(20), cancel);
        await sending.StopAsync(cancel);

        Assert.Equal([65_534, 65_535, 0, 1, 2, 3], link.Packets.Take(6).Select(packet => (int)packet.Number));
        Assert.Equal([uint.MaxValue - 959, 0, 960, 1920, 2880, 3840], link.Packets.Take(6).Select(packet => packet.Timestamp));
        Assert.Equal([true, false, false, false, false, false], link.Packets.Take(6).Select(packet => packet.Marker));
        Assert.Equal(link.Packets[0].Payload, link.Packets[5].Payload);  // five in the file, then the first again
        // A busy machine sends late, one after another; it never sends early.
        Assert.All(link.Packets.Take(6).Index(), packet => Assert.True(packet.Item.At - begin >= packet.Index * TimeSpan.FromMilliseconds(20), $"packet {packet.Index} left early"));
    }

    [Fact]
    public async Task Shuffled_and_doubled_packets_are_recorded_once_and_in_order()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        RecordingLink link = new(wanted: 0);
        using OpusRecording recording = new(_folder["heard.opus"], serial: 1);
        using OpusReceiving receiving = new(recording, link, PayloadType);
        await receiving.StartAsync(cancel);
        foreach (int number in (int[])[0, 2, 1, 1, 5, 4, 3, 0, 6])
        {
            link.Receive(RtpOf(number));
        }

        await WaitAsync(() => receiving.PacketsReceived == 9, cancel);
        await receiving.StopAsync(cancel);
        recording.Complete();

        Assert.Equal(Enumerable.Range(0, 7).Select(Sound), ReadFile("heard.opus", 7));
        Assert.Equal(0, recording.SamplesConcealed);
        Assert.Equal(0, receiving.PacketsLost);
    }

    [Fact]
    public async Task A_gap_keeps_its_length_in_the_recording()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        RecordingLink link = new(wanted: 0);
        using OpusRecording recording = new(_folder["heard.opus"], serial: 1);
        using OpusReceiving receiving = new(recording, link, PayloadType);
        await receiving.StartAsync(cancel);
        int[] present = [.. Enumerable.Range(0, 40).Where(number => number is not (10 or 11 or 25))];
        foreach (int number in present)
        {
            link.Receive(RtpOf(number));
        }

        await WaitAsync(() => receiving.PacketsReceived == 37, cancel);
        await receiving.StopAsync(cancel);
        recording.Complete();

        byte[][] read = ReadFile("heard.opus", 40);
        Assert.Equal(3, receiving.PacketsLost);
        Assert.Equal(3 * 960, recording.SamplesConcealed);
        Assert.Equal(40 * 960, recording.Samples);
        Assert.All([10, 11, 25], number => Assert.Equal([Silk20MsMono], read[number]));
        Assert.Equal(Sound(26), read[26]);
    }

    [Theory]
    [InlineData(0x08, 960)]    // SILK 20 ms
    [InlineData(0x18, 2880)]   // SILK 60 ms
    [InlineData(0x60, 480)]    // hybrid 10 ms
    [InlineData(0x80, 120)]    // CELT 2.5 ms
    [InlineData(0xFC, 960)]    // CELT fullband stereo 20 ms
    public void Durations_are_those_of_the_table(byte toc, int samples)
    {
        // RFC 6716 table 2.
        Assert.True(OpusPacket.TryDuration([toc, 1, 2], out int found));
        Assert.Equal(samples, found);
    }

    [Fact]
    public void Concealment_fills_any_gap_of_whole_2_5_ms()
    {
        for (int gap = 120; gap <= 5760; gap += 120)
        {
            int rest = gap;
            while (rest > 0)
            {
                byte packet = OpusPacket.Concealment(Silk20MsMono, rest, out int filled);
                Assert.True(OpusPacket.TryDuration([packet], out int samples));
                Assert.Equal(filled, samples);
                Assert.InRange(filled, 120, rest);
                rest -= filled;
            }
        }
    }

    [Fact]
    public void Numbers_from_anywhere_come_out_in_order_and_once()
    {
        Random random = new(5);
        ReorderBuffer buffer = new();
        int last = int.MinValue;
        for (int i = 0; i < 200_000; i++)
        {
            int number = i + random.Next(-12, 5);
            if (random.Next(20) == 0)
            {
                continue;
            }

            buffer.Add((ushort)number, (uint)number, [1]);
            while (buffer.TryTake(out uint timestamp, out ReadOnlySpan<byte> _))
            {
                Assert.True((int)timestamp > last, $"{(int)timestamp} after {last}");
                last = (int)timestamp;
            }
        }

        Assert.InRange(last, 199_900, 200_005);
        Assert.True(buffer.Late > 0);
    }

    private static byte[] Sound(int number) => [Silk20MsMono, (byte)number, (byte)(number * 7), 3, 4];

    private static byte[] RtpOf(int number)
    {
        byte[] packet = new byte[RtpPacket.HeaderBytes + 5];
        RtpPacket.WriteHeader(packet, PayloadType, marker: number == 0, (ushort)number, (uint)(1000 + (number * 960)), Ssrc);
        Sound(number).CopyTo(packet, RtpPacket.HeaderBytes);
        return packet;
    }

    private string WriteFile(int packets)
    {
        using OpusFileWriter writer = new(_folder["in.opus"], new OpusHead(1, 0), serial: 1);
        for (int i = 0; i < packets; i++)
        {
            writer.Write(Sound(i), 960);
        }

        writer.Complete();
        return _folder["in.opus"];
    }

    private byte[][] ReadFile(string name, int packets)
    {
        using OpusFileReader reader = new(_folder[name]);
        return [.. Enumerable.Range(0, packets).Select(_ => reader.Read(1150, out int _))];
    }

    private static async Task WaitAsync(Func<bool> done, CancellationToken cancel)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        while (!done())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>Writes down what is sent, and lets the test say what arrives.</summary>
    private sealed class RecordingLink(int wanted) : IPacketLink
    {
        public event PacketArrived? Arrived;

        public List<(ushort Number, uint Timestamp, bool Marker, byte[] Payload, TimeSpan At)> Packets { get; } = [];

        public TaskCompletionSource Complete { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Send(ReadOnlySpan<byte> packet)
        {
            Assert.True(RtpPacket.TryParse(packet, out RtpPacket rtp));
            Assert.Equal((Ssrc, PayloadType), (rtp.Ssrc, rtp.PayloadType));
            Packets.Add((rtp.SequenceNumber, rtp.Timestamp, rtp.Marker, rtp.Payload.ToArray(), Media.MediaClock.Now(TimeProvider.System)));
            if (Packets.Count == wanted)
            {
                Complete.TrySetResult();
            }
        }

        public void Receive(byte[] packet) => Arrived?.Invoke(packet, TimeSpan.Zero);
    }
}
