using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using MlvcRtc.WebRtc;
using MlvcRtc.WebRtc.Ice;

namespace MlvcRtc.IntegrationTests.WebRtc;

/// <summary>Two agents in one process that trickle candidates to each other, as a signaling server would.</summary>
internal sealed class IceAgents : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public IceAgents(RtcPeerOptions options)
        : this(options, options)
    {
    }

    public IceAgents(RtcPeerOptions first, RtcPeerOptions second)
    {
        First = new IceAgent(first, TimeProvider.System, new Random(1));
        Second = new IceAgent(second, TimeProvider.System, new Random(2));
        First.CandidateGathered += line => { Told.Enqueue(line); Second.AddRemoteCandidate(line); };
        Second.CandidateGathered += line => { Told.Enqueue(line); First.AddRemoteCandidate(line); };
    }

    public static RtcPeerOptions Loopback => new() { Media = [], IncludeLoopback = true, BindAddresses = [System.Net.IPAddress.Loopback] };

    public IceAgent First { get; }

    public IceAgent Second { get; }

    public ConcurrentQueue<string> Told { get; } = [];

    /// <summary>Exchanges credentials, gathers and waits until both have a path; returns how long that took.</summary>
    public async Task<TimeSpan> ConnectAsync()
    {
        long begun = Stopwatch.GetTimestamp();
        Task first = Until(First, IceState.Connected);
        Task second = Until(Second, IceState.Connected);
        Negotiate();
        await Task.WhenAll(first, second);
        return Stopwatch.GetElapsedTime(begun);
    }

    /// <summary>Offer and answer: the first controls.</summary>
    public void Negotiate()
    {
        Second.SetRemote(First.Local, controlling: false);
        First.StartGathering();
        Second.StartGathering();
        First.SetRemote(Second.Local, controlling: true);
    }

    /// <summary>What one agent sends reaches the other.</summary>
    public static async Task<bool> Reaches(IceAgent from, IceAgent to, string text)
    {
        TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        void Hear(ReadOnlySpan<byte> datagram, TimeSpan arrival)
        {
            if (Encoding.ASCII.GetString(datagram) == text)
            {
                arrived.TrySetResult();
            }
        }

        to.Arrived += Hear;
        for (int attempt = 0; attempt < 40 && !arrived.Task.IsCompleted; attempt++)
        {
            from.Send(Encoding.ASCII.GetBytes(text));
            await Task.WhenAny(arrived.Task, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System));
        }

        to.Arrived -= Hear;
        return arrived.Task.IsCompleted;
    }

    public static async Task Until(IceAgent agent, IceState state)
    {
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        agent.StateChanged += now =>
        {
            if (now == state)
            {
                reached.TrySetResult();
            }
        };
        if (agent.State == state)
        {
            return;
        }

        await reached.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await First.DisposeAsync();
        await Second.DisposeAsync();
    }
}
