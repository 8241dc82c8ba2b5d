using MlvcRtc.Call.Adaptation;
using MlvcRtc.Call.Sending;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Lab.Network;
using MlvcRtc.Lab.Scenarios;
using MlvcRtc.Lab.Simulation;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Congestion;
using MlvcRtc.Rtp.Playout;

namespace MlvcRtc.Lab.Experiments;

/// <summary>
/// Runs one scenario under one recovery policy: a call in virtual time at a fixed rate, the estimator off. The same arguments give the same result to the bit.
/// The n-th packet of a direction meets the same chances under every policy.
/// </summary>
public static class CallExperiment
{
    /// <summary>Beyond the round trip, what may pass between the end of a burst and the next picture (issue 3).</summary>
    private static readonly TimeSpan RecoveryTime = TimeSpan.FromMilliseconds(100);

    /// <param name="seed">Chooses which packets are lost.</param>
    /// <param name="progress">Told the number of pictures shown, now and then; null = nobody listens.</param>
    /// <exception cref="OperationCanceledException"/>
    public static ExperimentResult Run(
        Scenario scenario, RecoveryPolicy policy, IExperimentCodec codec, double seconds, int seed, Action<int>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(codec);
        IClipReader clip = codec.OpenSource();
        TimeSpan interval = clip.Rate.Interval;
        int pictures = Math.Max(1, (int)Math.Round(seconds / interval.TotalSeconds));

        // Capture to screen: encode, at most an interval to pace the packets of a frame, half a round trip, decode; and what the receiver waits for repairs.
        TimeSpan lag = codec.EncodeTime + interval + (scenario.RoundTrip / 2) + codec.DecodeTime + scenario.PlayoutDelay;
        ExperimentCoders coders = codec.Open(scenario.Kbps, clip.Rate);
        using IVideoEncoder encoder = coders.Encoder;
        using IVideoDecoder decoder = coders.Decoder;
        SourceTape tape = new(clip, pictures, kept: (int)Math.Ceiling(lag / interval) + 2);
        FrameNumbers numbers = new(interval);
        Screen screen = new(codec.Quality, clip.Rate, lag, numbers);
        LossWatch losses = new(numbers);
        BottleneckWatch bottleneck = new();
        LinkSchedule forward = scenario.Forward();
        VirtualCall call = new(new VirtualCallSettings(
            encoder, decoder, coders.Budget, new TargetRate(scenario.Kbps), tape, screen, forward, scenario.Backward(), seed, codec.EncodeTime, codec.DecodeTime, PlayoutOptions.Fixed(scenario.PlayoutDelay))
        {
            Tools = policy.Tools,
            Congestion = new CongestionOptions(new RateBounds(), FollowsEstimate: false),  // as in a call loss and round trip are measured; the rate stays
        });
        call.FrameEncoded += numbers.Encoded;
        call.FrameArrived += (frame, at) => losses.Arrived(frame.FrameId, at);
        call.FrameDecoded += frame => losses.Decoded(frame.FrameId);
        call.Link.JudgedAToB += losses.Judged;
        call.Link.JudgedAToB += bottleneck.Judged;
        for (int n = 0; n < pictures; n++)
        {
            cancel.ThrowIfCancellationRequested();
            call.RunUntil(screen.DueTime(n));
            screen.Evaluate(n, tape.At(n)!);
            progress?.Invoke(n + 1);
        }

        TimeSpan length = interval * pictures;
        screen.Leave(screen.DueTime(pictures));
        return new ExperimentResult
        {
            Scenario = scenario.Name,
            Policy = policy.Name,
            Codec = codec.Name,
            Seed = seed,
            Length = length,
            FrameInterval = interval,
            RoundTrip = scenario.RoundTrip,
            PlayoutDelay = scenario.PlayoutDelay,
            EncodeTime = codec.EncodeTime,
            DecodeTime = codec.DecodeTime,
            TargetKbps = scenario.Kbps,
            FramesSent = (int)call.Sending.FramesEncoded,
            FramesDecoded = (int)call.Received.FramesDecoded,
            KeyFrames = (int)call.Sending.KeyFrames,
            PacketsSent = losses.PacketsSent,
            PacketsLost = losses.PacketsLost,
            Kbps = losses.BytesSent * 8 / length.TotalMilliseconds,
            KbpsBySecond = losses.KbpsBySecond(length),
            PsnrDb = screen.Psnr,
            Freezes = screen.Freezes,
            OutlastedBy = [.. screen.Freezes.Select(freeze => Outlasted(freeze, losses.Bursts, numbers, screen, scenario.RoundTrip + RecoveryTime))],
            FirstPicture = screen.FirstShownAt,
            Recoveries = losses.Recoveries,
            EndsBroken = losses.IsBroken,
            QueueDelays = [.. bottleneck.Packets.Select(packet => packet.Delay)],
            Utilisation = bottleneck.Utilisation(forward, TimeSpan.Zero, length),
        };
    }

    /// <summary>
    /// From the instant at which the last lost frame of the burst was due, to the end of the freeze; zero when no burst can have caused it. A burst that begins while the frame that mends the one
    /// before may be on its way takes its place as the cause.
    /// </summary>
    /// <param name="mending">How long a policy may take to mend a burst.</param>
    private static TimeSpan Outlasted(in Freeze freeze, IReadOnlyList<LossBurst> bursts, FrameNumbers numbers, Screen screen, TimeSpan mending)
    {
        TimeSpan? end = null;
        foreach (LossBurst burst in bursts)
        {
            TimeSpan begins = screen.DueTime(numbers.PictureOf(burst.FirstFrame));
            if (begins >= freeze.End || begins > end + mending)
            {
                break;
            }

            int last = numbers.PictureOf(burst.LastFrame);
            if (last > freeze.FromPicture)
            {
                end = screen.DueTime(last);
            }
        }

        return end < freeze.End ? freeze.End - end.Value : TimeSpan.Zero;
    }
}
