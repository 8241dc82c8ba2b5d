using MlvcRtc.Call;
using MlvcRtc.Call.Adaptation;
using MlvcRtc.Call.Receiving;
using MlvcRtc.Call.Sending;
using MlvcRtc.Call.Threads;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Lab.Loopback;
using MlvcRtc.Lab.Network;
using MlvcRtc.Lab.TestCodec;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Payload;

namespace MlvcRtc.IntegrationTests.Loopback;

/// <summary>What one call is made of; states only what differs from the ordinary.</summary>
internal sealed record CallPlan
{
    public const int Width = 320, Height = 180;

    public static FrameRate Rate { get; } = new(30, 1);

    /// <summary>From A to B: A's video, B's feedback goes the other way.</summary>
    public LinkConditions Forward { get; init; } = new() { Delay = TimeSpan.FromMilliseconds(30) };

    public LinkConditions Backward { get; init; } = new() { Delay = TimeSpan.FromMilliseconds(30) };

    public int Seed { get; init; } = 1;

    public double Kbps { get; init; } = 250;

    public TimeSpan Length { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>B sends video too.</summary>
    public bool BothWays { get; init; }

    public Func<IVideoEncoder> Encoder { get; init; } = static () => new TestEncoder();

    public Func<IVideoDecoder> Decoder { get; init; } = static () => new TestDecoder();

    public Func<IFrameBudget> Budget { get; init; } = static () => new TestBudget(Rate.Interval, Width, Height);

    public Func<IClipReader> Clip { get; init; } = static () => new GreyClip();

    /// <summary>What happens during the call, beside it.</summary>
    public Func<CallOverUdp, CancellationToken, Task>? Meanwhile { get; init; }

    private sealed class GreyClip : IClipReader
    {
        private int _index;

        public int Width => CallPlan.Width;

        public int Height => CallPlan.Height;

        public FrameRate Rate => CallPlan.Rate;

        public bool TryRead(VideoFrame picture)
        {
            picture.Resize(Width, Height);
            picture.Samples.Fill((byte)(16 + (_index++ % 200)));
            return true;
        }
    }
}

/// <summary>Two participants in real time, joined by UDP sockets on this machine and a lossy relay between them.</summary>
internal sealed class CallOverUdp : IDisposable
{
    /// <summary>For the last frames to come through after the camera was switched off: way, repair and codec.</summary>
    private static readonly TimeSpan Drain = TimeSpan.FromMilliseconds(500);

    private readonly CallPlan _plan;
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly List<IDisposable> _owned = [];
    private readonly UdpLink _linkA;
    private readonly UdpLink _linkB;

    public CallOverUdp(CallPlan plan)
    {
        _plan = plan;
        _linkA = Own(UdpLink.OnLoopback(_time));
        _linkB = Own(UdpLink.OnLoopback(_time));
        Relay = Own(new UdpRelay(plan.Forward, plan.Backward, plan.Seed, _time));
        Relay.Connect(_linkA, _linkB);
        A = Own(new Participant(Sender(_linkA, ssrc: 0xA), plan.BothWays ? Receiver(AtA, _linkA, own: 0xA1, remote: 0xB) : null));
        B = Own(new Participant(plan.BothWays ? Sender(_linkB, ssrc: 0xB) : null, Receiver(AtB, _linkB, own: 0xB1, remote: 0xA)));
    }

    public Participant A { get; }

    public Participant B { get; }

    public Audience AtA { get; } = new();

    public Audience AtB { get; } = new();

    public UdpRelay Relay { get; }

    public UdpLink LinkOfB => _linkB;

    /// <summary>When what happened beside the call happened.</summary>
    public List<TimeSpan> Happened { get; } = [];

    /// <summary>Runs the call from the first picture to the last.</summary>
    public static async Task<CallOverUdp> RunAsync(CallPlan plan)
    {
        CallOverUdp call = new(plan);
        await call.RunAsync();
        return call;
    }

    public TimeSpan Now => MediaClock.Now(_time);

    public Task DelayAsync(TimeSpan span, CancellationToken cancel) => Task.Delay(span, _time, cancel);

    public void Dispose() => _owned.ForEach(one => one.Dispose());

    private async Task RunAsync()
    {
        Microsoft.Extensions.Hosting.IHostedService[] services = [Relay, _linkA, _linkB, B, A];
        Warm();
        foreach (Microsoft.Extensions.Hosting.IHostedService service in services)
        {
            await service.StartAsync(CancellationToken.None);
        }

        using CancellationTokenSource end = new();
        Task meanwhile = _plan.Meanwhile?.Invoke(this, end.Token) ?? Task.CompletedTask;
        Task filming = DedicatedThread.RunTogetherAsync(CancellationToken.None, ("camera", Film));
        await (await Task.WhenAny(filming, A.Completion, B.Completion));  // a half that ends early ends by failure
        await DelayAsync(Drain, CancellationToken.None);
        await end.CancelAsync();
        await Task.WhenAny(meanwhile, DelayAsync(Drain, CancellationToken.None));
        foreach (Microsoft.Extensions.Hosting.IHostedService service in services.Reverse())
        {
            await service.StopAsync(CancellationToken.None);
        }

        if (meanwhile.IsFaulted)
        {
            await meanwhile;
        }
    }

    /// <summary>Loads what loads at the first frame, so that the call does not begin with a stall.</summary>
    private void Warm()
    {
        VideoFrame picture = new(CallPlan.Width, CallPlan.Height);
        picture.Samples.Fill(128);
        EncodedFrame coded = new();
        foreach (IVideoEncoder encoder in _owned.OfType<IVideoEncoder>())
        {
            encoder.Encode(picture, new EncodeRequest(40), coded);
            foreach (IVideoDecoder decoder in _owned.OfType<IVideoDecoder>())
            {
                decoder.Decode(coded, new VideoFrame());
            }
        }
    }

    private void Film(CancellationToken stop)
    {
        using WakeSignal never = new();
        IClipReader clip = _plan.Clip();
        VideoFrame picture = new();
        TimeSpan begin = Now;
        for (int index = 0; clip.Rate.Interval * index < _plan.Length; index++)
        {
            never.Wait(begin + (clip.Rate.Interval * index) - Now, stop);
            clip.TryRead(picture);
            picture.CaptureTime = Now;
            A.Sending!.Offer(picture);
            B.Sending?.Offer(picture);
        }
    }

    private SendPipeline Sender(UdpLink link, uint ssrc) => new(
        Own(_plan.Encoder()), _plan.Budget(), new TargetRate(_plan.Kbps), link, new SendOptions(new RtpStreamSettings(ssrc), CallPlan.Rate.Interval), _time);

    private ReceivePipeline Receiver(Audience audience, UdpLink link, uint own, uint remote) => new(
        Own(_plan.Decoder()), audience, link, new ReceiveOptions(own, remote), _time)
    {
        RoundTripTime = _plan.Forward.Delay + _plan.Backward.Delay,
    };

    private T Own<T>(T one)
        where T : IDisposable
    {
        _owned.Insert(0, one);
        return one;
    }
}
