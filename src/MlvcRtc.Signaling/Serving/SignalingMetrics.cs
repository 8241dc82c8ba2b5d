using System.Diagnostics.Metrics;

namespace MlvcRtc.Signaling.Serving;

/// <summary>What a server counts. Meter names and units follow the OpenTelemetry conventions; labels have few values and tell nothing about persons.</summary>
public sealed class SignalingMetrics : IDisposable
{
    public const string MeterName = "MlvcRtc.Signaling";

    private readonly Meter _meter = new(MeterName);

    public SignalingMetrics()
    {
        Connections = _meter.CreateUpDownCounter<long>("signaling.connections", "{connection}", "Open sockets.");
        Seats = _meter.CreateUpDownCounter<long>("signaling.seats", "{seat}", "Participants with a socket at this node.");
        Joins = _meter.CreateCounter<long>("signaling.joins", "{attempt}", "Attempts to join, by result: joined, resumed, or an error code.");
        Messages = _meter.CreateCounter<long>("signaling.messages", "{message}", "Messages from clients, by type.");
        Bytes = _meter.CreateCounter<long>("signaling.received", "By", "Bytes of messages from clients.");
        Errors = _meter.CreateCounter<long>("signaling.errors", "{error}", "Errors told to clients, by code.");
        Undelivered = _meter.CreateCounter<long>("signaling.undelivered", "{message}", "Messages for a participant without a socket; its sender repeats them.");
        StoreFailures = _meter.CreateCounter<long>("signaling.store.failures", "{failure}", "Times the shared store did not answer.");
        JoinDuration = _meter.CreateHistogram<double>("signaling.join.duration", "s", "From a join message to its answer.");
    }

    internal UpDownCounter<long> Connections { get; }

    internal UpDownCounter<long> Seats { get; }

    internal Counter<long> Joins { get; }

    internal Counter<long> Messages { get; }

    internal Counter<long> Bytes { get; }

    internal Counter<long> Errors { get; }

    internal Counter<long> Undelivered { get; }

    internal Counter<long> StoreFailures { get; }

    internal Histogram<double> JoinDuration { get; }

    public void Dispose() => _meter.Dispose();
}
