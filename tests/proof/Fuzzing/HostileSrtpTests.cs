using System.Buffers.Binary;
using System.Diagnostics;
using MlvcRtc.WebRtc.Srtp;

namespace MlvcRtc.Proof.Fuzzing;

/// <summary>Millions of damaged SRTP and SRTCP packets at a receiver in a call: none is taken that was not sent, none twice, nothing is written beyond the packet, nothing grows.</summary>
public sealed class HostileSrtpTests
{
    private const uint Ssrc = 0x11223344;

    /// <summary>Packets on the way at a time, so that repeats and reordering are met.</summary>
    private const int Recent = 64;

    [Theory]
    [InlineData(SrtpProfile.Aes128CmHmacSha1Tag80)]
    [InlineData(SrtpProfile.AeadAes128Gcm)]
    public void Only_what_was_sent_is_taken_and_only_once(SrtpProfile profile)
    {
        SrtpKeys keys = new(new byte[16], new byte[profile.MasterSaltBytes()]);
        using SrtpSendContext sender = new(profile, keys);
        using SrtpReceiveContext receiver = new(profile, keys);
        PacketMutator mutator = new(seed: 20260103 + (ulong)profile);
        byte[][] sent = [.. Enumerable.Range(0, Recent).Select(i => Next(sender, mutator, i))];
        byte[] opened = new byte[PacketMutator.MaxBytes + 1];
        int[] verdicts = new int[Enum.GetValues<SrtpVerdict>().Length];
        long wrong = 0;
        long begun = Stopwatch.GetTimestamp();
        int number = Recent;
        while (mutator.Mutants < ProofSize.ProtectedPackets / 2)
        {
            int which = (int)mutator.Next(Recent);
            byte[] original = sent[which];
            ReadOnlySpan<byte> mutant = mutator.Mutate(original, sent[mutator.Next(Recent)]);
            bool rtcp = mutant.Length > 1 && mutant[1] is >= 192 and <= 223;
            opened[mutant.Length] = 0xA5;
            SrtpVerdict verdict = rtcp ? receiver.UnprotectRtcp(mutant, opened, out int bytes) : receiver.UnprotectRtp(mutant, opened, out bytes);
            verdicts[(int)verdict]++;
            wrong += verdict == SrtpVerdict.Ok && !WasSent(sent, mutant) ? 1 : 0;
            wrong += verdict == SrtpVerdict.Ok ? (bytes < mutant.Length ? 0 : 1) : bytes;
            wrong += opened[mutant.Length] == 0xA5 ? 0 : 1;
            if (verdict == SrtpVerdict.TooOld || (verdict == SrtpVerdict.Replayed && mutator.Next(4) == 0))
            {
                sent[which] = Next(sender, mutator, number++);
            }
        }

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{profile}: {mutator.Mutants} mutants in {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s: "
            + string.Join(", ", verdicts.Select((count, verdict) => $"{(SrtpVerdict)verdict} {count}")));
        Assert.Equal(0, wrong);
        Assert.Equal(0, verdicts[(int)SrtpVerdict.TooManyStreams]);
        foreach (SrtpVerdict met in new[] { SrtpVerdict.Ok, SrtpVerdict.Malformed, SrtpVerdict.Forged, SrtpVerdict.Replayed })
        {
            Assert.True(verdicts[(int)met] > ProofSize.ProtectedPackets / 1000, $"{met} was met {verdicts[(int)met]} times");
        }
    }

    private static bool WasSent(byte[][] sent, ReadOnlySpan<byte> packet)
    {
        foreach (byte[] each in sent)
        {
            if (packet.SequenceEqual(each))
            {
                return true;
            }
        }

        return false;
    }

    private static byte[] Next(SrtpSendContext sender, PacketMutator mutator, int i)
    {
        byte[] plain = new byte[12 + 16 + mutator.Next(40)];
        byte[] result = new byte[plain.Length + SrtpProfileSizes.MaxOverheadBytes];
        SrtpVerdict verdict;
        int bytes;
        if (i % 3 == 0)
        {
            plain[0] = 0x81;
            plain[1] = 206;
            BinaryPrimitives.WriteUInt32BigEndian(plain.AsSpan(4), Ssrc);
            verdict = sender.ProtectRtcp(plain, result, out bytes);
        }
        else
        {
            plain[0] = (byte)(i % 3 == 1 ? 0x80 : 0x91);  // 0x91: an extension and a contributing source
            plain[1] = 109;
            plain[19] = 2;
            BinaryPrimitives.WriteUInt16BigEndian(plain.AsSpan(2), (ushort)i);
            BinaryPrimitives.WriteUInt32BigEndian(plain.AsSpan(8), Ssrc);
            verdict = sender.ProtectRtp(plain, result, out bytes);
        }

        Assert.Equal(SrtpVerdict.Ok, verdict);
        return result[..bytes];
    }
}
