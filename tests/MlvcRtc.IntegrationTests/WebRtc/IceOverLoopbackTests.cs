using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using MlvcRtc.WebRtc.Ice;

namespace MlvcRtc.IntegrationTests.WebRtc;

/// <summary>Two agents with real sockets on 127.0.0.1.</summary>
public sealed class IceOverLoopbackTests
{
    [Fact]
    public async Task Two_peers_find_each_other_in_less_than_300_ms()
    {
        TimeSpan best = TimeSpan.MaxValue;
        for (int attempt = 0; attempt < 5; attempt++)
        {
            await using IceAgents agents = new(IceAgents.Loopback);
            TimeSpan took = await agents.ConnectAsync();
            TestContext.Current.TestOutputHelper!.WriteLine($"{took.TotalMilliseconds:0.0} ms");
            best = took < best ? took : best;
            Assert.Equal("host", agents.First.Selected!.LocalType);
            Assert.True(await IceAgents.Reaches(agents.First, agents.Second, "there"));
            Assert.True(await IceAgents.Reaches(agents.Second, agents.First, "and back"));
        }

        Assert.True(best < TimeSpan.FromMilliseconds(300), $"{best.TotalMilliseconds:0} ms at best");
    }

    [Fact]
    public async Task After_a_restart_media_flows_over_new_ports_and_never_stopped()
    {
        await using IceAgents agents = new(IceAgents.Loopback);
        await agents.ConnectAsync();
        IceCredentials before = agents.First.Local;
        agents.First.Restart();
        agents.Second.Restart();
        Assert.NotEqual(before.UsernameFragment, agents.First.Local.UsernameFragment);
        Assert.True(await IceAgents.Reaches(agents.First, agents.Second, "over the old path"));
        Assert.Equal(1, agents.First.Selected!.Changes);
        agents.Negotiate();
        long begun = Stopwatch.GetTimestamp();
        for (int round = 0; agents.First.Selected!.Changes < 2 || agents.Second.Selected!.Changes < 2; round++)
        {
            Assert.True(Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(10), "no new path");
            Assert.True(await IceAgents.Reaches(agents.First, agents.Second, $"restarting {round}"));
            Assert.Equal(IceState.Connected, agents.First.State);
        }

        Assert.True(await IceAgents.Reaches(agents.Second, agents.First, "over the new path"));
    }

    [Fact]
    public async Task A_restart_that_is_taken_back_leaves_everything_as_it_was()
    {
        await using IceAgents agents = new(IceAgents.Loopback);
        await agents.ConnectAsync();
        IceCredentials before = agents.First.Local;
        agents.First.Restart();
        agents.First.StartGathering();
        Assert.True(agents.First.TryUndoRestart());
        Assert.False(agents.First.TryUndoRestart());

        Assert.Equal(before, agents.First.Local);
        Assert.Equal((IceState.Connected, 1), (agents.First.State, agents.First.Selected!.Changes));
        Assert.True(await IceAgents.Reaches(agents.First, agents.Second, "there"));
        Assert.True(await IceAgents.Reaches(agents.Second, agents.First, "and back"));
    }

    [Fact]
    public async Task Datagrams_from_somebody_else_are_not_heard_and_counted()
    {
        await using IceAgents agents = new(IceAgents.Loopback);
        await agents.ConnectAsync();
        IPEndPoint port = agents.Told
            .Select(line => CandidateLine.Parse(line, out IceCandidate? candidate) == CandidateLineKind.Candidate ? candidate!.Address.ToEndPoint() : null)
            .First(address => address is not null)!;
        bool heard = false;
        agents.First.Arrived += (datagram, _) => heard |= datagram[0] == 0x80 && datagram[1] == 0xEE;
        agents.Second.Arrived += (datagram, _) => heard |= datagram[0] == 0x80 && datagram[1] == 0xEE;
        using Socket stranger = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        long before = agents.First.Discarded.Strangers + agents.Second.Discarded.Strangers;
        long begun = Stopwatch.GetTimestamp();
        for (int round = 0; agents.First.Discarded.Strangers + agents.Second.Discarded.Strangers == before; round++)
        {
            Assert.True(Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(10), "nothing was counted");
            stranger.SendTo([0x80, 0xEE, 1, 2], port);
            Assert.True(await IceAgents.Reaches(agents.First, agents.Second, $"{round}"));
            Assert.True(await IceAgents.Reaches(agents.Second, agents.First, $"{round}"));
        }

        Assert.False(heard);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_closed_agent_leaves_its_ports_those_of_restarts_too(int restarts)
    {
        IceAgents agents = new(IceAgents.Loopback);
        await agents.ConnectAsync();
        for (int restart = 0; restart < restarts; restart++)
        {
            agents.First.Restart();
            agents.First.StartGathering();
        }

        List<IPEndPoint> ports = [];
        foreach (string line in agents.Told)
        {
            if (CandidateLine.Parse(line, out IceCandidate? candidate) == CandidateLineKind.Candidate)
            {
                ports.Add(candidate!.Address.ToEndPoint());
            }
        }

        await agents.DisposeAsync();
        Assert.Equal(IceState.Closed, agents.First.State);
        Assert.NotEmpty(ports);
        foreach (IPEndPoint port in ports)
        {
            using Socket next = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            next.Bind(port);
        }
    }
}
