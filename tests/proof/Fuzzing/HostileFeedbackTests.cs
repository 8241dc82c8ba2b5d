using System.Diagnostics;
using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Packets;

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
        foreach (long read in new[] { counts.Mlvc, counts.Pli, counts.Fir, counts.Rpsi, counts.Nack, counts.TransportCc, counts.Malformed })
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

        return [.. seeds];
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

    private record struct Counts(long Parts, long Mlvc, long Pli, long Fir, long Rpsi, long Nack, long TransportCc, long Malformed, long Overlong);
}
