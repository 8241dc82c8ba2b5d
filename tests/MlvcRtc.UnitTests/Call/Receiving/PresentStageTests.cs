using MlvcRtc.Call.Receiving;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;
using MlvcRtc.Rtp.Playout;
using MlvcRtc.UnitTests.Rtp;

namespace MlvcRtc.UnitTests.Call.Receiving;

/// <summary>Pictures waiting for their time. Frame n is captured at 33·n ms and shown at 33·n + 140: 40 ms of network and 100 of delay.</summary>
public sealed class PresentStageTests
{
    private readonly Screen _screen = new();
    private readonly PresentStage _stage;

    public PresentStageTests()
    {
        SharedPlayoutClock clock = new(PlayoutOptions.Fixed(Ms(100)));
        byte[] packet = PacketTrain.Packets(new Packetizer(new RtpStreamSettings(1)), PacketTrain.Frame(0, FrameType.Intra, 100))[0];
        Assert.True(RtpPacket.TryParse(packet, out RtpPacket parsed));
        clock.PacketArrived(parsed, Ms(40));
        _stage = new PresentStage(_screen, clock);
        Decode(0, readyMs: 50);
        _stage.Present(Ms(50));
    }

    [Fact]
    public void The_first_picture_of_a_call_is_shown_at_once() => Assert.Equal([0], _screen.Shown);

    [Fact]
    public void A_picture_is_shown_at_its_time_and_not_before()
    {
        Decode(1, readyMs: 83);
        Assert.Equal(173, _stage.NextPresentation!.Value.TotalMilliseconds, 1);
        _stage.Present(Ms(172.8));
        Assert.Equal([0], _screen.Shown);
        _stage.Present(Ms(173.2));
        Assert.Equal([0, 1], _screen.Shown);
        Assert.Null(_stage.NextPresentation);
    }

    [Fact]
    public void Of_three_that_are_due_only_the_newest_is_shown()
    {
        for (int id = 1; id < 5; id++)
        {
            Decode(id, readyMs: 50 + (33 * id));
        }

        _stage.Present(Ms(173.2 + 66));
        Assert.Equal([0, 3], _screen.Shown);
        Assert.Equal(2, _stage.DroppedLate);
        _stage.Present(Ms(173.2 + 99));
        Assert.Equal([0, 3, 4], _screen.Shown);
        Assert.Equal(3, _stage.FramesShown);
    }

    [Fact]
    public void A_picture_that_is_ready_too_late_is_shown_at_once()
    {
        Decode(1, readyMs: 300);
        _stage.Present(Ms(300));
        Assert.Equal([0, 1], _screen.Shown);
    }

    [Fact]
    public void When_too_many_wait_the_oldest_is_shown_early_and_none_is_lost()
    {
        for (int id = 1; id <= PresentStage.MostWaiting + 2; id++)
        {
            Decode(id, readyMs: 50);
        }

        Assert.Equal([0, 1, 2], _screen.Shown);
        Assert.Equal(0, _stage.DroppedLate);
    }

    [Fact]
    public void Every_shown_picture_is_the_one_that_was_decoded_for_its_frame()
    {
        for (int id = 1; id < 100; id++)
        {
            Decode(id, readyMs: 50 + (33 * id));
            _stage.Present(Ms(50 + (33 * id)));
        }

        Assert.Equal(Enumerable.Range(0, _screen.Shown.Count), _screen.Shown);
        Assert.InRange(_screen.Shown.Count, 96, 98);  // the last three wait
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_thread_that_decodes_and_one_that_shows_mix_nothing_up(int pauseEvery)
    {
        const int pictures = 5000;
        using CancellationTokenSource decoded = new();
        Task showing = Task.Run(() =>
        {
            while (!decoded.IsCancellationRequested)
            {
                _stage.Present(_stage.NextPresentation ?? default);
            }

            _stage.Present(TimeSpan.FromDays(1));
        }, TestContext.Current.CancellationToken);
        for (int id = 1; id <= pictures; id++)
        {
            Decode(id, readyMs: 50 + (33 * id));
            if (pauseEvery > 0 && id % pauseEvery == 0)
            {
                Thread.Yield();
            }
        }

        await decoded.CancelAsync();
        await showing;
        Assert.Equal(1 + pictures, _stage.FramesShown + _stage.DroppedLate);
        Assert.Equal(_stage.FramesShown, _screen.Shown.Count);
        Assert.Null(_stage.NextPresentation);
    }

    [Fact]
    public void Waiting_and_showing_allocate_nothing_once_the_buffers_exist()
    {
        EncodedFrame frame = PacketTrain.Frame(1, FrameType.Inter, 100);
        PresentStage stage = new(new NoScreen(), new SharedPlayoutClock(PlayoutOptions.Adaptive));
        long before = 0;
        for (int i = 0; i < 1000; i++)
        {
            before = i == 500 ? GC.GetAllocatedBytesForCurrentThread() : before;
            stage.Next.Resize(64, 64);
            stage.Add(frame, Ms(33 * i));
            stage.Present(Ms(33 * i));
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(1000, stage.FramesShown);
    }

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private void Decode(int id, double readyMs)
    {
        _stage.Next.Resize(2, 2);
        _stage.Next.Y[0] = (byte)id;
        _stage.Add(PacketTrain.Frame(id, id == 0 ? FrameType.Intra : FrameType.Inter, 100), Ms(readyMs));
    }

    private sealed class NoScreen : IVideoSink
    {
        public void Present(VideoFrame picture, in PresentedFrame info)
        {
        }
    }

    /// <summary>Believes the picture, not what is said of it.</summary>
    private sealed class Screen : IVideoSink
    {
        public List<int> Shown { get; } = [];

        public void Present(VideoFrame picture, in PresentedFrame info)
        {
            Assert.Equal(picture.Y[0], (byte)info.FrameId);
            Shown.Add(picture.Y[0]);
        }
    }
}
