using MlvcRtc.Server.Metrics;
using MlvcRtc.Signaling.Serving;

namespace MlvcRtc.Server.Endpoints;

/// <summary>For whoever runs the server: alive, ready, and how it fares.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this WebApplication app)
    {
        // Alive: the process answers. Nothing else, or a dead store would have every node restarted.
        app.MapGet("/healthz", () => Results.Text("ok\n"));

        // Ready: new participants may be sent here. 503 while draining or while the store does not answer.
        app.MapGet("/readyz", (SignalingServer server) => server.IsReady
            ? Results.Text("ready\n")
            : Results.Text("not ready: draining, or the room store does not answer\n", statusCode: StatusCodes.Status503ServiceUnavailable));

        app.MapGet("/metrics", (PrometheusText metrics) => Results.Text(metrics.Write(), PrometheusText.ContentType));
    }
}
