using FsCheck;
using FsCheck.Fluent;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;
using MlvcRtc.Rtp.Playout;

namespace MlvcRtc.UnitTests.Rtp.Playout;

/// <summary>When pictures are shown. Frames are captured every 33 ms and take 40 ms through the network unless said otherwise.</summary>
public sealed class PlayoutClockTests
{
    private readonly Network _network = new();

    [Fact]
    public void On_an_even_network_pictures_wait_for_nothing()
    {
        PlayoutClock clock = new(PlayoutOptions.Adaptive);
        _network.Send(clock, 300, _ => 0);
        Assert.Equal(0, clock.Delay.TotalMilliseconds, 1);  // RTP ticks of 11 µs
    }

    [Fact]
    public void The_delay_is_what_95_of_100_frames_need()
    {
        PlayoutClock clock = new(PlayoutOptions.Adaptive);

        // 0, 1 .. 99 ms late in turns: 95 of 100 are at most 94 or 95 ms late.
        _network.Send(clock, 250, frame => frame * 37 % 100);
        Assert.InRange(clock.Delay.TotalMilliseconds, 93.5, 95.5);
    }

    [Fact]
    public void Decoding_counts_as_delay()
    {
        PlayoutClock clock = new(PlayoutOptions.Adaptive);
        for (int i = 0; i < 100; i++)
        {
            clock.Decoded(Ms(12), Ms(i));
        }

        _network.Send(clock, 100, frame => frame % 2 * 20);
        Assert.Equal(32, clock.Delay.TotalMilliseconds, 1);
    }

    [Fact]
    public void The_delay_rises_within_two_seconds_and_falls_by_40_ms_a_second()
    {
        PlayoutClock clock = new(PlayoutOptions.Adaptive);
        _network.Send(clock, 300, _ => 0);
        _network.Send(clock, 38, frame => frame % 2 * 60);  // 19 late ones are more than 5 % of 338
        Assert.Equal(60, clock.Delay.TotalMilliseconds, 1);

        // The ten seconds of the window hold it up; after that it sinks.
        _network.Send(clock, 303, _ => 0);
        double before = clock.Delay.TotalMilliseconds;
        _network.Send(clock, 15, _ => 0);  // 0.495 s
        Assert.InRange(before - clock.Delay.TotalMilliseconds, 19, 21);
        _network.Send(clock, 60, _ => 0);
        Assert.Equal(0, clock.Delay.TotalMilliseconds, 1);
    }

    [Fact]
    public void A_machine_that_stands_still_for_half_a_second_once_delays_nothing_afterwards()
    {
        PlayoutClock clock = new(PlayoutOptions.Adaptive);
        _network.Send(clock, 300, _ => 0);
        _network.Send(clock, 15, frame => (315 - frame) * 33);
        Assert.Equal(0, clock.Delay.TotalMilliseconds, 1);
        _network.Send(clock, 30, _ => 0);
        Assert.Equal(0, clock.Delay.TotalMilliseconds, 1);
    }

    [Fact]
    public void A_fixed_delay_stays_whatever_the_network_does()
    {
        PlayoutClock clock = new(PlayoutOptions.Fixed(Ms(70)));
        _network.Send(clock, 100, frame => frame * 37 % 150);
        Assert.Equal(70, clock.Delay.TotalMilliseconds);

        // Captured at 3300 ms, it would be here at 3340 without delay.
        Assert.Equal(3410, clock.PresentAt(Ms(3300), Ms(3350)).TotalMilliseconds, 1);
        Assert.Equal(3410, clock.DeadlineOf(Ms(3300))!.Value.TotalMilliseconds, 1);
    }

    [Fact]
    public void Without_delay_every_picture_is_shown_when_it_is_ready()
    {
        PlayoutClock clock = new(PlayoutOptions.Immediate);
        Assert.Equal(Ms(5), clock.PresentAt(Ms(0), Ms(5)));
        _network.Send(clock, 100, frame => frame * 37 % 150);
        Assert.Equal(Ms(3341), clock.PresentAt(Ms(3300), Ms(3341)));
        Assert.Equal(Ms(3500), clock.PresentAt(Ms(3300), Ms(3500)));
    }

    [Fact]
    public void Jitter_beyond_the_bound_is_not_waited_for()
    {
        PlayoutClock clock = new(new PlayoutOptions { MaxDelay = Ms(80) });
        _network.Send(clock, 200, frame => frame % 2 * 300);
        Assert.Equal(80, clock.Delay.TotalMilliseconds, 1);
    }

    [Theory]
    [InlineData(100e-6)]
    [InlineData(-100e-6)]
    public void A_sender_clock_that_is_100_ppm_off_is_followed_for_an_hour(double drift)
    {
        PlayoutClock clock = new(PlayoutOptions.Adaptive);
        double worst = 0;
        for (int minute = 0; minute < 60; minute++)
        {
            _network.Send(clock, 60 * 30, frame => drift * 33 * frame);  // 360 ms in the hour
            worst = Math.Max(worst, clock.Delay.TotalMilliseconds);
        }

        // Within the window of 10 s the drift itself is 1 ms.
        Assert.InRange(worst, 0, 1.2);
    }

    [Fact]
    public void When_the_path_grows_longer_for_good_the_delay_is_back_to_nothing_after_the_window()
    {
        PlayoutClock clock = new(PlayoutOptions.Adaptive);
        _network.Send(clock, 300, _ => 0);
        _network.Send(clock, 30, _ => 120);
        Assert.Equal(120, clock.Delay.TotalMilliseconds, 1);
        _network.Send(clock, 900, _ => 120);
        Assert.Equal(0, clock.Delay.TotalMilliseconds, 1);
    }

    [Fact]
    public void One_key_frame_that_comes_late_by_its_size_delays_nothing()
    {
        PlayoutClock clock = new(PlayoutOptions.Adaptive);
        _network.Send(clock, 100, _ => 0);
        _network.Send(clock, 10, _ => 130, FrameType.Intra);
        _network.Send(clock, 100, _ => 0);
        Assert.Equal(0, clock.Delay.TotalMilliseconds, 1);
    }

    [Fact]
    public void Retransmissions_are_no_jitter()
    {
        PlayoutClock clock = new(PlayoutOptions.Adaptive) { RoundTripTime = Ms(80) };
        for (int i = 0; i < 60; i++)
        {
            _network.Send(clock, 4, _ => 0);
            _network.Repeat(clock, framesAgo: 3, lateMs: 90);
        }

        Assert.Equal(0, clock.Delay.TotalMilliseconds, 1);
    }

    [Theory]
    [InlineData(40, 83)]  // 40 + 10 ms, and 33 until the next frame shows the hole
    [InlineData(20, 63)]
    [InlineData(41, 0)]   // above 50 ms a frame from an older reference is the better remedy
    public void Where_the_round_trip_is_short_and_packets_go_missing_one_retransmission_is_waited_for(int roundTripMs, int delayMs)
    {
        PlayoutClock clock = new(PlayoutOptions.Adaptive) { RoundTripTime = Ms(roundTripMs) };
        _network.Send(clock, 100, _ => 0);
        Assert.Equal(0, clock.Delay.TotalMilliseconds, 1);
        _network.Lose(1);
        _network.Send(clock, 5, _ => 0);
        Assert.Equal(delayMs, clock.Delay.TotalMilliseconds, 1);
        _network.Send(clock, 1200, _ => 0);
        Assert.Equal(0, clock.Delay.TotalMilliseconds, 1);
    }

    [Fact]
    public void A_sender_that_starts_its_clock_anew_is_followed_at_once()
    {
        PlayoutClock clock = new(PlayoutOptions.Fixed(Ms(50)));
        _network.Send(clock, 50, _ => 0);
        _network.MoveSenderClock(3_600_000);
        _network.Send(clock, 2, _ => 0);
        TimeSpan arrival = _network.LastArrival;
        Assert.Equal((arrival + Ms(50)).TotalMilliseconds, clock.PresentAt(_network.LastCapture, arrival).TotalMilliseconds, 1);
    }

    [Fact]
    public void No_picture_waits_longer_than_the_bound_whatever_the_timestamps_say() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<int[]>(),
            ArbMap.Default.ArbFor<int>(),
            (jumps, captureMs) => WaitsAreBounded(jumps, captureMs)).QuickCheckThrowOnFailure();

    [Fact]
    public void An_hour_of_packets_allocates_nothing()
    {
        PlayoutClock clock = new(PlayoutOptions.Adaptive);
        Func<int, double> lateness = frame => frame * 37 % 100;
        _network.Send(clock, 100, lateness);
        long before = GC.GetAllocatedBytesForCurrentThread();
        _network.Send(clock, 108_000, lateness);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static bool WaitsAreBounded(int[] senderClockJumpsMs, int captureMs)
    {
        Network network = new();
        PlayoutClock clock = new(PlayoutOptions.Adaptive);
        foreach (int jump in senderClockJumpsMs)
        {
            network.MoveSenderClock(jump);
            network.Send(clock, 1, _ => 0);
            TimeSpan wait = clock.PresentAt(Ms(captureMs), network.LastArrival) - network.LastArrival;
            if (wait < TimeSpan.Zero || wait > Ms(200) || clock.Delay < TimeSpan.Zero || clock.Delay > Ms(200))
            {
                return false;
            }
        }

        return true;
    }

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    /// <summary>One packet per frame, 40 ms on its way.</summary>
    private sealed class Network
    {
        private readonly byte[] _packet = new byte[64];
        private int _frame;
        private ushort _sequence = 65_500;  // wraps soon
        private long _senderClockMs;

        public TimeSpan LastArrival { get; private set; }

        public TimeSpan LastCapture { get; private set; }

        public void MoveSenderClock(long milliseconds) => _senderClockMs += milliseconds;

        public void Lose(int packets)
        {
            _frame += packets;
            _sequence += (ushort)packets;
        }

        public void Send(PlayoutClock clock, int frames, Func<int, double> lateMs, FrameType type = FrameType.Inter)
        {
            for (int i = 0; i < frames; i++, _frame++)
            {
                Deliver(clock, _frame, Ms((33 * _frame) + 40 + lateMs(_frame)), type);
            }
        }

        public void Repeat(PlayoutClock clock, int framesAgo, double lateMs) =>
            Deliver(clock, _frame - framesAgo, Ms((33 * (_frame - framesAgo)) + 40 + lateMs), FrameType.Inter);

        private void Deliver(PlayoutClock clock, int frame, TimeSpan arrival, FrameType type)
        {
            LastArrival = arrival > LastArrival ? arrival : LastArrival;
            LastCapture = Ms((33 * frame) + _senderClockMs);
            RtpPacket.WriteHeader(_packet, 109, marker: true, _sequence++, RtpTimestamp.FromTimeSpan(LastCapture), ssrc: 1);
            PayloadDescriptor descriptor = new()
            {
                Type = type,
                FrameId = (ushort)frame,
                ReferenceId = (ushort)(type == FrameType.Intra ? frame : frame - 1),
                ModelTag = 1,
                CodedWidth = type == FrameType.Intra ? (ushort)640 : (ushort)0,
                CodedHeight = type == FrameType.Intra ? (ushort)368 : (ushort)0,
            };
            int length = RtpPacket.HeaderBytes + descriptor.Write(_packet.AsSpan(RtpPacket.HeaderBytes));
            Assert.True(RtpPacket.TryParse(_packet.AsSpan(0, length + 8), out RtpPacket packet));
            clock.PacketArrived(packet, LastArrival);
        }
    }
}
