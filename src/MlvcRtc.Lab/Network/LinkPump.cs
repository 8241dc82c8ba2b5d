using Microsoft.Extensions.Hosting;
using MlvcRtc.Call.Threads;
using MlvcRtc.Media;

namespace MlvcRtc.Lab.Network;

/// <summary>Runs a simulated link in real time on a thread of its own: packets arrive when their time has come, at most about 1 ms late.</summary>
public sealed class LinkPump(SimulatedLink link, TimeProvider time) : BackgroundService
{
    private readonly WakeSignal _wake = new();

    public override void Dispose()
    {
        base.Dispose();
        _wake.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        link.Sent += _wake.Wake;
        try
        {
            await DedicatedThread.RunTogetherAsync(stoppingToken, ("mlvc simulated link", Pump)).ConfigureAwait(false);
        }
        finally
        {
            link.Sent -= _wake.Wake;
        }
    }

    private void Pump(CancellationToken stop)
    {
        while (true)
        {
            TimeSpan now = MediaClock.Now(time);
            link.Deliver(now);
            _wake.Wait(link.NextArrival - now, stop);
        }
    }
}
