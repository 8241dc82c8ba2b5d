using Microsoft.Extensions.Hosting;
using MlvcRtc.App.Calls;
using MlvcRtc.Call.Threads;
using MlvcRtc.Rtp;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.App.Audio;

/// <summary>The other side's sound: RTP packets are put in order and written to a file, on a thread of its own. Without a file they are counted.</summary>
/// <param name="recording">Completed when the service stops; stays the caller's. Null = nobody listens.</param>
/// <param name="link">The audio channel's.</param>
/// <param name="payloadType">As agreed.</param>
internal sealed class OpusReceiving(OpusRecording? recording, IPacketLink link, byte payloadType) : BackgroundService, IHearing
{
    /// <summary>Packets that wait for the thread: 2 s of 20 ms packets. More are dropped as by a full socket.</summary>
    private const int WaitingPackets = 100;

    private readonly RecyclingQueue<Arrival> _queue = new(WaitingPackets, static () => new Arrival());
    private readonly ReorderBuffer _order = new();
    private long _packets;
    private uint? _ssrc;

    /// <summary>Duplicates included.</summary>
    public long PacketsReceived => Interlocked.Read(ref _packets);

    public long PacketsLost => _order.Lost;

    public Task Completion => ExecuteTask ?? Task.CompletedTask;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        link.Arrived += OnArrived;
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        base.Dispose();
        _queue.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await DedicatedThread.RunTogetherAsync(stoppingToken, ("opus receive", ReceiveLoop));
        }
        finally
        {
            link.Arrived -= OnArrived;
        }
    }

    private void OnArrived(ReadOnlySpan<byte> packet, TimeSpan arrival)
    {
        if (PacketDemux.Classify(packet) != PacketKind.Rtp
            || !RtpPacket.TryParse(packet, out RtpPacket rtp)
            || rtp.PayloadType != payloadType
            || rtp.Payload.Length is 0 or > ReorderBuffer.MaxPayloadBytes
            || _queue.Rent() is not { } copy)
        {
            return;
        }

        copy.Set(rtp);
        _queue.Publish(copy);
    }

    private void ReceiveLoop(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                if (_queue.TryTake() is not { } packet)
                {
                    _queue.Wait(null, stop);
                    continue;
                }

                stop.ThrowIfCancellationRequested();
                Take(packet);
                _queue.Return(packet);
            }
        }
        catch (OperationCanceledException)
        {
            PassOn(flush: true);
            throw;
        }
    }

    private void Take(Arrival packet)
    {
        _ssrc ??= packet.Ssrc;
        if (packet.Ssrc != _ssrc)
        {
            return;
        }

        Interlocked.Increment(ref _packets);
        _order.Add(packet.Number, packet.Timestamp, packet.Payload);
        PassOn(flush: false);
    }

    private void PassOn(bool flush)
    {
        while (_order.TryTake(out uint timestamp, out ReadOnlySpan<byte> payload, flush))
        {
            recording?.Add(timestamp, payload);
        }
    }

    /// <summary>A copy of one packet on its way between two threads; reused.</summary>
    private sealed class Arrival
    {
        private readonly byte[] _bytes = new byte[ReorderBuffer.MaxPayloadBytes];
        private int _length;

        public uint Ssrc { get; private set; }

        public ushort Number { get; private set; }

        public uint Timestamp { get; private set; }

        public ReadOnlySpan<byte> Payload => _bytes.AsSpan(0, _length);

        public void Set(in RtpPacket packet)
        {
            (Ssrc, Number, Timestamp, _length) = (packet.Ssrc, packet.SequenceNumber, packet.Timestamp, packet.Payload.Length);
            packet.Payload.CopyTo(_bytes);
        }
    }
}
