using MlvcRtc.Call.Statistics;
using MlvcRtc.Media;
using MlvcRtc.Rtp;
using MlvcRtc.Rtp.Congestion;
using MlvcRtc.Rtp.Pacing;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;

namespace MlvcRtc.Call.Sending;

/// <summary>
/// Steps 4 to 6: a coded frame becomes packets, which leave one by one as the pacer allows. Pure but for the link; time
/// comes in. Thread-safe: frames are queued on the encode thread and sent on the send thread.
/// </summary>
/// <param name="congestion">Numbers what departs and orders probes; null = packets carry no number.</param>
public sealed class PacedSender(IPacketLink link, RtpStreamSettings stream, double targetKbps, CongestionControl? congestion = null)
{
    private readonly Lock _guard = new();
    private readonly Packetizer _packetizer = new(stream);
    private readonly Pacer _pacer = new(Packetizer.MaxPacketBytes, targetKbps);
    private readonly ProbeTrain _probe = new();
    private readonly byte[] _taken = new byte[Packetizer.MaxPacketBytes];
    private readonly byte[] _departing = new byte[Packetizer.MaxPacketBytes + TransportSequence.SizeBytes];
    private readonly Counter _packets = new();
    private readonly Counter _bytes = new();
    private bool _sentMedia;  // a probe must not be the first that a receiver sees of a stream

    /// <summary>kbit/s that the pacer's rate follows.</summary>
    public double TargetKbps
    {
        set
        {
            lock (_guard)
            {
                _pacer.TargetKbps = value;
            }
        }
    }

    /// <summary>How long the queued packets need to leave.</summary>
    public TimeSpan QueueTime
    {
        get
        {
            lock (_guard)
            {
                return _pacer.QueueTime;
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
                    return probe < _pacer.NextSend ? probe : _pacer.NextSend ?? probe;
                }

                return _pacer.NextSend;
            }
        }
    }

    public long PacketsSent => _packets.Value;

    /// <summary>RTP packets with their headers, as given to the link.</summary>
    public long BytesSent => _bytes.Value;

    /// <summary>Queues all packets of the frame; false (and none queued) when it has no bytes, needs more than 256 packets, or the queue is full.</summary>
    public bool TryQueue(EncodedFrame frame, TimeSpan now)
    {
        int count = Packetizer.CountPackets(frame);
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
        return _departing.AsSpan(0, TransportSequence.Write(packet, number, _departing));
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
                length = _pacer.TryDequeueEarly(now, out ReadOnlySpan<byte> early) ? Take(early) : _packetizer.WritePadding(_taken);
                _probe.Sent(length + TransportSequence.SizeBytes + SentPackets.IpUdpBytes);
            }
            else if (_pacer.TryDequeue(now, out ReadOnlySpan<byte> packet))
            {
                length = Take(packet);
            }

            return length;
        }
    }

    private int Take(ReadOnlySpan<byte> packet)
    {
        packet.CopyTo(_taken);
        _sentMedia = true;
        return packet.Length;
    }
}
