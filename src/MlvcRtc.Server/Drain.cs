using MlvcRtc.Server.Settings;
using MlvcRtc.Signaling.Serving;

namespace MlvcRtc.Server;

/// <summary>
/// On SIGTERM: /readyz says 503, participants are told to go elsewhere and keep their seats, and only then does the web server stop. Before all other
/// services stop, hence the lifecycle interface.
/// </summary>
internal sealed class Drain(SignalingServer server, ServerSettings settings) : IHostedLifecycleService
{
    public Task StoppingAsync(CancellationToken cancellationToken) => server.DrainAsync(settings.DrainDeadline);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
