using Microsoft.Extensions.Hosting;
using MlvcRtc.Call.Receiving;
using MlvcRtc.Call.Sending;

namespace MlvcRtc.Call;

/// <summary>
/// One side of a call over one link: what it sends and what it receives. Either half may be absent. A hosted service; it owns
/// its pipelines, not what they are made of. After <see cref="StopAsync"/> none of their threads is left.
/// </summary>
public sealed class Participant(SendPipeline? sending, ReceivePipeline? receiving) : IHostedService, IDisposable
{
    public SendPipeline? Sending => sending;

    public ReceivePipeline? Receiving => receiving;

    /// <summary>
    /// Ends when a half ends: by <see cref="StopAsync"/>, or by failure with the exception that names the thread. Await it
    /// beside the work of the call, so that a broken pipeline ends the call with its reason.
    /// </summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (receiving is not null && sending?.Congestion is { } congestion)
        {
            congestion.RoundTripMeasured += roundTrip => receiving.RoundTripTime = roundTrip;
        }

        await Task.WhenAll(Halves().Select(half => half.StartAsync(cancellationToken))).ConfigureAwait(false);
        Completion = EndOfFirst(Halves().Select(half => half.ExecuteTask ?? Task.CompletedTask).ToArray());
    }

    /// <summary>Stops both halves and waits for their threads.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(Halves().Select(half => half.StopAsync(cancellationToken)));

    /// <inheritdoc/>
    public void Dispose()
    {
        sending?.Dispose();
        receiving?.Dispose();
    }

    private static async Task EndOfFirst(Task[] halves)
    {
        if (halves.Length > 0)
        {
            await (await Task.WhenAny(halves).ConfigureAwait(false)).ConfigureAwait(false);
        }
    }

    private IEnumerable<BackgroundService> Halves()
    {
        if (sending is not null)
        {
            yield return sending;
        }

        if (receiving is not null)
        {
            yield return receiving;
        }
    }
}
