using System.Diagnostics;
using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Reports;

namespace MlvcRtc.Proof.Fuzzing;

/// <summary>Millions of damaged RTCP datagrams through every reader: no crash, no hang, nothing allocated, work bounded by the bytes.</summary>
public sealed class HostileFeedbackTests
{
    private const uint Stream = 0x55667788;

    [Fact]
    public void Damaged_feedback_neither_crashes_nor_hangs_nor_allocates()
    {
        PacketMutator mutator = new(seed: 20260102);
        byte[][] seeds = Seeds();
        Counts counts = default;
        Read(seeds[0], ref counts);  // what is made once is made now
        counts = default;
        long begun = Stopwatch.GetTimestamp();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        while (mutator.Mutants < ProofSize.Packets)
        {
            byte[] seed = seeds[mutator.Next((uint)seeds.Length)];
            byte[] other = seeds[mutator.Next((uint)seeds.Length)];
            Read(mutator.Mutate(seed, other), ref counts);
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{mutator.Mutants} mutants in {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s: {counts}, {allocated} bytes allocated");
        Assert.True(allocated < 1 << 20, $"{allocated} bytes were allocated");
        Assert.Equal(0, counts.Overlong);
        foreach (long read in new[] { counts.Mlvc, counts.Pli, counts.Fir, counts.Rpsi, counts.Nack, counts.TransportCc, counts.Reports, counts.Malformed })
        {
            Assert.True(read > ProofSize.Packets / 1000, counts.ToString());
        }
    }

    /// <summary>The right messages: golden ones, a compound, and long ones.</summary>
    private static byte[][] Seeds()
    {
        byte[] buffer = new byte[PacketMutator.MaxBytes];
        List<byte[]> seeds = [];
        for (int flags = 0; flags < 8; flags++)
        {
            ReferenceFeedback feedback = new()
            {
                SenderSsrc = 1,
                MediaSsrc = Stream,
                LastDecoded = (ushort)(65_530 + flags),
                BestLtr = 17,
                HasBestLtr = true,
                IsBroken = (flags & 1) != 0,
                Count = (byte)flags,
            };
            seeds.Add(buffer[..feedback.Write(buffer)]);
        }

        seeds.Add(buffer[..new PictureLossIndication(1, Stream).Write(buffer)]);
        seeds.Add(buffer[..new PictureLossIndication(1, Stream).WriteCompound(buffer, "viewer")]);
        seeds.Add(buffer[..new FullIntraRequest(1, Stream, 9).Write(buffer)]);
        seeds.Add(buffer[..new ReferencePictureSelection(1, Stream, 109, 65_535).Write(buffer)]);
        foreach (int lost in new[] { 1, 5, GenericNack.MaxSequenceNumbers })
        {
            ushort[] numbers = [.. Enumerable.Range(0, lost).Select(i => (ushort)(65_500 + (i * 11)))];
            seeds.Add(buffer[..GenericNack.Write(buffer, 1, Stream, numbers)]);
        }

        foreach (int packets in new[] { 1, 10, 60, 400 })
        {
            TimeSpan[] arrivals = [.. Enumerable.Range(0, packets).Select(i =>
                i % 7 == 3 ? TransportFeedbackWriter.NotArrived : TimeSpan.FromMilliseconds(5000 + (i * (packets == 60 ? 90 : 1))))];
            seeds.Add(buffer[..TransportFeedbackWriter.Write(buffer, 1, Stream, 65_530, 3, arrivals, out _)]);
        }

        seeds.Add(buffer[..Compound(buffer, new SenderInfo(new NtpTime(0x83AA7E80_12345678), 90_000, 1000, 1_000_000), new ReportBlock(Stream, 3, -4, 70_000, 5, 6, 7))]);
        seeds.Add(buffer[..Compound(buffer, null, new ReportBlock(Stream, 255, (1 << 23) - 1, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue))]);
        return [.. seeds];
    }

    private static int Compound(Span<byte> destination, SenderInfo? sender, ReportBlock block)
    {
        int report = ReportPacket.Write(destination, 1, sender, block);
        return report + SourceDescription.Write(destination[report..], 1, "liar");
    }

    [Fact]
    public void Damaged_reports_make_no_figure_that_cannot_be()
    {
        PacketMutator mutator = new(seed: 20260104);
        byte[][] seeds = Seeds();
        TimeSpan now = TimeSpan.FromSeconds(1);
        StreamReports reports = new(new ReportedStream(Stream, 1, 90_000, "us", 360), new NtpClock(DateTimeOffset.UnixEpoch, TimeSpan.Zero), new Random(1));
        byte[] ours = new byte[StreamReports.MaxBytes];
        byte[] theirs = new byte[100];
        byte[] media = new byte[20];
        RtpPacket.WriteHeader(media, 109, false, 1, 1, Stream);
        long told = 0, measured = 0;
        while (mutator.Mutants < ProofSize.Packets / 10)
        {
            now += TimeSpan.FromMilliseconds(10);
            reports.Sent(media, now);
            if (reports.NextReport(now) <= now && reports.TryWrite(now, ours, out int length))
            {
                RtcpReader reader = new(ours.AsSpan(0, length));
                Assert.True(reader.TryNext(out RtcpPacket first) && ReportPacket.TryRead(first, out ReportPacket written) && written.SenderSsrc == Stream);
                uint compact = (uint)(System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(ours.AsSpan(8)) >> 16);
                ReportPacket.Write(theirs, 1, null, new ReportBlock(Stream, 0, 0, 0, 0, compact, mutator.Next(100_000)));
            }

            byte[] seed = mutator.Next(3) == 0 ? theirs[..32] : seeds[mutator.Next((uint)seeds.Length)];
            reports.Received(mutator.Mutate(seed, seeds[mutator.Next((uint)seeds.Length)]), now);
            if (reports.Remote is { } remote)
            {
                told++;
                Assert.InRange(remote.LossRatio, 0, 1);
                Assert.InRange(remote.PacketsLost, -(1 << 23), (1 << 23) - 1);
                if (remote.RoundTripTime is { } roundTrip)
                {
                    measured++;
                    Assert.InRange(roundTrip, TimeSpan.Zero, TimeSpan.FromSeconds(20));  // our last eight reports are not older
                }
            }
        }

        Assert.True(told > 100 && measured > 100, $"{told} {measured}");
    }

    private static void Read(ReadOnlySpan<byte> datagram, ref Counts counts)
    {
        RtcpReader reader = new(datagram);
        while (reader.TryNext(out RtcpPacket packet))
        {
            counts.Parts++;
            counts.Mlvc += ReferenceFeedback.TryRead(packet, out _) ? 1 : 0;
            counts.Pli += PictureLossIndication.TryRead(packet, out _) ? 1 : 0;
            counts.Fir += FullIntraRequest.TryRead(packet, Stream, out _) ? 1 : 0;
            counts.Rpsi += ReferencePictureSelection.TryRead(packet, out _) ? 1 : 0;
            if (ReportPacket.TryRead(packet, out ReportPacket report))
            {
                counts.Reports++;
                for (int index = 0; index < report.Count; index++)
                {
                    counts.Overlong += report[index].CumulativeLost is < -(1 << 23) or >= 1 << 23 ? 1 : 0;
                }
            }

            if (GenericNack.TryRead(packet, out GenericNack nack))
            {
                int numbers = 0;
                foreach (ushort _ in nack)
                {
                    numbers++;
                }

                counts.Overlong += numbers < 1 || numbers > 17 * datagram.Length / 4 ? 1 : 0;
                counts.Nack++;
            }

            if (TransportFeedback.TryRead(packet, out TransportFeedback feedback))
            {
                counts.Overlong += CountArrivals(feedback) == feedback.StatusCount ? 0 : 1;
                counts.TransportCc++;
            }
        }

        counts.Malformed += reader.Malformed ? 1 : 0;
    }

    private static int CountArrivals(TransportFeedback feedback)
    {
        ArrivalReader arrivals = feedback.ReadArrivals();
        int statuses = 0;
        while (arrivals.TryNext(out _, out _, out _))
        {
            statuses++;
        }

        return statuses;
    }

    private record struct Counts(long Parts, long Mlvc, long Pli, long Fir, long Rpsi, long Nack, long TransportCc, long Reports, long Malformed, long Overlong);
}
