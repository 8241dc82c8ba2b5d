using Microsoft.Extensions.Logging;

namespace MlvcRtc.IntegrationTests.Signaling;

/// <summary>Keeps the server's lines about refusals.</summary>
internal sealed class RefusalLog : ILoggerProvider, ILogger
{
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Up to the code; what follows tells apart whom.</summary>
    public IReadOnlyList<string> Refusals
    {
        get
        {
            lock (_lock)
            {
                return [.. _lines.Select(static line => line[..line.IndexOf(',', StringComparison.Ordinal)])];
            }
        }
    }

    /// <summary>Until a line begins so.</summary>
    public async Task UntilAsync(string beginning)
    {
        while (true)
        {
            Task more;
            lock (_lock)
            {
                if (_lines.Any(line => line.StartsWith(beginning, StringComparison.Ordinal)))
                {
                    return;
                }

                more = _more.Task;
            }

            await more.WaitAsync(RunningServer.Patience);
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        string line = formatter(state, exception);
        if (line.StartsWith("Refused: ", StringComparison.Ordinal))
        {
            lock (_lock)
            {
                _lines.Add(line);
                _more.TrySetResult();
                _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }
}
