using MlvcRtc.Call.Adaptation;
using MlvcRtc.Call.Receiving;
using MlvcRtc.Call.Sending;
using MlvcRtc.Lab.Network;
using MlvcRtc.Media;
using MlvcRtc.Rtp;
using MlvcRtc.Rtp.Congestion;
using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;

namespace MlvcRtc.Lab.Simulation;

/// <summary>
/// A call without pictures whose source always has data: frames of exactly the size that the target rate allows, through the pacer, the congestion
/// control and the feedback of a real call. Moved by <see cref="BulkSimulation"/>.
/// </summary>
public sealed class BulkCall
{
    private readonly uint _ssrc;
    private readonly TimeSpan _frameInterval;
    private readonly double _sourceKbps;
    private readonly TargetRate _rate;
    private readonly PacedSender _sender;
    private readonly ArrivalStage _arrivals;
    private readonly EncodedFrame _frame = new() { Type = FrameType.Inter };
    private readonly List<BulkPacket> _packets = [];
    private TimeSpan _nextFrame;
    private double _unspentBytes;

    internal BulkCall(SimulatedLink link, uint ssrc, RateBounds bounds, TimeSpan start, TimeSpan frameInterval, double sourceKbps)
    {
        _ssrc = ssrc;
        _frameInterval = frameInterval;
        _sourceKbps = sourceKbps;
        _nextFrame = start;
        _rate = new TargetRate(bounds.StartKbps);
        Congestion = new CongestionControl(new CongestionOptions(bounds), _rate);
        _sender = new PacedSender(link.A, new RtpStreamSettings(ssrc), _rate.Kbps, Congestion);
        _arrivals = new ArrivalStage(link.B, ~ssrc, ssrc);
        link.A.Arrived += OnFeedback;
        link.B.Arrived += _arrivals.Receive;
        link.JudgedAToB += OnJudged;
    }

    public CongestionControl Congestion { get; }

    /// <summary>Every packet sent so far, in order.</summary>
    public IReadOnlyList<BulkPacket> Packets => _packets;

    internal TimeSpan NextEvent => Earliest(_nextFrame, _sender.NextSend, _arrivals.NextPoll);

    internal void Step(TimeSpan now)
    {
        if (_nextFrame <= now)
        {
            QueueFrame(now);
            _nextFrame += _frameInterval;
        }

        _sender.SendDue(now);
        _arrivals.Poll(now);
    }

    private static TimeSpan Earliest(TimeSpan one, TimeSpan? other, TimeSpan? third)
    {
        one = other < one ? other.Value : one;
        return third < one ? third.Value : one;
    }

    private void QueueFrame(TimeSpan now)
    {
        _sender.TargetKbps = _rate.Kbps;
        double share = Math.Min(_rate.Kbps, _sourceKbps) * _frameInterval.TotalMilliseconds / 8;
        _unspentBytes = Math.Min(_unspentBytes + share, 2 * share);  // a skipped frame's share is made up for once
        if (_sender.QueueTime > _frameInterval)
        {
            return;
        }

        int bytes = Math.Max(1, (int)_unspentBytes);
        _unspentBytes -= bytes;
        _frame.FrameId++;
        _frame.ReferenceId = (ushort)(_frame.FrameId - 1);
        _frame.CaptureTime = now;
        _frame.Reserve(bytes).Clear();
        _sender.TryQueue(_frame, now);
    }

    private void OnFeedback(ReadOnlySpan<byte> datagram, TimeSpan arrival)
    {
        RtcpReader reader = new(datagram);
        while (reader.TryNext(out RtcpPacket packet))
        {
            if (TransportFeedback.TryRead(packet, out TransportFeedback feedback) && feedback.MediaSsrc == _ssrc)
            {
                Congestion.Receive(feedback, arrival);
            }
        }
    }

    private void OnJudged(ReadOnlySpan<byte> datagram, in PacketFate fate)
    {
        if (RtpPacket.TryParse(datagram, out RtpPacket packet) && packet.Ssrc == _ssrc)
        {
            _packets.Add(new BulkPacket(fate, datagram.Length + SentPackets.IpUdpBytes, packet.Payload.IsEmpty));
        }
    }
}

/// <summary>One packet of a <see cref="BulkCall"/>.</summary>
/// <param name="SizeBytes">IP and UDP headers included.</param>
/// <param name="IsPadding">Part of a probe, without data.</param>
public readonly record struct BulkPacket(PacketFate Fate, int SizeBytes, bool IsPadding);
