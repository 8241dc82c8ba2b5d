using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Reports;

namespace MlvcRtc.UnitTests.Rtp.Reports;

/// <summary>What two sides tell each other by sender and receiver reports (RFC 3550 §6.4), in virtual time.</summary>
public sealed class StreamReportsTests
{
    private const uint Ours = 0x11223344;
    private const uint Theirs = 0x55667788;

    private readonly byte[] _buffer = new byte[StreamReports.MaxBytes];

    [Fact]
    public void A_sender_report_has_the_bytes_of_RFC_3550()
    {
        StreamReports reports = Side(Ours, Theirs, DateTimeOffset.UnixEpoch);
        reports.NextReport(TimeSpan.Zero);
        reports.Received(Rtp(Theirs, 65_534, 0), TimeSpan.FromSeconds(1));
        reports.Received(Rtp(Theirs, 65_535, 45_000), TimeSpan.FromSeconds(1.5));
        reports.Received(Rtp(Theirs, 1, 90_000 - 112), TimeSpan.FromSeconds(2));  // 0 is lost; 112 ticks late: jitter 112 / 16
        reports.Received(SenderReport(Theirs, new NtpTime(0xAABBCCDD_EEFF0011)), TimeSpan.FromSeconds(8));
        for (ushort number = 1; number <= 3; number++)
        {
            reports.Sent(Rtp(Ours, number, 7, payloadBytes: 10), TimeSpan.Zero);
        }

        Assert.True(reports.TryWrite(TimeSpan.FromSeconds(10.5), _buffer, out int length));
        Assert.Equal(
            "81C8000C" + "11223344" + "83AA7E8A80000000" + "000E6B68" + "00000003" + "0000001E"  // 1970 is second 0x83AA7E80 since 1900; 10.5 s of 90 kHz; 3 packets, 30 octets
            + "55667788" + "40" + "000001" + "00010001" + "00000007" + "CCDDEEFF" + "00028000"   // 1 of 4 lost, one wrap, LSR, 2.5 s since
            + "81CA0003" + "11223344" + "0105636E616D6500",
            Convert.ToHexString(_buffer, 0, length));
        Assert.Equal((4 * 13) + 16, length);
    }

    [Fact]
    public void Who_sends_nothing_and_heard_nothing_writes_an_empty_receiver_report_and_its_name()
    {
        StreamReports reports = Side(Ours, null);
        reports.NextReport(TimeSpan.Zero);
        Assert.True(reports.TryWrite(TimeSpan.FromSeconds(9), _buffer, out int length));
        Assert.Equal("80C90001" + "11223344" + "81CA0003" + "11223344" + "0105636E616D6500", Convert.ToHexString(_buffer, 0, length));
    }

    [Fact]
    public void Two_reports_after_the_last_packet_a_sender_is_none_any_more_and_a_silent_stream_gets_no_block()
    {
        StreamReports reports = Side(Ours, Theirs);
        reports.NextReport(TimeSpan.Zero);
        reports.Sent(Rtp(Ours, 1, 0), TimeSpan.Zero);
        reports.Received(Rtp(Theirs, 1, 0), TimeSpan.Zero);
        Assert.Equal([(RtcpPacket.SenderReport, 1), (RtcpPacket.SenderReport, 0), (RtcpPacket.ReceiverReport, 0)], Enumerable.Range(1, 3).Select(i =>
        {
            Assert.True(reports.TryWrite(TimeSpan.FromSeconds(10 * i), _buffer, out _));
            return (_buffer[1], _buffer[0] & 0x1F);
        }));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(400)]
    public void Both_sides_measure_the_round_trip_loss_and_jitter_whatever_their_clocks_show(int roundTripMs)
    {
        TimeSpan oneWay = TimeSpan.FromMilliseconds(roundTripMs / 2.0);
        StreamReports one = Side(Ours, Theirs, DateTimeOffset.UnixEpoch + TimeSpan.FromDays(20_000));
        StreamReports other = Side(Theirs, Ours, DateTimeOffset.UnixEpoch);  // its clock was never set
        for (int i = 0; i < 3000; i++)
        {
            TimeSpan now = TimeSpan.FromMilliseconds(10 * i);
            byte[] packet = Rtp(Ours, (ushort)(65_000 + i), (uint)(900 * i));
            one.Sent(packet, now);
            if (i % 10 != 3)
            {
                other.Received(packet, now + oneWay + TimeSpan.FromMilliseconds(i % 2));
            }

            Exchange(one, other, now, oneWay);
            Exchange(other, one, now, oneWay);
        }

        RemoteReport told = one.Remote!;
        Assert.Equal(roundTripMs, told.RoundTripTime!.Value.TotalMilliseconds, 0.1);
        Assert.Equal(0.1, told.LossRatio, 0.02);
        Assert.InRange(told.PacketsLost, 200, 300);
        Assert.InRange(told.Jitter.TotalMilliseconds, 0.6, 1);
        Assert.Null(other.Remote);  // it sent nothing to report on
        Assert.InRange(one.Written, 20, 45);  // 30 s, one a second
    }

    [Fact]
    public void Invented_reports_make_no_round_trip()
    {
        StreamReports reports = Side(Ours, Theirs, DateTimeOffset.UnixEpoch);
        reports.NextReport(TimeSpan.Zero);
        reports.Sent(Rtp(Ours, 1, 0), TimeSpan.Zero);
        TimeSpan at = TimeSpan.FromSeconds(10);
        Assert.True(reports.TryWrite(at, _buffer, out _));
        uint ours = new NtpClock(DateTimeOffset.UnixEpoch, TimeSpan.Zero).At(at).Compact;
        TimeSpan now = at + TimeSpan.FromMilliseconds(200);

        reports.Received(Block(ours + 65_536, 0), now);   // of the future
        reports.Received(Block(ours - 1, 0), now);        // never sent
        reports.Received(Block(0, 0), now);               // none seen
        reports.Received(Block(ours, 65_536), now);       // held for longer than it exists
        reports.Received(Block(ours, uint.MaxValue), now);
        Assert.Null(reports.Remote!.RoundTripTime);
        reports.Received(Block(ours, 6_554), now);        // 100 ms there
        Assert.Equal(100, reports.Remote!.RoundTripTime!.Value.TotalMilliseconds, 0.1);
        reports.Received(Block(ours + 1, 0), now);
        Assert.Equal(100, reports.Remote!.RoundTripTime!.Value.TotalMilliseconds, 0.1);
        Assert.Equal(TimeSpan.FromSeconds(uint.MaxValue / 90_000.0), reports.Remote!.Jitter);  // believed by nobody, but told
    }

    [Fact]
    public void Reports_of_other_streams_in_the_bundle_concern_nobody_here()
    {
        StreamReports reports = Side(Ours, Theirs);
        reports.NextReport(TimeSpan.Zero);
        byte[] buffer = new byte[100];
        reports.Received(buffer.AsSpan(0, ReportPacket.Write(buffer, Theirs + 1, new SenderInfo(new NtpTime(1UL << 40), 0, 0, 0), new ReportBlock(Ours + 1, 9, 9, 9, 9, 9, 9))), TimeSpan.Zero);
        reports.Received(Rtp(Theirs + 1, 1, 0), TimeSpan.Zero);
        Assert.Null(reports.Remote);
        Assert.True(reports.TryWrite(TimeSpan.FromSeconds(9), _buffer, out _));
        Assert.Equal("80C90001", Convert.ToHexString(_buffer, 0, 4));
    }

    [Theory]
    [InlineData(50, 5)]
    [InlineData(72, 5)]
    [InlineData(300, 1.2)]
    [InlineData(3600, 0.1)]
    public void Reports_come_at_the_reduced_minimum_of_RFC_3550_scattered_and_the_first_in_half_the_time(double kbps, double seconds)
    {
        Random random = new(7);
        double[] first = [.. Enumerable.Range(0, 2000).Select(_ => ReportInterval.Next(kbps, true, random).TotalSeconds)];
        double[] next = [.. Enumerable.Range(0, 2000).Select(_ => ReportInterval.Next(kbps, false, random).TotalSeconds)];
        Assert.All(next, one => Assert.InRange(one, seconds * 0.5, seconds * 1.5));
        Assert.All(first, one => Assert.InRange(one, seconds * 0.25, seconds * 0.75));
        Assert.Equal(seconds, next.Average(), seconds * 0.03);
        double rtcpKbps = StreamReports.MaxBytes * 8 / 1000.0 / seconds;
        Assert.True(rtcpKbps < 0.05 * kbps || kbps < 100, $"{rtcpKbps} kbit/s of reports");
    }

    private static StreamReports Side(uint local, uint? remote, DateTimeOffset clock = default) => new(
        new ReportedStream(local, remote, 90_000, "cname", SessionKbps: 360),
        new NtpClock(clock == default ? DateTimeOffset.UnixEpoch : clock, TimeSpan.Zero),
        new Random((int)local),
        static instant => RtpTimestamp.FromTimeSpan(instant));

    private void Exchange(StreamReports from, StreamReports to, TimeSpan now, TimeSpan oneWay)
    {
        if (from.NextReport(now) <= now && from.TryWrite(now, _buffer, out int length))
        {
            to.Received(_buffer.AsSpan(0, length), now + oneWay);
        }
    }

    private static byte[] Rtp(uint ssrc, ushort number, uint timestamp, int payloadBytes = 1)
    {
        byte[] packet = new byte[RtpPacket.HeaderBytes + payloadBytes];
        RtpPacket.WriteHeader(packet, 109, false, number, timestamp, ssrc);
        return packet;
    }

    private static byte[] SenderReport(uint ssrc, NtpTime ntp)
    {
        byte[] buffer = new byte[100];
        return buffer[..ReportPacket.Write(buffer, ssrc, new SenderInfo(ntp, 1, 2, 3), null)];
    }

    private static byte[] Block(uint lastSenderReport, uint delay)
    {
        byte[] buffer = new byte[100];
        return buffer[..ReportPacket.Write(buffer, Theirs, null, new ReportBlock(Ours, 0, 0, 0, uint.MaxValue, lastSenderReport, delay))];
    }
}
