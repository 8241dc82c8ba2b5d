using MlvcRtc.Signaling.Serving;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;

namespace MlvcRtc.Server;

/// <summary>Metrics and logs by OTLP, when OTEL_EXPORTER_OTLP_ENDPOINT names a collector; the exporter reads the other OTEL_* variables itself.</summary>
internal static class Telemetry
{
    public const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>.NET's own: garbage collection, memory, thread pool.</summary>
    public const string RuntimeMeter = "System.Runtime";

    public static void Add(WebApplicationBuilder builder)
    {
        if (string.IsNullOrEmpty(builder.Configuration[EndpointVariable]))
        {
            return;
        }

        // Made by the container so that it ends, and flushes, with it.
        builder.Services.AddSingleton(_ => Sdk.CreateMeterProviderBuilder().AddMeter(SignalingMetrics.MeterName).AddMeter(RuntimeMeter).AddOtlpExporter().Build());
        builder.Services.AddHostedService<Exporting>();
        builder.Logging.AddOpenTelemetry(logs => logs.AddOtlpExporter());
    }

    /// <summary>Asks for the provider, so that it exists while the server runs.</summary>
    private sealed class Exporting(MeterProvider provider) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            provider.ForceFlush(FlushMs);
            return Task.CompletedTask;
        }

        /// <summary>A collector that does not answer must not hold up the shutdown.</summary>
        private const int FlushMs = 2000;
    }
}
