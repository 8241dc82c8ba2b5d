using MlvcRtc.App.Reports;
using MlvcRtc.Call.Receiving;
using MlvcRtc.Call.Sending;
using MlvcRtc.WebRtc;

namespace MlvcRtc.App.Calls;

/// <summary>
/// One side's account of a call: what it sent (captured, encoded, kbit/s, key frames) and what it received (all else). Names are those of the report format; more may be added, none renamed.
/// </summary>
internal sealed record CallReport
{
    /// <summary>From the connection to the end.</summary>
    public required double Seconds { get; init; }

    /// <summary>"time-is-up", "we-hung-up", "they-hung-up", "connection-lost".</summary>
    public required string Ended { get; init; }

    public required int Width { get; init; }

    public required int Height { get; init; }

    public required double Fps { get; init; }

    public required long FramesCaptured { get; init; }

    public required long FramesDropped { get; init; }

    /// <summary>Not coded because the budget or the pacer's queue was full, or half the frame rate is sent.</summary>
    public required long FramesSkipped { get; init; }

    public required long FramesEncoded { get; init; }

    public required double SendKbps { get; init; }

    public required int TargetKbps { get; init; }

    public required long KeyFrames { get; init; }

    public required long PacketsSent { get; init; }

    public required long PacketsResent { get; init; }

    /// <summary>Coded by the other side, from the first to the newest that we decoded.</summary>
    public required long RemoteFramesEncoded { get; init; }

    public required long FramesDecoded { get; init; }

    /// <summary>Decoded / coded by the other side.</summary>
    public required double DecodedRatio { get; init; }

    public required double ReceiveKbps { get; init; }

    /// <summary>RTP packets of the other side that did not come.</summary>
    public required double LossPercent { get; init; }

    public required long PacketsReceived { get; init; }

    public required long PacketsLost { get; init; }

    /// <summary>Null = not measured.</summary>
    public required double? RttMs { get; init; }

    /// <summary>By sender and receiver reports (RFC 3550 §6.4.1), as any standard stack would measure it; null = none came.</summary>
    public required double? ReportedRttMs { get; init; }

    /// <summary>Jitter of our video there, by its last report; null = none came.</summary>
    public required double? ReportedJitterMs { get; init; }

    /// <summary>Packets of our video that it missed, by its last report; null = none came.</summary>
    public required long? ReportedPacketsLost { get; init; }

    /// <summary>6:1:1, against the clip of --reference; null without it.</summary>
    public required double? MeanPsnrDb { get; init; }

    public required int FramesCompared { get; init; }

    public required int FreezeCount { get; init; }

    public required double FreezeMsTotal { get; init; }

    public required double LongestFreezeMs { get; init; }

    public required long Recoveries { get; init; }

    public required long KeyFrameRequests { get; init; }

    /// <summary>Capture to presentation; null where the ends share no clock (without --loopback).</summary>
    public required LatencyMs? LatencyMs { get; init; }

    /// <summary>The states of the other process are not known here: always null.</summary>
    public int? StateMismatches { get; init; }

    public required long AudioPacketsSent { get; init; }

    public required long AudioPacketsReceived { get; init; }

    public required long AudioPacketsLost { get; init; }

    /// <summary>The other side was in the room before us.</summary>
    public required bool JoinedSecond { get; init; }

    /// <summary>From just before connecting to the signaling server to the first decoded frame.</summary>
    public required double? JoinToFirstFrameMs { get; init; }

    /// <summary>From the news that the other side is in the room to the first decoded frame.</summary>
    public required double? PeerToFirstFrameMs { get; init; }

    public required double? PeerToConnectedMs { get; init; }

    /// <summary>This machine's clock at joining and at the first decoded frame, which other processes on it share.</summary>
    public required double? JoinedAtMs { get; init; }

    public required double? FirstFrameAtMs { get; init; }

    public required int PathLosses { get; init; }

    public required int IceRestarts { get; init; }

    public required string Transport { get; init; }

    public required PeerStatistics? Path { get; init; }

    public required double PeakResidentMb { get; init; }

    public required IReadOnlyList<CallPoint> Timeline { get; init; }

    /// <summary>The session must have ended.</summary>
    public static CallReport Of(CallSession session, CallEnd end, CallSettings settings, CallDevices devices, PeerStatistics? path, IReadOnlyList<CallPoint> timeline)
    {
        CallMedia media = session.Media!;
        SendStatistics sent = media.Sending.Statistics;
        ReceiveStatistics received = media.Receiving.Statistics;
        CallMoments moments = session.Moments;
        double seconds = (moments.Ended!.Value - moments.Connected!.Value).TotalSeconds;
        (double psnrSum, int compared) = devices.Video.Psnr;
        long remote = media.RemoteFrames.Count;
        long expected = received.PacketsReceived + received.PacketsLost;
        Rtp.Reports.RemoteReport? reported = media.VideoReports.Reports.Remote;
        TimeSpan? roundTrip = media.Sending.Congestion?.RoundTripTime ?? path?.CurrentRoundTripTime;
        return new()
        {
            Seconds = Math.Round(seconds, 3),
            Ended = end switch
            {
                CallEnd.TimeIsUp => "time-is-up",
                CallEnd.WeHungUp => "we-hung-up",
                CallEnd.TheyHungUp => "they-hung-up",
                _ => "connection-lost",
            },
            Width = devices.Source.Size.Width,
            Height = devices.Source.Size.Height,
            Fps = Math.Round(devices.Source.Rate.PerSecond, 3),
            FramesCaptured = sent.FramesCaptured,
            FramesDropped = sent.FramesDropped,
            FramesSkipped = sent.FramesSkipped + sent.FramesLeftOut,
            FramesEncoded = sent.FramesEncoded,
            SendKbps = Rate(sent.BytesSent, seconds),
            TargetKbps = settings.Kbps,
            KeyFrames = sent.KeyFrames,
            PacketsSent = sent.PacketsSent,
            PacketsResent = sent.PacketsResent,
            RemoteFramesEncoded = remote,
            FramesDecoded = received.FramesDecoded,
            DecodedRatio = remote == 0 ? 0 : Math.Round((double)received.FramesDecoded / remote, 4),
            ReceiveKbps = Rate(received.BytesReceived, seconds),
            LossPercent = expected == 0 ? 0 : Math.Round(100.0 * received.PacketsLost / expected, 2),
            PacketsReceived = received.PacketsReceived,
            PacketsLost = received.PacketsLost,
            RttMs = roundTrip is { } measured ? Math.Round(measured.TotalMilliseconds, 1) : null,
            ReportedRttMs = reported?.RoundTripTime is { } byReports ? Math.Round(byReports.TotalMilliseconds, 1) : null,
            ReportedJitterMs = reported is null ? null : Math.Round(reported.Jitter.TotalMilliseconds, 1),
            ReportedPacketsLost = reported?.PacketsLost,
            MeanPsnrDb = compared == 0 ? null : Math.Round(psnrSum / compared, 2),
            FramesCompared = compared,
            FreezeCount = received.FreezeCount,
            FreezeMsTotal = Math.Round(received.FreezeTotal.TotalMilliseconds, 1),
            LongestFreezeMs = Math.Round(received.FreezeLongest.TotalMilliseconds, 1),
            Recoveries = received.Recoveries,
            KeyFrameRequests = received.KeyFrameRequests,
            LatencyMs = settings.Loopback ? new(Math.Round(received.LatencyP50.TotalMilliseconds, 1), Math.Round(received.LatencyP95.TotalMilliseconds, 1)) : null,
            AudioPacketsSent = media.Speaking?.PacketsSent ?? 0,
            AudioPacketsReceived = media.Hearing?.PacketsReceived ?? 0,
            AudioPacketsLost = media.Hearing?.PacketsLost ?? 0,
            JoinedSecond = moments.JoinedSecond,
            JoinToFirstFrameMs = CallMoments.Between(moments.Joining, moments.FirstFrame),
            PeerToFirstFrameMs = CallMoments.Between(moments.PeerArrived, moments.FirstFrame),
            PeerToConnectedMs = CallMoments.Between(moments.PeerArrived, moments.Connected),
            JoinedAtMs = CallMoments.Between(TimeSpan.Zero, moments.Joining),
            FirstFrameAtMs = CallMoments.Between(TimeSpan.Zero, moments.FirstFrame),
            PathLosses = moments.PathLosses,
            IceRestarts = moments.Restarts,
            Transport = session.Peer!.Name,
            Path = path,
            PeakResidentMb = ProcessMemory.PeakResidentMb(),
            Timeline = timeline,
        };
    }

    private static double Rate(long bytes, double seconds) => seconds == 0 ? 0 : Math.Round(bytes * 8 / 1000.0 / seconds, 1);
}
