using MlvcRtc.Call.Statistics;
using MlvcRtc.Media;
using MlvcRtc.Rtp;
using MlvcRtc.Rtp.Pacing;
using MlvcRtc.Rtp.Payload;

namespace MlvcRtc.Call.Sending;

/// <summary>
/// Steps 4 to 6: a coded frame becomes packets, which leave one by one as the pacer allows. Pure but for the link; time
/// comes in. Thread-safe: frames are queued on the encode thread and sent on the send thread.
/// </summary>
public sealed class PacedSender(IPacketLink link, RtpStreamSettings stream, double targetKbps)
{
    private readonly Lock _guard = new();
    private readonly Packetizer _packetizer = new(stream);
    private readonly Pacer _pacer = new(Packetizer.MaxPacketBytes, targetKbps);
    private readonly byte[] _departing = new byte[Packetizer.MaxPacketBytes];
    private readonly Counter _packets = new();
    private readonly Counter _bytes = new();

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
        while (TakeDue(now) is > 0 and int length)
        {
            link.Send(_departing.AsSpan(0, length));
            _packets.Add();
            _bytes.Add(length);
        }
    }

    private int TakeDue(TimeSpan now)
    {
        lock (_guard)
        {
            if (!_pacer.TryDequeue(now, out ReadOnlySpan<byte> packet))
            {
                return 0;
            }

            packet.CopyTo(_departing);
            return packet.Length;
        }
    }
}
