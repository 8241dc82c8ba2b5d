using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;
using MlvcRtc.Call;
using MlvcRtc.Call.Adaptation;
using MlvcRtc.Call.Receiving;
using MlvcRtc.Call.Reports;
using MlvcRtc.Call.Sending;
using MlvcRtc.Call.Tracing;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Congestion;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;
using MlvcRtc.Rtp.Playout;
using MlvcRtc.Rtp.Recovery;
using MlvcRtc.Rtp.Reports;
using MlvcRtc.WebRtc;

namespace MlvcRtc.App.Calls;

/// <summary>
/// Video and sound of one call over the channels of a connected peer: the same pipelines as in the demo and the lab. Receives from the start, sends from <see cref="SendAsync"/> on. After
/// <see cref="StopAsync"/> none of its threads is left. Devices and peer stay the caller's.
/// </summary>
internal sealed class CallMedia : IDisposable
{
    /// <summary>The estimate may exceed the video's ceiling by so much: retransmissions and headers are not video.</summary>
    private const double EstimateHeadroom = 1.5;

    /// <summary>Least rate of congestion control (Rtp/Congestion), below which no ceiling of the estimate may lie.</summary>
    private const double LeastEstimateKbps = 50;

    private readonly VideoAgreement _agreed;
    private readonly Participant _participant;
    private readonly IHostedService[] _receivers;
    private readonly IHostedService[] _senders;
    private readonly TimeProvider _time;
    private readonly bool _congestion;
    private long _firstFrameTicks;

    /// <summary>Opus is sent at so many kbit/s or less; with the reduced minimum of RFC 3550 §6.2 that is a report every 5 s.</summary>
    private const double AudioKbps = 64;

    public CallMedia(ICallDevices devices, CallSettings settings, VideoAgreement agreed, MediaChannel? audio, TimeProvider time)
    {
        _agreed = agreed;
        _time = time;
        _congestion = agreed.TransportSequenceId is not null;
        FittedSource source = new(devices.Source, agreed.MaxSamples, agreed.MaxFrameRate);
        SendOptions sendOptions = SendOptionsOf(settings, agreed, source);
        NtpClock wall = new(time.GetUtcNow(), MediaClock.Now(time));  // one for all streams, or nobody could play them in step
        uint offset = sendOptions.Stream.TimestampOffset;
        VideoReports = Reporting(agreed.Channel, settings.Kbps, wall, now => unchecked(RtpTimestamp.FromTimeSpan(now) + offset));
        AudioReports = audio is null ? null : Reporting(audio, AudioKbps, wall, now => Speaking?.RtpTimeAt(now));
        MediaChannel video = agreed.Channel with { Link = VideoReports };
        audio = audio is null ? null : audio with { Link = AudioReports! };
        TraceTrack? sent = settings.Trace?.Track("sent");
        TraceTrack? received = settings.Trace?.Track("received");
        SendPipeline sending = new(
            devices.Encoder,
            devices.Budget,
            new TargetRate(settings.Kbps) { CeilingKbps = settings.Kbps },
            video.Link,
            sendOptions with { Trace = sent },
            time);
        ReceiveOptions receive = new(
            video.LocalSsrc,
            video.RemoteSsrc,
            video.Format.PayloadType,
            agreed.Tools,
            settings.Playout is { } delay ? PlayoutOptions.Fixed(delay) : PlayoutOptions.Adaptive,
            Trace: received);
        ReceivePipeline receiving = new(
            devices.Decoder, devices.Screen, video.Link, agreed.TransportSequenceId is { } id ? receive with { TransportSequenceId = id } : receive, time);
        receiving.FrameDecoded += OnDecoded;
        if (settings.Trace is { } trace)
        {
            trace.Follow(sending, devices.Encoder, sent!);
            trace.Follow(receiving, devices.Decoder, received!);
        }

        _participant = new(sending, receiving);
        Capture = new(source, sending, devices.Capturing, time);
        Hearing = audio is null ? null : devices.Hear(audio, new PlayedInStep(receiving.Playout, VideoReports.Reports, AudioReports!.Reports), time);
        Speaking = audio is null ? null : devices.Speak(audio, (FirstNumber(), settings.Loopback ? 0 : RandomTime()), time);
        _receivers = [_participant, .. Present(Hearing)];
        _senders = [Capture, .. Present(Speaking)];
    }

    /// <summary>What both sides report of the video (RFC 3550 §6.4).</summary>
    public ReportingLink VideoReports { get; }

    /// <summary>Null = no sound was agreed on.</summary>
    public ReportingLink? AudioReports { get; }

    public SendPipeline Sending => _participant.Sending!;

    public ReceivePipeline Receiving => _participant.Receiving!;

    public CaptureService Capture { get; }

    public ISpeaking? Speaking { get; }

    public IHearing? Hearing { get; }

    /// <summary>Frames that the other side coded, as far as their numbers tell: from the first to the newest that was decoded.</summary>
    public FrameSpan RemoteFrames { get; } = new();

    /// <summary>On the one clock; null = nothing was decoded yet.</summary>
    public TimeSpan? FirstFrame => Interlocked.Read(ref _firstFrameTicks) is not 0 and long ticks ? new(ticks) : null;

    /// <summary>Ends with the source or when something broke, with the exception that says what.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    public Task ReceiveAsync(CancellationToken cancel) => Task.WhenAll(_receivers.Select(service => service.StartAsync(cancel)));

    public async Task SendAsync(CancellationToken cancel)
    {
        foreach (IHostedService service in _senders)
        {
            await service.StartAsync(cancel);
        }

        VideoReports.Start();
        AudioReports?.Start();
        Completion = EndOfFirst([_participant.Completion, Capture.Completion, .. Speaking is null ? [] : (Task[])[Speaking.Completion], .. Hearing is null ? [] : (Task[])[Hearing.Completion]]);
    }

    /// <summary>Where no transport feedback was agreed on, the checks of the path tell its round trip.</summary>
    public void PathTakes(TimeSpan? roundTrip)
    {
        if (!_congestion && roundTrip is { } measured)
        {
            Sending.RoundTripTime = measured;
            Receiving.RoundTripTime = measured;
        }
    }

    /// <summary>Stops sending, says goodbye, stops the rest.</summary>
    public async Task StopAsync()
    {
        await Task.WhenAll(_senders.Select(service => service.StopAsync(CancellationToken.None)));
        VideoReports.Stop();
        AudioReports?.Stop();
        SayGoodbye();
        await Task.WhenAll(_receivers.Select(service => service.StopAsync(CancellationToken.None)));
    }

    /// <summary>The services must have stopped.</summary>
    public void Dispose()
    {
        Capture.Dispose();
        Speaking?.Dispose();
        Hearing?.Dispose();
        _participant.Dispose();
        VideoReports.Dispose();
        AudioReports?.Dispose();
    }

    private ReportingLink Reporting(MediaChannel channel, double kbps, NtpClock wall, Func<TimeSpan, uint?> rtpTime)
    {
        ReportedStream stream = new(channel.LocalSsrc, channel.RemoteSsrc, channel.Format.ClockRate, channel.CanonicalName, kbps);
        return new(channel.Link, new StreamReports(stream, wall, new Random(), rtpTime), _time);
    }

    private static IEnumerable<IHostedService> Present(IHostedService? service) => service is null ? [] : [service];

    private static async Task EndOfFirst(Task[] parts) => await await Task.WhenAny(parts);

    /// <summary>Random (RFC 3550 §5.1), and below 2^15: a receiver that misses the first packets still finds the rollover counter of SRTP (RFC 3711 §3.3.1).</summary>
    private static ushort FirstNumber() => (ushort)RandomNumberGenerator.GetInt32(1 << 15);

    private static uint RandomTime() => BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint)));

    private static SendOptions SendOptionsOf(CallSettings settings, VideoAgreement agreed, FittedSource source)
    {
        MediaChannel video = agreed.Channel;
        RtpStreamSettings stream = new(video.LocalSsrc, video.Format.PayloadType, FirstNumber())
        {
            // Random (RFC 3550 §5.1), but where both ends share a clock, so that latency can be measured.
            TimestampOffset = settings.Loopback ? 0 : RandomTime(),
            MaxPayloadBytes = agreed.MaxPayloadBytes,
        };
        CongestionOptions? congestion = null;
        if (agreed.TransportSequenceId is { } id)
        {
            stream = stream with { TransportSequenceId = id };
            double most = Math.Max(settings.Kbps * EstimateHeadroom, LeastEstimateKbps);
            double start = Math.Clamp(settings.Kbps, LeastEstimateKbps, new RateBounds().StartKbps);
            congestion = new(new RateBounds(start, LeastEstimateKbps, most), FollowsEstimate: !settings.FixedRate);
        }

        return new(stream, source.Rate.Interval, congestion, agreed.Tools)
        {
            References = new ReferencePolicyOptions { FrameInterval = source.Rate.Interval, Slots = agreed.Slots },
            Adaptation = settings.FixedRate ? null : new AdaptationOptions(),
        };
    }

    private void OnDecoded(EncodedFrame frame)
    {
        RemoteFrames.Add(frame.FrameId);
        if (Interlocked.Read(ref _firstFrameTicks) == 0)
        {
            Interlocked.Exchange(ref _firstFrameTicks, MediaClock.Now(_time).Ticks);
        }
    }

    private void SayGoodbye()
    {
        Span<byte> packet = stackalloc byte[Goodbye.MaxBytes];
        int length = Goodbye.Write(packet, _agreed.Channel.LocalSsrc, _agreed.Channel.CanonicalName);
        _agreed.Channel.Link.Send(packet[..length]);
    }
}
