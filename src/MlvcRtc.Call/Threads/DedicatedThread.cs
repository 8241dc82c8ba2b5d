namespace MlvcRtc.Call.Threads;

/// <summary>A pipeline thread ended by an exception; the message names the thread.</summary>
public sealed class PipelineFailedException : Exception
{
    public PipelineFailedException()
    {
    }

    public PipelineFailedException(string message)
        : base(message)
    {
    }

    public PipelineFailedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>
/// Threads of our own for work that must not wait for the thread pool: a pool of two threads was measured 4 s late when
/// others block it, a dedicated thread 3 ms (docs/architecture.md, "Threads").
/// </summary>
public static class DedicatedThread
{
    /// <summary>
    /// Runs every body on its own thread until <paramref name="stop"/> is cancelled. When one fails the others are told to
    /// stop, and the task fails with <see cref="PipelineFailedException"/>. The task ends after the last thread.
    /// </summary>
    public static async Task RunTogetherAsync(CancellationToken stop, params (string Name, Action<CancellationToken> Body)[] threads)
    {
        ArgumentNullException.ThrowIfNull(threads);
        using CancellationTokenSource together = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task[] running = Array.ConvertAll(threads, thread => Run(thread.Name, thread.Body, together));
        await Task.WhenAll(running).ConfigureAwait(false);
    }

    private static Task Run(string name, Action<CancellationToken> body, CancellationTokenSource together)
    {
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        CancellationToken stop = together.Token;
        Thread thread = new(() =>
        {
            try
            {
                body(stop);
                ended.SetResult();
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                ended.SetResult();
            }
#pragma warning disable CA1031 // whatever ended the thread must reach the one who awaits it
            catch (Exception failure)
#pragma warning restore CA1031
            {
                together.Cancel();
                ended.SetException(new PipelineFailedException($"The '{name}' thread failed: {failure.Message}", failure));
            }
        })
        {
            Name = name,
            IsBackground = true,
        };
        thread.Start();
        return ended.Task;
    }
}
