using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Models;
using MlvcRtc.App.Reports;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.WebRtc;

namespace MlvcRtc.App.Client;

/// <summary>What the user asked of the client.</summary>
/// <param name="Port">Of the page; 0 = a free one.</param>
/// <param name="OpensBrowser">False: the address is printed only.</param>
/// <param name="Server">For the page's form; null = empty.</param>
/// <param name="Room">Likewise.</param>
/// <param name="Model">Id of a bundle; null = the newest.</param>
/// <param name="Device">What the networks run on; null = what the environment says, or the fastest that is right.</param>
/// <param name="Peers">How to reach the other side.</param>
internal sealed record ClientSettings(int Port, bool OpensBrowser, string? Server, string? Room, string? Model, string? Device, IRtcPeerFactory Peers);

/// <summary>The desktop client: a page in a browser, and this process behind it until Ctrl-C.</summary>
internal sealed class ClientRun(Surroundings surroundings, ClientSettings settings)
{
    /// <summary>What the page offers; every even size is coded, these are those the model is quick at.</summary>
    private static readonly int[][] Sizes = [[320, 180], [640, 360]];

    /// <summary>Serves until cancelled.</summary>
    /// <param name="ready">Hears the server when its page can be opened.</param>
    /// <exception cref="UserError">The page is missing, the port is taken, or there is no model.</exception>
    public async Task RunAsync(Action<LocalServer> ready, CancellationToken cancel)
    {
        PageFiles files = new(surroundings.PageFolder);
        if (!files.HasPage)
        {
            throw new UserError(ExitCode.Failed, $"The page is missing in {surroundings.PageFolder}. Build again; it is made by 'npm run build' in web/.");
        }

        ModelBundle bundle = BundleOpening.Open(settings.Model);
        using PageDevices devices = new(surroundings.Time);
        using PageConnections connections = new(devices, surroundings.Time);
        await using Caller caller = new(surroundings, bundle, settings.Device, settings.Peers, devices, connections.Tell);
        connections.Take = caller.TakeAsync;
        connections.Forsaken = caller.HangUpAsync;
        connections.Greet = () => [new ReadyMessage(ReportFile.Build.Version, $"{bundle.Name} {bundle.Version}", Sizes, settings.Server, settings.Room), caller.State];
        await using LocalServer server = await LocalServer.StartAsync(settings.Port, files, connections);
        ready(server);
        Task prepared = caller.PrepareAsync(cancel);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, surroundings.Time, cancel);
        }
        finally
        {
            await prepared.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);  // a codec that does not load is told by the first call
        }
    }
}
