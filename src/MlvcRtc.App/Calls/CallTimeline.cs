using System.Globalization;
using MlvcRtc.App.Reports;

namespace MlvcRtc.App.Calls;

/// <summary>How a call goes at one instant; rates are means since the point before.</summary>
/// <param name="Second">Since the connection.</param>
/// <param name="SentKbps">RTP packets with their headers.</param>
/// <param name="ReceivedKbps">Likewise.</param>
/// <param name="EstimateKbps">What the path carries by congestion control; null = not measured.</param>
/// <param name="LossPercent">Of our packets lately; null = not measured.</param>
/// <param name="RttMs">Null = not measured yet.</param>
/// <param name="FramesEncoded">Since the start.</param>
/// <param name="FramesDecoded">Since the start.</param>
/// <param name="PsnrDb">Of the pictures shown since the point before (6:1:1), against the reference clip; null = none.</param>
/// <param name="Process">What the process holds.</param>
internal sealed record CallPoint(
    double Second,
    double SentKbps,
    double ReceivedKbps,
    double? EstimateKbps,
    double? LossPercent,
    double? RttMs,
    long FramesEncoded,
    long FramesDecoded,
    double? PsnrDb,
    ProcessHealth Process)
{
    /// <summary>For a log.</summary>
    public string Line => string.Create(
        CultureInfo.InvariantCulture,
        $"{Second,6:0.0} s  sent {FramesEncoded} frames, {SentKbps:0} kbit/s (estimate {EstimateKbps?.ToString("0", CultureInfo.InvariantCulture) ?? "-"}), lost {LossPercent ?? 0:0.0} %, RTT {RttMs ?? 0:0} ms; received {FramesDecoded} frames, {ReceivedKbps:0} kbit/s{(PsnrDb is { } psnr ? string.Create(CultureInfo.InvariantCulture, $", PSNR {psnr:0.0} dB") : "")}");
}

/// <summary>Reads a call's counters; the rates are those since the reading before.</summary>
/// <param name="psnr">Sum in dB and number of the pictures compared so far.</param>
internal sealed class CallMeter(Func<(double SumDb, int Count)> psnr, TimeProvider time)
{
    private (double Second, long Sent, long Received, double PsnrSum, int PsnrCount) _before;

    /// <summary>Seconds from the connection to the reading before; 0 = there was none.</summary>
    public double LastSecond => _before.Second;

    /// <summary>Since the connection.</summary>
    public double SecondOf(CallSession session) => (Media.MediaClock.Now(time) - session.Moments.Connected!.Value).TotalSeconds;

    /// <summary>The call must be connected.</summary>
    public CallPoint Read(CallSession session)
    {
        CallMedia media = session.Media!;
        double second = SecondOf(session);
        Call.Sending.SendStatistics sent = media.Sending.Statistics;
        Call.Receiving.ReceiveStatistics received = media.Receiving.Statistics;
        (double psnrSum, int psnrCount) = psnr();
        Call.Sending.CongestionControl? congestion = media.Sending.Congestion;
        double span = second - _before.Second;
        CallPoint point = new(
            Math.Round(second, 1),
            Math.Round((sent.BytesSent - _before.Sent) * 8 / 1000.0 / span, 1),
            Math.Round((received.BytesReceived - _before.Received) * 8 / 1000.0 / span, 1),
            congestion is null ? null : Math.Round(congestion.EstimateKbps, 1),
            congestion?.LossRatio is { } loss ? Math.Round(loss * 100, 2) : null,
            RoundTrip(congestion, session) is { } roundTrip ? Math.Round(roundTrip.TotalMilliseconds, 1) : null,
            sent.FramesEncoded,
            received.FramesDecoded,
            psnrCount == _before.PsnrCount ? null : Math.Round((psnrSum - _before.PsnrSum) / (psnrCount - _before.PsnrCount), 2),
            ProcessHealth.Now());
        _before = (second, sent.BytesSent, received.BytesReceived, psnrSum, psnrCount);
        return point;
    }

    private static TimeSpan? RoundTrip(Call.Sending.CongestionControl? congestion, CallSession session) =>
        congestion?.RoundTripTime ?? session.Peer?.GetStatistics().CurrentRoundTripTime;
}

/// <summary>A point a second for the first minutes, then one every ten: an hour stays readable.</summary>
internal sealed class CallTimeline(CallDevices devices, TimeProvider time)
{
    private const double FineSeconds = 300;

    private readonly List<CallPoint> _points = [];
    private readonly CallMeter _meter = new(() => devices.Video.Psnr, time);

    public IReadOnlyList<CallPoint> Points => _points;

    /// <summary>Adds a point when it is time for one.</summary>
    /// <returns>The point; null = not yet.</returns>
    public CallPoint? Sample(CallSession session)
    {
        double second = _meter.SecondOf(session);
        if (session.Media is null || second - _meter.LastSecond < (second < FineSeconds ? 1 : 10))
        {
            return null;
        }

        CallPoint point = _meter.Read(session);
        _points.Add(point);
        return point;
    }
}
