using System.Diagnostics;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;
using MlvcRtc.Rtp.Reassembly;

namespace MlvcRtc.Proof.Fuzzing;

/// <summary>Millions of damaged media packets through the parsers and the assembler: no crash, no hang, no memory by an attacker's number.</summary>
public sealed class HostilePacketsTests
{
    /// <summary>Frames delivered and lost are counted in objects that exist; what grows is a handful of buffers up to the assembler's bound of 1.2 MB.</summary>
    private const long AllocationLimit = 16L << 20;

    /// <summary>Below what 256 fragments can hold, so that this limit is met too.</summary>
    private const int MaxFrameBytes = 20_000;

    [Fact]
    public void Damaged_media_packets_neither_crash_nor_hang_nor_fill_memory()
    {
        PacketMutator mutator = new(seed: 20260101);
        LiveStream stream = new();
        FrameAssembler assembler = new(MaxFrameBytes);
        EncodedFrame taken = new();
        int[] statuses = new int[Enum.GetValues<InsertStatus>().Length];
        long parsed = 0, numbered = 0, delivered = 0, lost = 0, wrong = 0;
        int mostInFlight = 0;
        long begun = Stopwatch.GetTimestamp();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; mutator.Mutants < ProofSize.Packets; i++)
        {
            ReadOnlySpan<byte> packet = mutator.Mutate(stream.Next(mutator), stream.Earlier(mutator));
            TimeSpan now = TimeSpan.FromMicroseconds(300L * i);
            PayloadDescriptor.Read(packet, out _);
            if (!RtpPacket.TryParse(packet, out RtpPacket rtp))
            {
                continue;
            }

            parsed++;
            numbered += TransportSequence.TryRead(rtp.Extension, out _) ? 1 : 0;
            statuses[(int)assembler.Insert(rtp, now)]++;
            while (assembler.TryTake(taken, now))
            {
                delivered++;
                wrong += taken.Payload.Length is > 0 and <= MaxFrameBytes ? 0 : 1;
            }

            while (assembler.TryTakeLost(out LostFrames given))
            {
                lost += given.Count;
                wrong += given.Count > 0 ? 0 : 1;
            }

            _ = i % 8 == 0 && assembler.Broken;
            mostInFlight = Math.Max(mostInFlight, assembler.BytesInFlight);
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{mutator.Mutants} mutants in {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s: {parsed} are RTP, {numbered} numbered; {string.Join(", ", Enum.GetNames<InsertStatus>().Zip(statuses, (name, count) => $"{name} {count}"))}; "
            + $"{delivered} frames delivered, {lost} lost; {mostInFlight} bytes in flight at most, {allocated} allocated");

        Assert.Equal(0, wrong);
        Assert.InRange(mostInFlight, 1, FrameAssembler.MaxFragments * PayloadFormat.MaxPayloadBytes);
        Assert.True(allocated < AllocationLimit, $"{allocated} bytes were allocated");
        Assert.True(parsed > ProofSize.Packets / 2);
        Assert.True(numbered > ProofSize.Packets / 100);
        Assert.True(delivered > ProofSize.Packets / 50);

        // Every answer was given, so every path was walked; NoRoom needs more fragments in flight than this stream has.
        Assert.All(statuses.Where((_, status) => status != (int)InsertStatus.NoRoom), count => Assert.True(count > 0));
    }
}
