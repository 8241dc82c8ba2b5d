using MlvcRtc.Call.Statistics;
using MlvcRtc.Media;
using MlvcRtc.Rtp;
using MlvcRtc.Rtp.Congestion;
using MlvcRtc.Rtp.Pacing;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;
using MlvcRtc.Rtp.Recovery;
using MlvcRtc.Rtp.Retransmission;

namespace MlvcRtc.Call.Sending;

/// <summary>
/// Steps 4 to 6: a coded frame becomes packets, which leave one by one as the pacer allows; what the receiver misses leaves again before them. Pure but for the
/// link; time comes in. Thread-safe: frames are queued on the encode thread, requests come on the link's, packets leave on the send thread.
/// </summary>
/// <param name="congestion">Numbers what departs and orders probes; null = packets carry no number.</param>
/// <param name="watch">Sees frames come and packets leave; null = nobody does.</param>
public sealed class PacedSender(IPacketLink link, RtpStreamSettings stream, double targetKbps, CongestionControl? congestion = null, SendWatch? watch = null)
{
    private readonly PacketHistory _history = new(Packetizer.MaxPacketBytes);
    private readonly RetransmissionRate _retransmissions = new();
    private readonly Lock _guard = new();
    private readonly Packetizer _packetizer = new(stream);
    private readonly Pacer _pacer = new(Packetizer.MaxPacketBytes, targetKbps);
    private readonly ProbeTrain _probe = new();
    private readonly byte[] _taken = new byte[Packetizer.MaxPacketBytes];
    private readonly byte[] _departing = new byte[Packetizer.MaxPacketBytes + TransportSequence.SizeBytes];
    private readonly Counter _packets = new();
    private readonly Counter _bytes = new();
    private readonly Counter _resentBytes = new();
    private TimeSpan _roundTripTime = ReferencePolicy.DefaultRoundTripTime;
    private ushort _nextSequenceNumber = stream.FirstSequenceNumber;
    private double _targetKbps = targetKbps;
    private bool _sentMedia;  // a probe must not be the first that a receiver sees of a stream

    /// <summary>kbit/s that the pacer's rate follows.</summary>
    public double TargetKbps
    {
        set
        {
            lock (_guard)
            {
                _targetKbps = value;
                _pacer.TargetKbps = value;
            }
        }
    }

    /// <summary>How long the queued packets need to leave, those to be sent again included.</summary>
    public TimeSpan QueueTime
    {
        get
        {
            lock (_guard)
            {
                return _pacer.QueueTime + _pacer.TimeToSend(_history.QueuedBytes);
            }
        }
    }

    /// <summary>The round trip to the receiver: no packet is sent again twice within it. 100 ms until it is set.</summary>
    public TimeSpan RoundTripTime
    {
        set
        {
            lock (_guard)
            {
                _roundTripTime = value;
            }
        }
    }

    /// <summary>When <see cref="SendDue"/> has something to do; null = nothing queued.</summary>
    public TimeSpan? NextSend
    {
        get
        {
            lock (_guard)
            {
                if (_sentMedia && (_probe.Cluster != 0 || congestion?.ProbeWaits == true))
                {
                    TimeSpan probe = _probe.NextSend ?? TimeSpan.Zero;
                    return probe < NextPaced ? probe : NextPaced ?? probe;
                }

                return NextPaced;
            }
        }
    }

    private TimeSpan? NextPaced => _history.HasQueued ? _pacer.NextTurn : _pacer.NextSend;

    public long PacketsSent => _packets.Value;

    /// <summary>RTP packets with their headers, as given to the link.</summary>
    public long BytesSent => _bytes.Value;

    /// <summary>Packets sent again on request; they count in the others, too.</summary>
    public long PacketsResent
    {
        get
        {
            lock (_guard)
            {
                return _history.PacketsResent;
            }
        }
    }

    /// <summary>Bytes of those.</summary>
    public long BytesResent => _resentBytes.Value;

    /// <summary>kbit/s that retransmissions took during the last second.</summary>
    public double RetransmissionKbps(TimeSpan now)
    {
        lock (_guard)
        {
            return _retransmissions.Kbps(now);
        }
    }

    /// <summary>How long until a frame of so many bytes, queued now, will have left.</summary>
    public TimeSpan TimeToSend(int bytes)
    {
        lock (_guard)
        {
            return _pacer.QueueTime + _pacer.TimeToSend(_history.QueuedBytes + (long)bytes);
        }
    }

    /// <summary>The receiver misses a packet: it is sent again, before all that is queued, unless the history refuses.</summary>
    public ResendStatus Resend(ushort sequenceNumber, TimeSpan now)
    {
        lock (_guard)
        {
            return _history.Request(sequenceNumber, _targetKbps, _roundTripTime, now);
        }
    }

    /// <summary>Frames before this one need not be sent again: it repairs the picture without them.</summary>
    public void Supersede(ushort frameId)
    {
        lock (_guard)
        {
            _history.Supersede(frameId);
        }
    }

    /// <summary>Queues all packets of the frame; false (and none queued) when it has no bytes, needs more than 256 packets, or the queue is full.</summary>
    /// <param name="frame">Its bytes are copied.</param>
    /// <param name="now">Time.</param>
    /// <param name="urgent">It mends a broken picture, and leaves twice as fast.</param>
    public bool TryQueue(EncodedFrame frame, TimeSpan now, bool urgent = false)
    {
        int count = Packetizer.CountPackets(frame, stream.MaxPayloadBytes);
        lock (_guard)
        {
            if (count == 0 || !_pacer.HasRoom(count))
            {
                return false;
            }

            for (int index = 0; index < count; index++)
            {
                int length = _packetizer.WritePacket(frame, index, count, _pacer.Reserve());
                _pacer.Commit(length, now);
            }

            watch?.Queued(frame.FrameId, count, now);
            if (urgent)
            {
                _pacer.Hurry();
            }

            return true;
        }
    }

    /// <summary>Sends what may leave now.</summary>
    public void SendDue(TimeSpan now)
    {
        while (TakeDue(now, out int probeCluster) is > 0 and int length)
        {
            ReadOnlySpan<byte> packet = Number(_taken.AsSpan(0, length), now, probeCluster);
            link.Send(packet);
            _packets.Add();
            _bytes.Add(packet.Length);
        }
    }

    // At departure, so that the numbers tell the order on the wire, whatever was queued when.
    private ReadOnlySpan<byte> Number(ReadOnlySpan<byte> packet, TimeSpan now, int probeCluster)
    {
        if (congestion is null)
        {
            return packet;
        }

        ushort number = congestion.Depart(packet.Length + TransportSequence.SizeBytes, now, probeCluster);
        return _departing.AsSpan(0, TransportSequence.Write(packet, number, _departing, stream.TransportSequenceId));
    }

    private int TakeDue(TimeSpan now, out int probeCluster)
    {
        lock (_guard)
        {
            if (_sentMedia && _probe.Cluster == 0 && congestion is not null && congestion.TryTakeProbe(out ProbePlan plan))
            {
                _probe.Start(plan, now);
            }

            probeCluster = 0;
            int length = 0;
            if (_probe.NextSend <= now)
            {
                probeCluster = _probe.Cluster;
                length = _pacer.TryDequeueEarly(now, out ReadOnlySpan<byte> early) ? Take(early, now, now) : Padding();
                _probe.Sent(length + TransportSequence.SizeBytes + SentPackets.IpUdpBytes);
            }
            else if (_history.HasQueued && _pacer.TryOvertake(_history.NextLength, now))
            {
                length = TakeAgain(now);
            }
            else
            {
                TimeSpan due = _pacer.NextTurn;
                length = _pacer.TryDequeue(now, out ReadOnlySpan<byte> packet) ? Take(packet, due, now) : 0;
            }

            return length;
        }
    }

    // RTP numbers are given at departure: a retransmission that overtakes the queue would otherwise look like the loss of what it overtook.
    private int Take(ReadOnlySpan<byte> packet, TimeSpan due, TimeSpan now)
    {
        packet.CopyTo(_taken);
        RtpPacket.SetSequenceNumber(_taken, _nextSequenceNumber);
        if (PayloadDescriptor.Read(packet[RtpPacket.HeaderBytes..], out PayloadDescriptor descriptor) == DescriptorStatus.Ok)
        {
            bool isLasting = descriptor.Type != FrameType.Inter || descriptor.LtrSlot is not null;
            _history.Sent(packet, _nextSequenceNumber, new SentPacket(descriptor.FrameId, descriptor.Discardable, isLasting), now);
            watch?.Departed(descriptor.FrameId, due, now);
        }

        _nextSequenceNumber++;
        _sentMedia = true;
        return packet.Length;
    }

    private int TakeAgain(TimeSpan now)
    {
        if (!_history.TryTake(_nextSequenceNumber, out ReadOnlySpan<byte> packet))
        {
            return 0;
        }

        packet.CopyTo(_taken);
        RtpPacket.SetSequenceNumber(_taken, _nextSequenceNumber++);
        _retransmissions.Add(packet.Length, now);
        _resentBytes.Add(packet.Length);
        return packet.Length;
    }

    private int Padding()
    {
        int length = _packetizer.WritePadding(_taken);
        RtpPacket.SetSequenceNumber(_taken, _nextSequenceNumber++);
        return length;
    }
}
