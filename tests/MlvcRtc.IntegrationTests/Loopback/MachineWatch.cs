using MlvcRtc.Call.Threads;
using MlvcRtc.Media;

namespace MlvcRtc.IntegrationTests.Loopback;

/// <summary>
/// Measures how long the machine itself keeps a thread waiting that wants to run, so that a test can tell a frozen picture from a frozen
/// computer. It wakes every 10 ms and does nothing else; what it is late counts as standstill of everybody.
/// </summary>
internal sealed class MachineWatch : IDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    /// <summary>Below this it is ordinary scheduling.</summary>
    private static readonly TimeSpan Ordinary = TimeSpan.FromMilliseconds(5);

    private readonly Lock _guard = new();
    private readonly List<(TimeSpan From, TimeSpan To)> _standstills = [];
    private readonly CancellationTokenSource _end = new();
    private readonly Task _watching;

    public MachineWatch() => _watching = DedicatedThread.RunTogetherAsync(_end.Token, ("machine watch", Watch));

    /// <summary>The longest standstill so far.</summary>
    public TimeSpan Longest
    {
        get
        {
            lock (_guard)
            {
                return _standstills.Select(still => still.To - still.From).DefaultIfEmpty().Max();
            }
        }
    }

    /// <summary>
    /// Standstill that delays what happens between two instants. A call is a chain of threads, each of which may be kept waiting in turn, so
    /// what was measured with one thread counts as often as a frame changes threads.
    /// </summary>
    public TimeSpan StoodStill(TimeSpan from, TimeSpan to)
    {
        const int Threads = 6;  // encode, send, relay in, relay out, receive, decode
        lock (_guard)
        {
            TimeSpan sum = TimeSpan.Zero;
            foreach ((TimeSpan begin, TimeSpan end) in _standstills)
            {
                sum += begin < to && end > from ? end - begin : TimeSpan.Zero;
            }

            return Threads * sum;
        }
    }

    public void Dispose()
    {
        _end.Cancel();
        _watching.Wait();
        _end.Dispose();
    }

    private void Watch(CancellationToken stop)
    {
        using WakeSignal never = new();
        TimeSpan before = MediaClock.Now(TimeProvider.System);
        while (true)
        {
            never.Wait(Step, stop);
            TimeSpan now = MediaClock.Now(TimeProvider.System);
            if (now - before > Step + Ordinary)
            {
                lock (_guard)
                {
                    _standstills.Add((before + Step, now));
                }
            }

            before = now;
        }
    }
}
