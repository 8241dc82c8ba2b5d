using MlvcRtc.App.Calls;
using MlvcRtc.App.Reports;
using MlvcRtc.Call.Receiving;
using MlvcRtc.Call.Sending;

namespace MlvcRtc.App.Client;

/// <summary>Where a picture's time goes, milliseconds; null = not measured. Capture, encode and network of ours and the other side's are taken to be alike: what is sent is measured here.</summary>
/// <param name="Capture">From whole on the socket to the encoder's queue.</param>
/// <param name="Encode">Mean of the last second.</param>
/// <param name="Network">Half the round trip.</param>
/// <param name="Decode">Mean of the last second.</param>
/// <param name="Present">What pictures wait beyond the least delayed.</param>
internal sealed record StageMilliseconds(double? Capture, double? Encode, double? Network, double? Decode, double? Present);

/// <summary>The call's figures, once a second: those of a point of the call report's timeline, and what the page shows besides. Counts are since the connection, rates of the last second.</summary>
internal sealed record StatisticsMessage(
    double Second,
    double SentKbps,
    double ReceivedKbps,
    double? EstimateKbps,
    double? LossPercent,
    double? RttMs,
    long FramesEncoded,
    long FramesDecoded,
    double? PsnrDb,
    ProcessHealth Process,
    double SendKbps,
    double ReceiveKbps,
    double SendFps,
    double ReceiveFps,
    double? LatencyMs,
    int Freezes,
    double LongestFreezeMs,
    long Recoveries,
    double ReceiveLossPercent,
    double? PlayoutMs,
    double? SoundPlayoutMs,
    long SoundPacketsSent,
    long SoundPacketsReceived,
    long SoundPacketsLost,
    string? PathType,
    StageMilliseconds StagesMs) : ControlMessage("statistics");

/// <summary>Reads one call's figures; once a second.</summary>
internal sealed class ClientStatistics(ClientDevices devices, bool sharedClock, TimeProvider time)
{
    /// <summary>Above it the other side's RTP time does not begin at zero, as it does where both know that they share a clock: it is a host that others could reach, too.</summary>
    private static readonly TimeSpan LongestLatency = TimeSpan.FromSeconds(60);

    private readonly CallMeter _meter = new(static () => default, time);
    private (long Encoded, long Decoded, long Packets, long Lost) _before;

    /// <summary>Null when no second has passed since the one before.</summary>
    public StatisticsMessage? Sample(CallSession session)
    {
        double span = _meter.SecondOf(session) - _meter.LastSecond;
        if (session.Media is not { } media || span < 1)
        {
            return null;
        }

        CallPoint point = _meter.Read(session);
        SendStatistics sent = media.Sending.Statistics;
        ReceiveStatistics received = media.Receiving.Statistics;
        (double? encode, double? decode) = devices.TakeStageTimes();
        long packets = received.PacketsReceived - _before.Packets;
        long lost = Math.Max(0, received.PacketsLost - _before.Lost);
        StatisticsMessage message = new(
            point.Second,
            point.SentKbps,
            point.ReceivedKbps,
            point.EstimateKbps,
            point.LossPercent,
            point.RttMs,
            point.FramesEncoded,
            point.FramesDecoded,
            point.PsnrDb,
            point.Process,
            point.SentKbps,
            point.ReceivedKbps,
            Math.Round((sent.FramesEncoded - _before.Encoded) / span, 1),
            Math.Round((received.FramesDecoded - _before.Decoded) / span, 1),
            sharedClock && received.LatencyP50 > TimeSpan.Zero && received.LatencyP50 < LongestLatency ? Math.Round(received.LatencyP50.TotalMilliseconds, 1) : null,
            received.FreezeCount,
            Math.Round(received.FreezeLongest.TotalMilliseconds, 1),
            received.Recoveries,
            packets + lost == 0 ? 0 : Math.Round(100.0 * lost / (packets + lost), 2),
            Math.Round(received.PlayoutDelay.TotalMilliseconds, 1),
            devices.Speaker is { } speaker ? Math.Round(speaker.Delay.TotalMilliseconds, 1) : null,
            media.Speaking?.PacketsSent ?? 0,
            media.Hearing?.PacketsReceived ?? 0,
            media.Hearing?.PacketsLost ?? 0,
            session.Peer?.GetStatistics().LocalCandidateType,
            new(
                Math.Round(devices.CaptureWait.TotalMilliseconds, 1),
                encode,
                point.RttMs / 2,
                decode,
                Math.Round(received.PlayoutDelay.TotalMilliseconds, 1)));
        _before = (sent.FramesEncoded, received.FramesDecoded, received.PacketsReceived, received.PacketsLost);
        return message;
    }
}
