using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Playout;

namespace MlvcRtc.Call.Receiving;

/// <summary>The playout clock between two threads: the receive thread tells it of packets, the decode thread asks when to show, and sound's when to hold. Thread-safe.</summary>
public sealed class SharedPlayoutClock(PlayoutOptions options)
{
    private readonly Lock _guard = new();
    private readonly PlayoutClock _clock = new(options);

    /// <summary><see cref="PlayoutClock.Delay"/> and <see cref="PlayoutClock.Hold"/>.</summary>
    public TimeSpan Delay
    {
        get
        {
            lock (_guard)
            {
                return _clock.Delay + _clock.Hold;
            }
        }
    }

    /// <inheritdoc cref="PlayoutClock.Hold"/>
    public TimeSpan Hold
    {
        set
        {
            lock (_guard)
            {
                _clock.Hold = value;
            }
        }
    }

    /// <inheritdoc cref="PlayoutClock.PlayedAt"/>
    public TimeSpan? PlayedAt(uint rtpTime)
    {
        lock (_guard)
        {
            return _clock.PlayedAt(rtpTime);
        }
    }

    /// <inheritdoc cref="PlayoutClock.RoundTripTime"/>
    public TimeSpan RoundTripTime
    {
        set
        {
            lock (_guard)
            {
                _clock.RoundTripTime = value;
            }
        }
    }

    /// <inheritdoc cref="PlayoutClock.PacketArrived"/>
    public void PacketArrived(in RtpPacket packet, TimeSpan arrival)
    {
        lock (_guard)
        {
            _clock.PacketArrived(packet, arrival);
        }
    }

    /// <inheritdoc cref="PlayoutClock.Decoded"/>
    public void Decoded(TimeSpan duration, TimeSpan now)
    {
        lock (_guard)
        {
            _clock.Decoded(duration, now);
        }
    }

    /// <inheritdoc cref="PlayoutClock.PresentAt"/>
    public TimeSpan PresentAt(TimeSpan captureTime, TimeSpan ready)
    {
        lock (_guard)
        {
            return _clock.PresentAt(captureTime, ready);
        }
    }

    /// <summary>When the picture should be shown, whether it is ready by then or not; null = as soon as it can be, or before the first frame.</summary>
    public TimeSpan? DueAt(TimeSpan captureTime)
    {
        lock (_guard)
        {
            return options.MaxDelay > TimeSpan.Zero ? _clock.DueAt(captureTime) : null;
        }
    }

    /// <inheritdoc cref="PlayoutClock.DeadlineOf"/>
    public TimeSpan? DeadlineOf(TimeSpan captureTime)
    {
        lock (_guard)
        {
            return _clock.DeadlineOf(captureTime);
        }
    }
}
