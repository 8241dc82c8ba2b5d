using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.UnitTests.Rtp.Feedback;

public sealed class TransportFeedbackTests
{
    private const string Ssrcs = "00000001" + "00000002";
    private static readonly TimeSpan Lost = TransportFeedbackWriter.NotArrived;

    [Fact]
    public void A_message_is_written_as_the_draft_draws_it()
    {
        // The one-bit vector of draft-holmer §3.1.4: 1 lost, 5 arrived, 3 lost, 3 arrived, 2 lost = 0x9F1C.
        TimeSpan[] arrivals = [Lost, Ms(200), Ms(201), Ms(202), Ms(203), Ms(204), Lost, Lost, Lost, Ms(210), Ms(211), Ms(212.5), Lost, Lost];

        // Reference 3 · 64 = 192 ms; deltas of 8 (32 · 0.25), 1, 1, 1, 1, 6, 1 and 1.5 ms; two zeros to a whole word.
        Assert.Equal(
            "8FCD0007" + Ssrcs + "0010" + "000E" + "000003" + "05" + "9F1C" + "2004040404180406" + "0000",
            Write(0x10, 5, arrivals, out int reported));
        Assert.Equal(14, reported);
    }

    [Fact]
    public void A_long_run_takes_one_chunk()
    {
        // 221 packets = 0x00DD (draft-holmer §3.1.3), here arrived (status 1: 0x2000), 1 ms apart from 64 ms on.
        TimeSpan[] arrivals = [.. Enumerable.Range(0, 221).Select(i => Ms(64 + i))];
        string hex = Write(0, 0, arrivals, out _);
        Assert.StartsWith("8FCD" + "003C" + Ssrcs + "0000" + "00DD" + "000001" + "00" + "20DD" + "000404", hex, StringComparison.Ordinal);  // 4 · 61 = 20 + 2 + 221 + 1
    }

    [Fact]
    public void Long_gaps_and_steps_back_take_two_bytes()
    {
        // 64 ms: small delta 0; +100 ms = 400 = 0x0190 and -1 ms = -4 = 0xFFFC are large. Two-bit vector 1 1 | 01 10 10 00 ... = 0xDA00.
        Assert.Equal(
            "8FCD0006" + Ssrcs + "0000" + "0003" + "000001" + "00" + "DA00" + "00" + "0190" + "FFFC" + "00",
            Write(0, 0, [Ms(64), Ms(164), Ms(163)], out _));
    }

    [Fact]
    public void What_does_not_fit_is_left_for_the_next_message()
    {
        // 10 s apart: more than a 16-bit delta can say (8.19 s).
        Write(0, 0, [Ms(0), Ms(10), Ms(10_010)], out int reported);
        Assert.Equal(2, reported);

        // Large deltas throughout: 20 + 2 bytes a packet + 2 a chunk of seven stay below 1,200.
        TimeSpan[] far = [.. Enumerable.Range(0, 1000).Select(i => Ms(100 * i))];
        string hex = Write(0, 0, far, out reported);
        Assert.InRange(reported, 500, 520);
        Assert.True(hex.Length / 2 <= TransportFeedbackWriter.MaxBytes);
    }

    [Fact]
    public void What_was_written_is_read_back_whatever_was_lost()
    {
        Random random = new(7);
        for (int round = 0; round < 2000; round++)
        {
            double lossShare = random.NextDouble(), now = random.Next(100_000_000);
            TimeSpan[] arrivals = new TimeSpan[random.Next(1, 200)];
            for (int i = 0; i < arrivals.Length; i++)
            {
                now += random.Next(20) == 0 ? random.Next(-200, 3000) : random.Next(0, 40);
                arrivals[i] = random.NextDouble() < lossShare ? Lost : Ms(Math.Max(0, now) * 0.25);
            }

            ushort start = (ushort)random.Next(65536);
            byte[] bytes = Convert.FromHexString(Write(start, (byte)round, arrivals, out int reported));
            Assert.Equal(0, bytes.Length % 4);
            Assert.True(Parse(bytes, out TransportFeedback feedback));
            Assert.Equal((start, reported, (byte)round), (feedback.BaseNumber, feedback.StatusCount, feedback.Count));
            TimeSpan reference = feedback.ReferenceTime * TransportFeedback.ReferenceTick;
            ArrivalReader reader = feedback.ReadArrivals();
            for (int i = 0; i < reported; i++)
            {
                Assert.True(reader.TryNext(out ushort number, out bool arrived, out TimeSpan since));
                Assert.Equal((ushort)(start + i), number);
                Assert.Equal(arrivals[i] != Lost, arrived);
                if (arrived)
                {
                    Assert.Equal(arrivals[i], reference + since);
                }
            }

            Assert.False(reader.TryNext(out _, out _, out _));
        }
    }

    [Fact]
    public void The_reference_time_wraps_after_twelve_days()
    {
        // 2^24 · 64 ms
        byte[] bytes = Convert.FromHexString(Write(0, 0, [TimeSpan.FromMilliseconds(64.0 * (1 << 24)) + Ms(65)], out _));
        Assert.True(Parse(bytes, out TransportFeedback feedback));
        Assert.Equal(1u, feedback.ReferenceTime);
    }

    [Theory]
    [InlineData("8FCD0004" + Ssrcs + "0000" + "0001" + "00000100", "no chunk")]
    [InlineData("8FCD0005" + Ssrcs + "0000" + "0000" + "00000100" + "20010000", "nothing is reported")]
    [InlineData("8FCD0005" + Ssrcs + "0000" + "0003" + "00000100" + "20030000", "three deltas announced, two there")]
    [InlineData("8FCD0005" + Ssrcs + "0000" + "0002" + "00000100" + "40020000", "two large deltas announced, one there")]
    [InlineData("8FCD0005" + Ssrcs + "0000" + "0001" + "00000100" + "60010000", "the reserved status in a run")]
    [InlineData("8FCD0005" + Ssrcs + "0000" + "0001" + "00000100" + "F0000000", "the reserved status in a vector")]
    [InlineData("8FCD0005" + Ssrcs + "0000" + "FFFF" + "00000100" + "00000000", "empty runs without end")]
    [InlineData("8ECD0005" + Ssrcs + "0000" + "0001" + "00000100" + "20010000", "another message type")]
    [InlineData("8FCE0005" + Ssrcs + "0000" + "0001" + "00000100" + "20010000", "another packet type")]
    public void Hostile_bytes_are_refused(string hex, string why)
    {
        Assert.False(Parse(Convert.FromHexString(hex), out _), why);
    }

    [Fact]
    public void Damaged_messages_are_read_to_their_end_or_refused()
    {
        Random random = new(3);
        byte[] good = Convert.FromHexString(Write(9, 1, [Ms(64), Lost, Ms(80), Ms(300), Ms(299), Lost, Lost, Ms(310), Ms(311)], out _));
        int accepted = 0;
        for (int round = 0; round < 200_000; round++)
        {
            byte[] bytes = [.. good];
            for (int edits = random.Next(1, 4); edits > 0; edits--)
            {
                bytes[random.Next(12, bytes.Length)] = (byte)random.Next(256);
            }

            if (Parse(bytes, out TransportFeedback feedback))
            {
                accepted++;
                int read = 0;
                for (ArrivalReader reader = feedback.ReadArrivals(); reader.TryNext(out _, out _, out _);)
                {
                    read++;
                }

                Assert.Equal(feedback.StatusCount, read);
            }
        }

        Assert.InRange(accepted, 10_000, 190_000);
    }

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private static string Write(ushort start, byte count, TimeSpan[] arrivals, out int reported)
    {
        byte[] bytes = new byte[TransportFeedbackWriter.MaxBytes];
        int length = TransportFeedbackWriter.Write(bytes, 1, 2, start, count, arrivals, out reported);
        return Convert.ToHexString(bytes.AsSpan(0, length));
    }

    private static bool Parse(ReadOnlySpan<byte> bytes, out TransportFeedback feedback)
    {
        RtcpReader reader = new(bytes);
        Assert.True(reader.TryNext(out RtcpPacket packet));
        return TransportFeedback.TryRead(packet, out feedback);
    }
}
