using System.Buffers.Binary;
using System.Diagnostics;
using MlvcRtc.WebRtc.Srtp;

namespace MlvcRtc.UnitTests.WebRtc.Srtp;

/// <summary>What the two ends of a call see of SRTP (RFC 3711, RFC 7714), with both profiles.</summary>
public sealed class SrtpSessionTests
{
    private const SrtpProfile Cm = SrtpProfile.Aes128CmHmacSha1Tag80;
    private const SrtpProfile Gcm = SrtpProfile.AeadAes128Gcm;

    [Theory]
    [InlineData(Cm)]
    [InlineData(Gcm)]
    public void Any_packet_is_protected_as_the_formulas_say_and_comes_back_as_it_was(SrtpProfile profile)
    {
        using SrtpSession session = new(profile, seed: 3);
        SlowSrtp slow = new(profile, session.Keys);
        for (int i = 0; i < 300; i++)
        {
            int index = 65_400 + i;  // across the wrap
            byte[] packet = session.RandomRtp((ushort)index, out int headerBytes);
            byte[] protectedPacket = session.Send(packet);
            Assert.Equal(slow.Rtp(packet, headerBytes, (uint)(index >> 16)), protectedPacket);
            Assert.Equal(SrtpVerdict.Ok, session.Receive(protectedPacket, out byte[] opened));
            Assert.Equal(packet, opened);

            byte[] rtcp = [.. SrtpSession.Rtcp(), .. packet];
            byte[] protectedRtcp = session.SendRtcp(rtcp);
            Assert.Equal(slow.Rtcp(rtcp, (uint)i), protectedRtcp);
            Assert.Equal(SrtpVerdict.Ok, session.ReceiveRtcp(protectedRtcp, out opened));
            Assert.Equal(rtcp, opened);
        }
    }

    [Theory]
    [InlineData(Cm)]
    [InlineData(Gcm)]
    public void Packets_can_be_protected_and_opened_where_they_lie(SrtpProfile profile)
    {
        using SrtpSession session = new(profile);
        byte[] rtp = SrtpSession.Rtp(7, payload: 1200);
        byte[] buffer = [.. rtp, .. new byte[SrtpProfileSizes.MaxOverheadBytes]];
        Assert.Equal(SrtpVerdict.Ok, session.Sender.ProtectRtp(buffer.AsSpan(0, rtp.Length), buffer, out int bytes));
        Assert.Equal(rtp.Length + profile.RtpOverheadBytes(), bytes);
        Assert.NotEqual(rtp[12..40], buffer[12..40]);
        Assert.Equal(SrtpVerdict.Ok, session.Receiver.UnprotectRtp(buffer.AsSpan(0, bytes), buffer, out bytes));
        Assert.Equal(rtp, buffer[..bytes]);
        byte[] rtcp = SrtpSession.Rtcp();
        buffer = [.. rtcp, .. new byte[SrtpProfileSizes.MaxOverheadBytes]];
        Assert.Equal(SrtpVerdict.Ok, session.Sender.ProtectRtcp(buffer.AsSpan(0, rtcp.Length), buffer, out bytes));
        Assert.Equal(rtcp.Length + profile.RtcpOverheadBytes(), bytes);
        Assert.Equal(SrtpVerdict.Ok, session.Receiver.UnprotectRtcp(buffer.AsSpan(0, bytes), buffer, out bytes));
        Assert.Equal(rtcp, buffer[..bytes]);
    }

    [Theory]
    [InlineData(Cm)]
    [InlineData(Gcm)]
    public void A_packet_with_any_bit_changed_is_refused_and_the_true_one_is_still_taken(SrtpProfile profile)
    {
        using SrtpSession session = new(profile);
        Assert.Equal(SrtpVerdict.Ok, session.Receive(session.Send(SrtpSession.Rtp(100)), out _));
        Assert.Equal(SrtpVerdict.Ok, session.ReceiveRtcp(session.SendRtcp(SrtpSession.Rtcp()), out _));
        byte[] srtp = session.Send(SrtpSession.Rtp(101));
        byte[] srtcp = session.SendRtcp(SrtpSession.Rtcp());
        for (int bit = 0; bit < 8 * srtp.Length; bit++)
        {
            Assert.NotEqual(SrtpVerdict.Ok, session.Receive(Flip(srtp, bit), out _));
        }

        for (int bit = 0; bit < 8 * srtcp.Length; bit++)
        {
            Assert.NotEqual(SrtpVerdict.Ok, session.ReceiveRtcp(Flip(srtcp, bit), out _));
        }

        for (int length = 0; length < srtp.Length; length++)
        {
            Assert.NotEqual(SrtpVerdict.Ok, session.Receive(srtp[..length], out _));
        }

        for (int length = 0; length < srtcp.Length; length++)
        {
            Assert.NotEqual(SrtpVerdict.Ok, session.ReceiveRtcp(srtcp[..length], out _));
        }

        Assert.Equal(SrtpVerdict.Ok, session.Receive(srtp, out _));
        Assert.Equal(SrtpVerdict.Ok, session.ReceiveRtcp(srtcp, out _));
    }

    [Theory]
    [InlineData(Cm)]
    [InlineData(Gcm)]
    public void A_packet_is_taken_once(SrtpProfile profile)
    {
        using SrtpSession session = new(profile);
        byte[] srtp = session.Send(SrtpSession.Rtp(5));
        byte[] srtcp = session.SendRtcp(SrtpSession.Rtcp());
        Assert.Equal(SrtpVerdict.Ok, session.Receive(srtp, out _));
        Assert.Equal(SrtpVerdict.Replayed, session.Receive(srtp, out _));
        Assert.Equal(SrtpVerdict.Ok, session.ReceiveRtcp(srtcp, out _));
        Assert.Equal(SrtpVerdict.Replayed, session.ReceiveRtcp(srtcp, out _));
    }

    [Theory]
    [InlineData(Cm)]
    [InlineData(Gcm)]
    public void A_packet_may_be_overtaken_by_1023_others_and_not_by_more(SrtpProfile profile)
    {
        using SrtpSession session = new(profile);
        byte[][] sent = [.. Enumerable.Range(0, 1026).Select(i => session.Send(SrtpSession.Rtp((ushort)(65_000 + i))))];
        byte[][] control = [.. Enumerable.Range(0, 1026).Select(_ => session.SendRtcp(SrtpSession.Rtcp()))];
        Assert.Equal(SrtpVerdict.Ok, session.Receive(sent[0], out _));
        Assert.Equal(SrtpVerdict.Ok, session.ReceiveRtcp(control[0], out _));
        Assert.Equal(SrtpVerdict.Ok, session.Receive(sent[1025], out _));
        Assert.Equal(SrtpVerdict.Ok, session.ReceiveRtcp(control[1025], out _));
        Assert.Equal(SrtpVerdict.TooOld, session.Receive(sent[1], out _));
        Assert.Equal(SrtpVerdict.TooOld, session.ReceiveRtcp(control[1], out _));
        Assert.Equal(SrtpVerdict.Ok, session.Receive(sent[2], out _));
        Assert.Equal(SrtpVerdict.Ok, session.ReceiveRtcp(control[2], out _));
    }

    [Theory]
    [InlineData(Cm)]
    [InlineData(Gcm)]
    public void Loss_and_reordering_across_any_number_of_wraps_are_followed(SrtpProfile profile)
    {
        for (int seed = 0; seed < 5; seed++)
        {
            using SrtpSession session = new(profile, seed);
            int first = session.Random.Next(0, 32_768);
            List<(int Index, byte[] Packet)> onTheWay = [];
            int index = first;
            HashSet<int> arrived = [];
            while (index < first + (3 * 65_536))
            {
                byte[] srtp = session.Send(SrtpSession.Rtp((ushort)index, payload: 1));
                if (index == first || session.Random.Next(4) > 0)  // a quarter is lost
                {
                    onTheWay.Add((index, srtp));
                }

                int step = session.Random.Next(50) == 0 ? session.Random.Next(1, 10_000) : session.Random.Next(1, 4);  // numbers that the sender skips, or a long outage
                index += step;
                bool outage = step > 100;
                while (onTheWay.Count > (outage || index == first ? 0 : 8))
                {
                    int which = arrived.Count == 0 ? 0 : session.Random.Next(onTheWay.Count);
                    (int original, byte[] packet) = onTheWay[which];
                    onTheWay.RemoveAt(which);
                    Assert.Equal(SrtpVerdict.Ok, session.Receive(packet, out byte[] opened));
                    Assert.Equal((byte)original, opened[12]);
                    Assert.Equal(SrtpVerdict.Replayed, session.Receive(packet, out _));
                    arrived.Add(original);
                }
            }

            Assert.True(arrived.Count > 20);
        }
    }

    [Fact]
    public void The_index_of_a_packet_is_the_nearest_that_its_number_allows()
    {
        Random random = new(9);
        for (int i = 0; i < 20_000; i++)
        {
            ulong highest = (ulong)random.NextInt64(0, 1L << random.Next(1, 48));
            ushort number = (ushort)random.Next(65_536);
            long round = (long)(highest >> 16);
            long[] candidates = [.. new[] { round - 1, round, round + 1 }.Where(each => each >= 0).Select(each => (each << 16) | number)];
            ulong index = PacketIndex.Estimate(highest, number);
            Assert.Contains((long)index, candidates);
            if (highest > 65_536)  // before the first wrap nothing is behind
            {
                Assert.Equal(candidates.Min(each => Math.Abs(each - (long)highest)), Math.Abs((long)index - (long)highest));
            }
        }

        Assert.Equal(40_000ul, PacketIndex.Estimate(100, 40_000));
        Assert.Equal(65_536ul + 3, PacketIndex.Estimate(65_530, 3));
        Assert.Equal(65_530ul, PacketIndex.Estimate(65_536 + 3, 65_530));
    }

    [Fact]
    public void The_replay_window_does_what_a_list_of_everything_would()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            Random random = new(seed);
            ReplayWindow window = new();
            HashSet<ulong> seen = [];
            ulong highest = 0;
            ulong around = (ulong)random.Next(0, 100_000);
            for (int i = 0; i < 5000; i++)
            {
                around += (ulong)(random.Next(200) == 0 ? random.Next(0, 3000) : random.Next(0, 3));
                ulong index = (ulong)Math.Max(0, (long)around + random.Next(-1200, 20));
                SrtpVerdict expected = seen.Count > 0 && index + 1024 <= highest ? SrtpVerdict.TooOld : seen.Contains(index) ? SrtpVerdict.Replayed : SrtpVerdict.Ok;
                Assert.Equal(expected, window.Check(index));
                if (expected == SrtpVerdict.Ok)
                {
                    window.Mark(index);
                    seen.Add(index);
                    highest = Math.Max(highest, index);
                }
            }
        }
    }

    [Theory]
    [InlineData(Cm)]
    [InlineData(Gcm)]
    public void A_number_leaves_once_and_numbers_may_leave_out_of_order_across_the_wrap(SrtpProfile profile)
    {
        using SrtpSession session = new(profile);
        byte[] buffer = new byte[100];
        int[] order = [65_530, 65_535, 65_537, 65_531, 65_536, 65_534];
        foreach (int index in order)
        {
            Assert.Equal(SrtpVerdict.Ok, session.Receive(session.Send(SrtpSession.Rtp((ushort)index)), out _));
        }

        foreach (int index in order)
        {
            byte[] otherContent = SrtpSession.Rtp((ushort)index);
            otherContent[^1] ^= 0xFF;
            Assert.Equal(SrtpVerdict.Replayed, session.Sender.ProtectRtp(otherContent, buffer, out int bytes));
            Assert.Equal(0, bytes);
        }

        Assert.Equal(SrtpVerdict.Ok, session.Receive(session.Send(SrtpSession.Rtp(2)), out _));  // and nothing is disturbed
        Assert.Equal(SrtpVerdict.TooOld, session.Sender.ProtectRtp(SrtpSession.Rtp(60_000), buffer, out _));
    }

    [Theory]
    [InlineData(Cm)]
    [InlineData(Gcm)]
    public void Who_holds_the_keys_can_open_64_streams_and_not_more(SrtpProfile profile)
    {
        using SrtpSession session = new(profile);
        using SrtpSendContext another = new(profile, session.Keys);
        byte[] buffer = new byte[100];
        for (uint ssrc = 0; ssrc < 64; ssrc++)
        {
            Assert.Equal(SrtpVerdict.Ok, session.Receive(session.Send(SrtpSession.Rtp(1, ssrc)), out _));
            Assert.Equal(SrtpVerdict.Ok, session.ReceiveRtcp(session.SendRtcp(SrtpSession.Rtcp(ssrc: ssrc)), out _));
        }

        Assert.Equal(SrtpVerdict.TooManyStreams, session.Sender.ProtectRtp(SrtpSession.Rtp(1, 64), buffer, out _));
        Assert.Equal(SrtpVerdict.TooManyStreams, session.Sender.ProtectRtcp(SrtpSession.Rtcp(ssrc: 64), buffer, out _));
        Assert.Equal(SrtpVerdict.Ok, another.ProtectRtp(SrtpSession.Rtp(1, 64), buffer, out int bytes));
        Assert.Equal(SrtpVerdict.TooManyStreams, session.Receive(buffer[..bytes], out _));
        Assert.Equal(SrtpVerdict.Ok, another.ProtectRtcp(SrtpSession.Rtcp(ssrc: 64), buffer, out bytes));
        Assert.Equal(SrtpVerdict.TooManyStreams, session.ReceiveRtcp(buffer[..bytes], out _));
        Assert.Equal(SrtpVerdict.Ok, session.Receive(session.Send(SrtpSession.Rtp(2, 63)), out _));
    }

    [Theory]
    [InlineData(Cm)]
    [InlineData(Gcm)]
    public void Forgeries_with_ever_new_sources_leave_no_trace(SrtpProfile profile)
    {
        using SrtpSession session = new(profile);
        for (uint ssrc = 0; ssrc < 200; ssrc++)
        {
            byte[] forged = new byte[60];
            SrtpSession.Rtp((ushort)ssrc, ssrc).CopyTo(forged, 0);
            Assert.Equal(SrtpVerdict.Forged, session.Receive(forged, out _));
        }

        Assert.Equal(SrtpVerdict.Ok, session.Receive(session.Send(SrtpSession.Rtp(1)), out _));
    }

    [Theory]
    [InlineData(Cm)]
    [InlineData(Gcm)]
    public void RTCP_that_is_not_encrypted_is_refused_although_the_RFC_knows_it(SrtpProfile profile)
    {
        using SrtpSession session = new(profile);
        byte[] srtcp = session.SendRtcp(SrtpSession.Rtcp());
        int word = profile == Gcm ? srtcp.Length - 4 : srtcp.Length - 14;
        Assert.Equal(0x80000000u, BinaryPrimitives.ReadUInt32BigEndian(srtcp.AsSpan(word)));
        srtcp[word] &= 0x7F;
        Assert.Equal(SrtpVerdict.Malformed, session.ReceiveRtcp(srtcp, out _));
    }

    [Theory]
    [InlineData(Cm)]
    [InlineData(Gcm)]
    public void At_the_end_of_the_index_space_nothing_more_is_sent(SrtpProfile profile)
    {
        using SrtpSession session = new(profile);
        byte[] buffer = new byte[100];
        session.Sender.SetUsed(SrtpSession.Ssrc, (1UL << 48) - 2, (1u << 31) - 2);
        Assert.Equal(SrtpVerdict.Ok, session.Sender.ProtectRtp(SrtpSession.Rtp(65_535), buffer, out _));
        Assert.Equal(SrtpVerdict.Exhausted, session.Sender.ProtectRtp(SrtpSession.Rtp(0), buffer, out _));
        Assert.Equal(SrtpVerdict.Ok, session.Sender.ProtectRtcp(SrtpSession.Rtcp(), buffer, out int bytes));
        Assert.Equal(SrtpVerdict.Ok, session.ReceiveRtcp(buffer[..bytes], out _));  // the last index there is
        Assert.Equal(SrtpVerdict.Exhausted, session.Sender.ProtectRtcp(SrtpSession.Rtcp(), buffer, out _));
    }

    [Theory]
    [InlineData(Cm)]
    [InlineData(Gcm)]
    public void Protecting_and_opening_allocates_nothing_and_takes_microseconds(SrtpProfile profile)
    {
        const int Packets = 5000;
        using SrtpSession session = new(profile);
        byte[] rtp = SrtpSession.Rtp(0, payload: 1188);  // 1200 bytes
        byte[] srtp = new byte[1300];
        byte[] rtcp = SrtpSession.Rtcp();
        long[] protecting = new long[Packets];
        long[] opening = new long[Packets];
        long allocated = 0;
        for (int i = 0; i < Packets; i++)
        {
            if (i == Packets / 10)  // what is made once is made
            {
                allocated = GC.GetAllocatedBytesForCurrentThread();
            }

            BinaryPrimitives.WriteUInt16BigEndian(rtp.AsSpan(2), (ushort)i);
            long begun = Stopwatch.GetTimestamp();
            bool fine = session.Sender.ProtectRtp(rtp, srtp, out int bytes) == SrtpVerdict.Ok;
            long between = Stopwatch.GetTimestamp();
            fine &= session.Receiver.UnprotectRtp(srtp.AsSpan(0, bytes), srtp, out _) == SrtpVerdict.Ok;
            opening[i] = Stopwatch.GetTimestamp() - between;
            protecting[i] = between - begun;
            fine &= session.Sender.ProtectRtcp(rtcp, srtp, out bytes) == SrtpVerdict.Ok;
            fine &= session.Receiver.UnprotectRtcp(srtp.AsSpan(0, bytes), srtp, out _) == SrtpVerdict.Ok;
            if (!fine)
            {
                Assert.Fail($"packet {i}");
            }
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Array.Sort(protecting);
        Array.Sort(opening);
        double nanoseconds = 1e9 / Stopwatch.Frequency;
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{profile}: median {protecting[Packets / 2] * nanoseconds:0} ns to protect, {opening[Packets / 2] * nanoseconds:0} ns to open 1200 bytes; {allocated} bytes allocated");
        Assert.Equal(0, allocated);
    }

    private static byte[] Flip(byte[] packet, int bit)
    {
        byte[] flipped = [.. packet];
        flipped[bit / 8] ^= (byte)(1 << (bit % 8));
        return flipped;
    }
}
