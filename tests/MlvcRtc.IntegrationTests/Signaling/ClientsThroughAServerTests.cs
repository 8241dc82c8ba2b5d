using System.Net;
using System.Net.Sockets;
using MlvcRtc.Server;
using MlvcRtc.Signaling.Client;
using MlvcRtc.Signaling.Messages;

namespace MlvcRtc.IntegrationTests.Signaling;

/// <summary>The real client and the real server over loopback.</summary>
public sealed class ClientsThroughAServerTests
{
    private const string Secret = "a secret of more than 32 bytes, for tests";

    [Fact]
    public async Task Two_meet_and_the_one_who_was_there_is_the_impolite_one()
    {
        await using RunningServer server = await RunningServer.OpenAsync();
        await using SignalingClient ann = server.Client();
        await using SignalingClient bob = server.Client();
        Assert.False((await ann.JoinAsync(Cancel)).Polite);
        Assert.True((await bob.JoinAsync(Cancel)).Polite);
        Assert.False((await RunningServer.NextAsync<PeerArrived>(ann)).Polite);
        Assert.True((await RunningServer.NextAsync<PeerArrived>(bob)).Polite);

        Assert.True(ann.Send(new Offer("v=0\r\n")));
        Assert.Equal("v=0\r\n", ((Offer)(await RunningServer.NextAsync<MessageArrived>(bob)).Message).Sdp);
        await bob.LeaveAsync();
        Assert.Equal(PeerLeft.SaidBye, (await RunningServer.NextAsync<PeerGone>(ann)).Reason);
        Assert.False(ann.Send(new Offer("v=0\r\n")));
    }

    [Fact]
    public async Task Sockets_that_break_in_mid_conversation_lose_nothing_double_nothing_and_nobody_seems_to_leave()
    {
        const int messages = 60;
        await using RunningServer server = await RunningServer.OpenAsync();
        await using SignalingClient ann = server.Client();
        await using SignalingClient bob = server.Client();
        await ann.JoinAsync(Cancel);
        await bob.JoinAsync(Cancel);
        await RunningServer.NextAsync<PeerArrived>(ann);
        await RunningServer.NextAsync<PeerArrived>(bob);
        for (int i = 0; i < messages; i++)
        {
            Assert.True(ann.Send(new Candidate("candidate:a" + i)));
            Assert.True(bob.Send(new Candidate("candidate:b" + i)));
            if (i % 12 == 5)
            {
                (i % 24 == 5 ? ann : bob).Reconnect();
            }

            if (i == 30)
            {
                ann.Reconnect();
                bob.Reconnect();
            }
        }

        for (int i = 0; i < messages; i++)
        {
            Assert.Equal("candidate:a" + i, ((Candidate)(await RunningServer.NextAsync<MessageArrived>(bob, never: typeof(PeerGone))).Message).Line);
            Assert.Equal("candidate:b" + i, ((Candidate)(await RunningServer.NextAsync<MessageArrived>(ann, never: typeof(PeerGone))).Message).Line);
        }
    }

    [Fact]
    public async Task A_third_participant_is_told_why_it_cannot_come_in()
    {
        await using RunningServer server = await RunningServer.OpenAsync();
        await using SignalingClient ann = server.Client();
        await using SignalingClient bob = server.Client();
        await using SignalingClient third = server.Client();
        await ann.JoinAsync(Cancel);
        await bob.JoinAsync(Cancel);
        SignalingException refusal = await Assert.ThrowsAsync<SignalingException>(() => third.JoinAsync(Cancel));
        Assert.Equal(ErrorCode.RoomFull, refusal.Code);
        Assert.Contains("Two are in this room", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_printed_by_the_command_opens_its_room_once_and_no_other()
    {
        using StringWriter output = new();
        Assert.Equal(0, TokenCommand.Run(["--room", "r", "--sub", "ann", "--Signaling:JwtSecret", Secret], TimeProvider.System, output));
        string token = output.ToString().Trim();
        await using RunningServer server = await RunningServer.StartAsync("--Signaling:JwtSecret=" + Secret);
        await using SignalingClient ann = server.Client("r", token);
        await ann.JoinAsync(Cancel);
        Assert.Equal(ErrorCode.TokenReplayed, await RefusalAsync(server, "r", token));
        Assert.Equal(ErrorCode.TokenRoom, await RefusalAsync(server, "other", token));
        Assert.Equal(ErrorCode.TokenSignature, await RefusalAsync(server, "r", token[..^5] + "AAAAA"));
        Assert.Equal(ErrorCode.TokenRequired, await RefusalAsync(server, "r", null));
    }

    [Fact]
    public async Task A_dead_server_in_the_list_is_passed_over()
    {
        await using RunningServer server = await RunningServer.OpenAsync();
        await using SignalingClient ann = server.Client("r", null, new Uri($"ws://127.0.0.1:{FreePort()}"));
        await ann.JoinAsync(Cancel);
    }

    [Fact]
    public async Task When_no_server_answers_the_client_says_where_it_looked()
    {
        await using SignalingClient lost = new(
            new SignalingClientOptions { Servers = [new Uri($"ws://127.0.0.1:{FreePort()}")], Room = "r", JoinPatience = TimeSpan.FromSeconds(1) }, TimeProvider.System, new Random(1));
        SignalingException refusal = await Assert.ThrowsAsync<SignalingException>(() => lost.JoinAsync(Cancel));
        Assert.Equal(SignalingClient.Unreachable, refusal.Code);
        Assert.Contains("ws://127.0.0.1", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lone_server_that_restarts_has_forgotten_its_rooms_and_both_meet_again_by_themselves()
    {
        string urls = $"--urls=http://127.0.0.1:{FreePort()}";
        RunningServer server = await RunningServer.OpenAsync(urls);
        await using SignalingClient ann = server.Client();
        await using SignalingClient bob = server.Client();
        await ann.JoinAsync(Cancel);
        await bob.JoinAsync(Cancel);
        await RunningServer.NextAsync<PeerArrived>(ann);
        await RunningServer.NextAsync<PeerArrived>(bob);
        await server.DisposeAsync();
        await using RunningServer again = await RunningServer.OpenAsync(urls);
        Assert.Equal(PeerGone.SeatLost, (await RunningServer.NextAsync<PeerGone>(ann)).Reason);
        Assert.Equal(PeerGone.SeatLost, (await RunningServer.NextAsync<PeerGone>(bob)).Reason);
        bool annPolite = (await RunningServer.NextAsync<PeerArrived>(ann)).Polite;
        Assert.Equal(!annPolite, (await RunningServer.NextAsync<PeerArrived>(bob)).Polite);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task<string> RefusalAsync(RunningServer server, string room, string? token)
    {
        await using SignalingClient client = server.Client(room, token);
        return (await Assert.ThrowsAsync<SignalingException>(() => client.JoinAsync(Cancel))).Code;
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
