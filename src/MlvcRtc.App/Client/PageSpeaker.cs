using Microsoft.Extensions.Hosting;
using MlvcRtc.App.Audio;
using MlvcRtc.App.Calls;
using MlvcRtc.Call.Receiving;
using MlvcRtc.Call.Threads;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Playout;
using MlvcRtc.WebRtc;

namespace MlvcRtc.App.Client;

/// <summary>The other side's sound for the page: packets are put in order, and each leaves when it is due, in step with the pictures, on a thread of its own.</summary>
internal sealed class PageSpeaker(MediaChannel channel, PageDevices page, PlayedInStep step, TimeProvider time) : BackgroundService, IHearing
{
    private readonly Lock _guard = new();
    private readonly WakeSignal _arrived = new();
    private readonly SoundPlayout _playout = new(OpusPacket.ClockRateHz);
    private long _packets;
    private uint? _ssrc = channel.RemoteSsrc;

    public long PacketsReceived => Interlocked.Read(ref _packets);

    public long PacketsLost
    {
        get
        {
            lock (_guard)
            {
                return _playout.Lost;
            }
        }
    }

    /// <summary>What the sound waits beyond the ideal.</summary>
    public TimeSpan Delay
    {
        get
        {
            lock (_guard)
            {
                return _playout.Delay + _playout.Hold;
            }
        }
    }

    public Task Completion => ExecuteTask ?? Task.CompletedTask;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        channel.Link.Arrived += OnArrived;
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        base.Dispose();
        _arrived.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await DedicatedThread.RunTogetherAsync(stoppingToken, ("opus playout", PlayoutLoop));
        }
        finally
        {
            channel.Link.Arrived -= OnArrived;
        }
    }

    private void OnArrived(ReadOnlySpan<byte> packet, TimeSpan arrival)
    {
        if (PacketDemux.Classify(packet) != PacketKind.Rtp || !RtpPacket.TryParse(packet, out RtpPacket rtp) || rtp.PayloadType != channel.Format.PayloadType)
        {
            return;
        }

        lock (_guard)
        {
            _ssrc ??= rtp.Ssrc;
            if (rtp.Ssrc != _ssrc || !OpusPacket.TryDuration(rtp.Payload, out _))
            {
                return;
            }

            _playout.Add(rtp.SequenceNumber, rtp.Timestamp, rtp.Payload, arrival);
        }

        Interlocked.Increment(ref _packets);
        _arrived.Wake();
    }

    private void PlayoutLoop(CancellationToken stop)
    {
        while (true)
        {
            TimeSpan now = MediaClock.Now(time);
            TimeSpan? next;
            lock (_guard)
            {
                step.Hold(_playout, page.Loudspeaker, now);
                while (_playout.TryTake(now, out SoundItem item))
                {
                    page.Frames.Hear(item);
                }

                next = _playout.NextDue;
            }

            _arrived.Wait(next - now, stop);
        }
    }
}
