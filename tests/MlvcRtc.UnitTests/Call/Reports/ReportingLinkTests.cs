using MlvcRtc.Call.Reports;
using MlvcRtc.Media;
using MlvcRtc.Rtp;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Reports;
using MlvcRtc.UnitTests.Signaling;

namespace MlvcRtc.UnitTests.Call.Reports;

/// <summary>Two sides of a channel that report to each other by the clock, while their packets pass.</summary>
public sealed class ReportingLinkTests : IDisposable
{
    private const int ClockRate = 48_000;

    private readonly VirtualTime _time = new();
    private readonly End _first = new(), _second = new();
    private readonly ReportingLink _one, _other;

    public ReportingLinkTests()
    {
        (_first.Other, _second.Other) = (_second, _first);
        (_first.Time, _second.Time) = (_time, _time);
        NtpClock wall = new(_time.GetUtcNow(), MediaClock.Now(_time));
        _one = new(_first, new StreamReports(new(1, 2, ClockRate, "one", 360), wall, new Random(1)), _time);
        _other = new(_second, new StreamReports(new(2, null, ClockRate, "other", 360), wall, new Random(2)), _time);
    }

    public void Dispose()
    {
        _one.Dispose();
        _other.Dispose();
    }

    [Fact]
    public void Packets_pass_untouched_and_reports_leave_about_once_a_second()
    {
        List<byte[]> arrived = [];
        _other.Arrived += (packet, _) => arrived.Add(packet.ToArray());
        _one.Start();
        _other.Start();
        List<byte[]> sent = Talk(TimeSpan.FromSeconds(20));

        Assert.Equal(sent, arrived.Where(packet => PacketDemux.Classify(packet) == PacketKind.Rtp));
        Assert.InRange(_first.Reports.Count, 14, 40);
        Assert.InRange(_second.Reports.Count, 14, 40);
        Assert.Equal(_second.Reports.Count, _other.Reports.Written);
        Assert.Equal(TimeSpan.Zero, _one.Reports.Remote!.RoundTripTime);
        Assert.Equal(0, _one.Reports.Remote.PacketsLost);
        Assert.Null(_other.Reports.Remote);
    }

    [Fact]
    public void A_sender_report_tells_the_media_time_of_its_wall_clock_time()
    {
        _one.Start();
        Talk(TimeSpan.FromSeconds(10));
        TimeSpan now = MediaClock.Now(_time);
        Assert.All(_first.Reports.Skip(1), report =>
        {
            RtcpReader reader = new(report.Packet);
            Assert.True(reader.TryNext(out RtcpPacket packet) && ReportPacket.TryRead(packet, out ReportPacket read) && read.Sender is { } sender
                && Math.Abs((int)(sender.RtpTime - RtpTime(report.At))) <= 1
                && sender.Ntp == NtpTime.From(_time.GetUtcNow() - (now - report.At)));
        });
    }

    [Fact]
    public void After_the_end_packets_pass_and_reports_do_not()
    {
        _one.Start();
        Talk(TimeSpan.FromSeconds(5));
        int reports = _first.Reports.Count;
        _one.Stop();
        int arrived = 0;
        _other.Arrived += (_, _) => arrived++;
        Assert.Equal(500, Talk(TimeSpan.FromSeconds(5)).Count);
        Assert.Equal((reports, 500), (_first.Reports.Count, arrived));
    }

    private static uint RtpTime(TimeSpan at) => (uint)(long)(at.TotalSeconds * ClockRate);

    /// <summary>The first side sends a packet every 10 ms.</summary>
    private List<byte[]> Talk(TimeSpan length)
    {
        List<byte[]> sent = [];
        for (TimeSpan end = MediaClock.Now(_time) + length; MediaClock.Now(_time) < end;)
        {
            byte[] packet = new byte[50];
            RtpPacket.WriteHeader(packet, 111, false, (ushort)(MediaClock.Now(_time).TotalMilliseconds / 10), RtpTime(MediaClock.Now(_time)), 1);
            _one.Send(packet);
            sent.Add(packet);
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }

        return sent;
    }

    /// <summary>One end of a wire without delay; keeps the RTCP that leaves.</summary>
    private sealed class End : IPacketLink
    {
        public event PacketArrived? Arrived;

        public End? Other { get; set; }

        public TimeProvider Time { get; set; } = null!;

        public List<(byte[] Packet, TimeSpan At)> Reports { get; } = [];

        public void Send(ReadOnlySpan<byte> packet)
        {
            if (PacketDemux.Classify(packet) == PacketKind.Rtcp)
            {
                Reports.Add((packet.ToArray(), MediaClock.Now(Time)));
            }

            Other!.Arrived?.Invoke(packet, MediaClock.Now(Time));
        }
    }
}
