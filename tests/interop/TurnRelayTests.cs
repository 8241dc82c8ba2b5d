using System.Diagnostics;
using System.Net;
using MlvcRtc.WebRtc;
using MlvcRtc.WebRtc.Ice;

namespace MlvcRtc.InteropTests;

/// <summary>Calls whose media goes over coturn only.</summary>
public sealed class TurnRelayTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("udp")]
    [InlineData("tcp")]
    [InlineData("tls")]
    public async Task Two_peers_behind_closed_networks_talk_over_the_relay(string transport)
    {
        await using TurnServer server = await TurnServer.StartAsync(["127.0.0.1"]);
        await using Pair pair = new(Options(server, server.Over(transport)));
        TimeSpan took = await pair.ConnectAsync();
        TestContext.Current.TestOutputHelper!.WriteLine($"{transport}: {took.TotalMilliseconds:0} ms");
        Assert.Equal("relay", pair.First.Selected!.LocalType);
        Assert.Equal("relay", pair.Second.Selected!.RemoteType);
        for (int round = 0; round < 200; round++)
        {
            Assert.True(await pair.Reaches(pair.First, pair.Second, round), server.Log);
            Assert.True(await pair.Reaches(pair.Second, pair.First, round), server.Log);
        }

        await UntilLogged(server, "CHANNEL_BIND processed, success");
    }

    [Fact]
    public async Task A_nonce_that_goes_stale_costs_nobody_the_call()
    {
        await using TurnServer server = await TurnServer.StartAsync(["127.0.0.1"], "--stale-nonce=1");
        await using Pair pair = new(Options(server, server.Over("udp")));
        pair.Gather();
        await Task.Delay(TimeSpan.FromSeconds(2.5), TimeProvider.System, TestContext.Current.CancellationToken);  // coturn's clock cannot be moved
        await pair.ConnectAsync();
        Assert.True(await pair.Reaches(pair.First, pair.Second, 1), server.Log);
        await UntilLogged(server, "438");
    }

    [Fact]
    public async Task An_unknown_authority_and_a_wrong_name_are_refused_and_told()
    {
        await using TurnServer server = await TurnServer.StartAsync(["turn.example.org"]);
        await using IceAgent wrongName = Agent(Options(server, server.Over("tls")));
        Assert.Contains("certificate", await FailureOf(wrongName), StringComparison.Ordinal);
        await using IceAgent unknownAuthority = Agent(Options(server, server.Over("tls")) with { TrustedRoots = null });
        Assert.Contains("issuer is trusted", await FailureOf(unknownAuthority), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_credential_is_told_with_what_helps()
    {
        await using TurnServer server = await TurnServer.StartAsync(["127.0.0.1"]);
        await using IceAgent agent = Agent(Options(server, server.Over("udp") with { Credential = "guess" }));
        Assert.Contains("401: the server refuses the user name or credential", await FailureOf(agent), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_server_is_told_as_such()
    {
        await using TurnServer server = await TurnServer.StartAsync(["127.0.0.1"], "--user-quota=1");
        IceServer one = server.Over("udp");
        await using Pair pair = new(Options(server, one));
        Task<Task<string>> refused = Task.WhenAny(FailureOf(pair.First), FailureOf(pair.Second));
        pair.Negotiate();
        string first = await refused.Unwrap();
        Assert.Contains("486", first, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_relay_that_dies_is_noticed_within_3_seconds()
    {
        await using TurnServer server = await TurnServer.StartAsync(["127.0.0.1"]);
        await using Pair pair = new(Options(server, server.Over("udp")));
        await pair.ConnectAsync();
        TaskCompletionSource noticed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pair.First.StateChanged += state =>
        {
            if (state == IceState.Disconnected)
            {
                noticed.TrySetResult();
            }
        };
        long begun = Stopwatch.GetTimestamp();
        await server.KillAsync();
        await noticed.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.True(Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(3), $"{Stopwatch.GetElapsedTime(begun)}");
    }

    [Fact]
    public async Task Hanging_up_gives_the_relay_address_back()
    {
        await using TurnServer server = await TurnServer.StartAsync(["127.0.0.1"]);
        Pair pair = new(Options(server, server.Over("udp")));
        await pair.ConnectAsync();
        await pair.DisposeAsync();
        await UntilLogged(server, "lifetime=0");
    }

    private static RtcPeerOptions Options(TurnServer server, IceServer url) => new()
    {
        Media = [],
        RelayOnly = true,
        IceServers = [url],
        TrustedRoots = [server.Certificate],
    };

    private static IceAgent Agent(RtcPeerOptions options) => new(options, TimeProvider.System, new Random(3));

    private static async Task<string> FailureOf(IceAgent agent)
    {
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        agent.CandidateGathered += line =>
        {
            if (line.Length == 0 && agent.ServerFailure is not null)
            {
                ended.TrySetResult();
            }
        };
        agent.StartGathering();
        await ended.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        return agent.ServerFailure!;
    }

    private static async Task UntilLogged(TurnServer server, string text)
    {
        long begun = Stopwatch.GetTimestamp();
        while (!server.Log.Contains(text, StringComparison.Ordinal))
        {
            Assert.True(Stopwatch.GetElapsedTime(begun) < Patience, $"coturn never wrote \"{text}\":\n{server.Log}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    /// <summary>Two agents that trickle to each other.</summary>
    private sealed class Pair : IAsyncDisposable
    {
        public Pair(RtcPeerOptions options)
        {
            First = Agent(options);
            Second = Agent(options);
            First.CandidateGathered += Second.AddRemoteCandidate;
            Second.CandidateGathered += First.AddRemoteCandidate;
        }

        public IceAgent First { get; }

        public IceAgent Second { get; }

        public void Gather()
        {
            First.StartGathering();
            Second.StartGathering();
        }

        public void Negotiate()
        {
            Gather();
            Second.SetRemote(First.Local, controlling: false);
            First.SetRemote(Second.Local, controlling: true);
        }

        public async Task<TimeSpan> ConnectAsync()
        {
            long begun = Stopwatch.GetTimestamp();
            using SemaphoreSlim connected = new(0);
            void Count(IceState state)
            {
                if (state == IceState.Connected)
                {
                    connected.Release();
                }
            }

            First.StateChanged += Count;
            Second.StateChanged += Count;
            Negotiate();
            Assert.True(await connected.WaitAsync(Patience, TestContext.Current.CancellationToken), First.ServerFailure ?? "the first never connected");
            Assert.True(await connected.WaitAsync(Patience, TestContext.Current.CancellationToken), Second.ServerFailure ?? "the second never connected");
            First.StateChanged -= Count;
            Second.StateChanged -= Count;
            return Stopwatch.GetElapsedTime(begun);
        }

        /// <summary>A datagram of media size, told apart by its number.</summary>
        public async Task<bool> Reaches(IceAgent from, IceAgent to, int number)
        {
            byte[] sent = new byte[1171];
            sent[0] = 0x80;
            sent[1] = (byte)number;
            sent[^1] = 1;
            TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
            void Hear(ReadOnlySpan<byte> datagram, TimeSpan arrival)
            {
                if (datagram.SequenceEqual(sent))
                {
                    arrived.TrySetResult();
                }
            }

            to.Arrived += Hear;
            for (int attempt = 0; attempt < 40 && !arrived.Task.IsCompleted; attempt++)
            {
                from.Send(sent);
                await Task.WhenAny(arrived.Task, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System));
            }

            to.Arrived -= Hear;
            return arrived.Task.IsCompleted;
        }

        public async ValueTask DisposeAsync()
        {
            await First.DisposeAsync();
            await Second.DisposeAsync();
        }
    }
}
