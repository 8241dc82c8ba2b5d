using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.Rtp.Reports;

/// <summary>One stream each way, as reports need to know it.</summary>
/// <param name="LocalSsrc">That we send.</param>
/// <param name="RemoteSsrc">That we receive; null = learnt from the first packet.</param>
/// <param name="ClockRateHz">Of RTP time, both ways.</param>
/// <param name="CanonicalName">CNAME: 1..255 ASCII characters, the same for all streams of this side.</param>
/// <param name="SessionKbps">What the stream may take; sets how often reports go.</param>
public sealed record ReportedStream(uint LocalSsrc, uint? RemoteSsrc, int ClockRateHz, string CanonicalName, double SessionKbps);

/// <summary>What the other side reports of our stream.</summary>
/// <param name="LossRatio">0..1, between its last two reports.</param>
/// <param name="PacketsLost">Since the start.</param>
/// <param name="Jitter">Of arrivals there.</param>
/// <param name="RoundTripTime">By our last sender report that it saw (RFC 3550 §6.4.1); null = not measured.</param>
public sealed record RemoteReport(double LossRatio, int PacketsLost, TimeSpan Jitter, TimeSpan? RoundTripTime);

/// <summary>
/// Sender and receiver reports of one stream (RFC 3550 §6.4) with its CNAME: counts what is sent and received, writes the compound packet when one is due, and reads the other side's. A report on us
/// counts only when it refers to one of our last sender reports, so that no invented time makes a round trip. Pure; time comes in. Thread-safe. Allocates only when a report on us comes.
/// </summary>
/// <param name="rtpTime">RTP time of what is captured at an instant (RFC 3550 §6.4.1). Null, or an answer of null = by the last packet and when it left: for streams that are sent as they are captured.</param>
public sealed class StreamReports(ReportedStream stream, NtpClock clock, Random random, Func<TimeSpan, uint?>? rtpTime = null)
{
    /// <summary>What <see cref="TryWrite"/> needs: sender report 28, block, name.</summary>
    public const int MaxBytes = 28 + ReportBlock.SizeBytes + SourceDescription.MaxBytes;

    /// <summary>Sender reports that an answer may refer to: more than are under way on any path.</summary>
    private const int Remembered = 8;

    /// <summary>1/65,536 s that the two clocks may differ over one report, as rounding does: 1 ms. An answer that is more of that before its question is invented.</summary>
    private const int Rounding = 66;

    private readonly Lock _guard = new();
    private readonly ReceptionStatistics _received = new(stream.ClockRateHz);
    private readonly uint[] _sentReports = new uint[Remembered];  // compact; 0 = none
    private uint? _remoteSsrc = stream.RemoteSsrc;
    private int _reports;
    private uint _packets;
    private uint _octets;
    private uint _packetsAtLast, _packetsBefore;
    private (uint RtpTime, TimeSpan At) _lastPacket;
    private SenderInfo? _remoteSender;
    private uint _lastSenderReport;
    private TimeSpan _lastSenderReportAt;
    private TimeSpan? _next;

    /// <summary>Null = none came.</summary>
    public RemoteReport? Remote { get; private set; }

    /// <summary>What the other side's newest sender report says of the stream that we receive; null = none came.</summary>
    public SenderInfo? RemoteSender
    {
        get
        {
            lock (_guard)
            {
                return _remoteSender;
            }
        }
    }

    /// <summary>Reports written so far.</summary>
    public int Written
    {
        get
        {
            lock (_guard)
            {
                return _reports;
            }
        }
    }

    /// <summary>When <see cref="TryWrite"/> is to be called next.</summary>
    public TimeSpan NextReport(TimeSpan now)
    {
        lock (_guard)
        {
            return _next ??= now + ReportInterval.Next(stream.SessionKbps, first: true, random);
        }
    }

    /// <summary>A packet of ours leaves; anything but RTP of our stream is passed over.</summary>
    public void Sent(ReadOnlySpan<byte> packet, TimeSpan now)
    {
        if (PacketDemux.Classify(packet) == PacketKind.Rtp && RtpPacket.TryParse(packet, out RtpPacket rtp) && rtp.Ssrc == stream.LocalSsrc)
        {
            lock (_guard)
            {
                _packets = unchecked(_packets + 1);
                _octets = unchecked(_octets + (uint)rtp.Payload.Length);
                _lastPacket = (rtp.Timestamp, now);
            }
        }
    }

    /// <summary>A datagram arrived: RTP of the other side's stream, or RTCP.</summary>
    public void Received(ReadOnlySpan<byte> datagram, TimeSpan arrival)
    {
        PacketKind kind = PacketDemux.Classify(datagram);
        if (kind == PacketKind.Rtp && RtpPacket.TryParse(datagram, out RtpPacket rtp))
        {
            lock (_guard)
            {
                if (rtp.Ssrc == (_remoteSsrc ??= rtp.Ssrc))
                {
                    _received.Add(rtp.SequenceNumber, rtp.Timestamp, arrival);
                }
            }
        }
        else if (kind == PacketKind.Rtcp)
        {
            RtcpReader reader = new(datagram);
            while (reader.TryNext(out RtcpPacket packet))
            {
                if (ReportPacket.TryRead(packet, out ReportPacket report))
                {
                    Take(report, arrival);
                }
            }
        }
    }

    /// <summary>Writes the compound packet (RFC 3550 §6.1) when one is due.</summary>
    /// <param name="destination">At least <see cref="MaxBytes"/>.</param>
    public bool TryWrite(TimeSpan now, Span<byte> destination, out int length)
    {
        length = 0;
        lock (_guard)
        {
            if (NextReport(now) > now)
            {
                return false;
            }

            _next = now + ReportInterval.Next(stream.SessionKbps, first: false, random);
            SenderInfo? sender = null;
            if (_packets != _packetsBefore)  // a sender is who sent since the report before the last (RFC 3550 §6.4)
            {
                NtpTime ntp = clock.At(now);
                sender = new(ntp, rtpTime?.Invoke(now) ?? RtpTimeByLastPacket(now), _packets, _octets);
                _sentReports[_reports % Remembered] = ntp.Compact;
            }

            (_packetsBefore, _packetsAtLast) = (_packetsAtLast, _packets);
            ReportBlock? block = !_received.HasNews ? null : _received.Take(
                _remoteSsrc!.Value, _lastSenderReport, _lastSenderReport == 0 ? 0 : NtpTime.CompactOf(now - _lastSenderReportAt));
            _reports++;
            length = ReportPacket.Write(destination, stream.LocalSsrc, sender, block);
        }

        length += SourceDescription.Write(destination[length..], stream.LocalSsrc, stream.CanonicalName);
        return true;
    }

    private uint RtpTimeByLastPacket(TimeSpan now) => unchecked(_lastPacket.RtpTime + (uint)(long)((now - _lastPacket.At).TotalSeconds * stream.ClockRateHz));

    private void Take(ReportPacket report, TimeSpan arrival)
    {
        lock (_guard)
        {
            if (report.Sender is { } sender && report.SenderSsrc == _remoteSsrc)
            {
                (_remoteSender, _lastSenderReport, _lastSenderReportAt) = (sender, sender.Ntp.Compact, arrival);
            }

            for (int index = 0; index < report.Count; index++)
            {
                if (report[index] is var block && block.Ssrc == stream.LocalSsrc)
                {
                    Remote = new(
                        block.FractionLost / 256.0,
                        block.CumulativeLost,
                        TimeSpan.FromSeconds((double)block.Jitter / stream.ClockRateHz),
                        RoundTrip(block, arrival) ?? Remote?.RoundTripTime);
                }
            }
        }
    }

    private TimeSpan? RoundTrip(in ReportBlock block, TimeSpan arrival)
    {
        if (block.LastSenderReport == 0 || !_sentReports.AsSpan().Contains(block.LastSenderReport))
        {
            return null;
        }

        long since = unchecked(clock.At(arrival).Compact - block.LastSenderReport);
        long roundTrip = since - block.DelaySinceLastSenderReport;
        return roundTrip < -Rounding ? null : TimeSpan.FromSeconds(Math.Max(roundTrip, 0) / 65_536.0);
    }
}
