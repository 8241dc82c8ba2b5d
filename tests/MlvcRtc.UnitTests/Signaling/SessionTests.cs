using MlvcRtc.Signaling.Limits;
using MlvcRtc.Signaling.Messages;
using MlvcRtc.Signaling.Serving;
using MlvcRtc.Signaling.Tokens;

namespace MlvcRtc.UnitTests.Signaling;

/// <summary>What participants see of a node, in virtual time.</summary>
public sealed class SessionTests
{
    private const string Secret = "a secret of more than 32 bytes, for tests";

    [Fact]
    public async Task Two_meet_and_their_messages_reach_each_other_with_the_senders_id()
    {
        await using OneNode node = new();
        (TestSocket ann, Joined first) = await node.JoinAsync();
        (TestSocket bob, Joined second) = await node.JoinAsync();
        Assert.False(first.Polite);
        Assert.True(second.Polite);
        Assert.Equal(first.PeerId, Assert.Single(second.Peers).PeerId);
        Assert.Equal(second.PeerId, (await ann.ReadAsync<PeerJoined>()).Peer.PeerId);

        await ann.SendAsync(new Offer("v=0\r\n", 1) { To = second.PeerId, From = "somebody else" });
        Assert.Equal(new Offer("v=0\r\n", 1) { To = second.PeerId, From = first.PeerId }, await bob.ReadAsync<Offer>());
        await bob.SendAsync(new Ack(1) { To = first.PeerId });
        Assert.Equal(second.PeerId, (await ann.ReadAsync<Ack>()).From);

        await bob.SendAsync(new Bye());
        Assert.Equal(new PeerLeft(second.PeerId, PeerLeft.SaidBye), await ann.ReadAsync<PeerLeft>());
    }

    [Fact]
    public async Task A_third_is_told_that_the_room_is_full()
    {
        await using OneNode node = new();
        await node.JoinAsync();
        await node.JoinAsync();
        TestSocket third = node.Connect();
        await third.SendAsync(new Join("r"));
        Assert.Equal(ErrorCode.RoomFull, await third.RefusalAsync());
    }

    [Fact]
    public async Task Nobody_outside_the_room_can_be_written_to()
    {
        await using OneNode node = new();
        (TestSocket ann, _) = await node.JoinAsync("a");
        (TestSocket bob, Joined other) = await node.JoinAsync("b");
        await ann.SendAsync(new Offer("v=0") { To = other.PeerId });
        Assert.Equal(ErrorCode.NoSuchPeer, (await ann.ReadAsync<ErrorMessage>()).Code);
        await bob.SettleAsync();  // nothing came before the pong
    }

    [Fact]
    public async Task A_dropped_participant_comes_back_within_30_seconds_and_the_other_only_hears_that_it_resumed()
    {
        await using OneNode node = new();
        (TestSocket ann, Joined first) = await node.JoinAsync();
        (TestSocket bob, Joined second) = await node.JoinAsync();
        await ann.ReadAsync<PeerJoined>();
        bob.Cut();
        await node.Log.UntilAsync("connection closed");
        node.Wait(14);
        await ann.SettleAsync();
        node.Wait(15);
        (TestSocket again, Joined seat) = await node.JoinAsync(resume: second.ResumeToken);
        Assert.True(seat.Resumed);
        Assert.True(seat.Polite);
        Assert.Equal(second.PeerId, seat.PeerId);
        Assert.Equal(second.PeerId, (await ann.ReadAsync<PeerResumed>()).PeerId);
        await ann.SendAsync(new Offer("v=0") { To = second.PeerId });
        Assert.Equal(first.PeerId, (await again.ReadAsync<Offer>()).From);
    }

    [Fact]
    public async Task After_30_seconds_the_other_hears_timeout_and_the_seat_is_free()
    {
        await using OneNode node = new();
        (TestSocket ann, _) = await node.JoinAsync();
        (TestSocket bob, Joined second) = await node.JoinAsync();
        await ann.ReadAsync<PeerJoined>();
        bob.Cut();
        await node.Log.UntilAsync("connection closed");
        node.Wait(15);
        await ann.SettleAsync();
        node.Wait(16);
        Assert.Equal(new PeerLeft(second.PeerId, PeerLeft.TimedOut), await ann.ReadAsync<PeerLeft>());
        TestSocket late = node.Connect();
        await late.SendAsync(new Join("r") { Resume = second.ResumeToken });
        Assert.Equal(ErrorCode.ResumeExpired, await late.RefusalAsync());
        await node.JoinAsync();
    }

    [Fact]
    public async Task A_second_connection_with_the_resume_token_replaces_the_first()
    {
        await using OneNode node = new();
        (TestSocket old, Joined seat) = await node.JoinAsync();
        (TestSocket fresh, Joined again) = await node.JoinAsync(resume: seat.ResumeToken);
        Assert.Equal(seat.PeerId, again.PeerId);
        Assert.Equal(ErrorCode.Replaced, await old.RefusalAsync());
        await node.Log.UntilAsync("replaced");
        node.Wait(25);
        await fresh.SettleAsync();
        node.Wait(25);
        await fresh.SettleAsync();  // the old socket's end did not cost it the seat
        await node.JoinAsync();
    }

    [Fact]
    public async Task A_token_serves_one_participant_at_a_time()
    {
        await using OneNode node = WithTokens();
        string token = TokenIssuer.Issue("r", "ann", TimeSpan.FromMinutes(5), Secret, node.Time);
        (TestSocket ann, Joined seat) = await node.JoinAsync(token: token);
        TestSocket thief = node.Connect();
        await thief.SendAsync(new Join("r") { Token = token });
        Assert.Equal(ErrorCode.TokenReplayed, await thief.RefusalAsync());

        ann.Cut();
        await node.Log.UntilAsync("connection closed");
        await node.JoinAsync(resume: seat.ResumeToken);  // no token is needed to come back
        TestSocket again = node.Connect();
        await again.SendAsync(new Join("r") { Token = token });
        Assert.Equal(ErrorCode.TokenReplayed, await again.RefusalAsync());
    }

    [Fact]
    public async Task A_token_is_free_again_after_bye()
    {
        await using OneNode node = WithTokens();
        string token = TokenIssuer.Issue("r", "ann", TimeSpan.FromMinutes(5), Secret, node.Time);
        (TestSocket ann, _) = await node.JoinAsync(token: token);
        await ann.SendAsync(new Bye());
        Assert.Null(await ann.ReadAnyAsync());
        await node.JoinAsync(token: token);
    }

    [Fact]
    public async Task A_repeated_attempt_whose_answer_was_lost_gets_its_seat_and_is_no_replay()
    {
        await using OneNode node = WithTokens();
        Join join = new("r") { Token = TokenIssuer.Issue("r", "ann", TimeSpan.FromMinutes(5), Secret, node.Time), Attempt = "0123456789012345678901" };
        TestSocket first = node.Connect();
        await first.SendAsync(join);
        string peerId = (await first.ReadAsync<Joined>()).PeerId;
        TestSocket second = node.Connect();
        await second.SendAsync(join);
        Assert.Equal(peerId, (await second.ReadAsync<Joined>()).PeerId);
    }

    [Theory]
    [InlineData(null, ErrorCode.TokenRequired)]
    [InlineData("nonsense", ErrorCode.TokenMalformed)]
    public async Task Without_a_good_token_there_is_no_seat(string? token, string code)
    {
        await using OneNode node = WithTokens();
        TestSocket socket = node.Connect();
        await socket.SendAsync(new Join("r") { Token = token });
        Assert.Equal(code, await socket.RefusalAsync());
    }

    [Theory]
    [InlineData("{", ErrorCode.Malformed)]
    [InlineData("", ErrorCode.Malformed)]
    [InlineData("[[[[[[[[[[[[]]]]]]]]]]]]", ErrorCode.Malformed)]
    [InlineData("""{"type":"join","room":"a b"}""", ErrorCode.Malformed)]
    [InlineData("""{"type":"join"}""", ErrorCode.Malformed)]
    [InlineData("""{"type":"join","room":"r","room":"s"}""", ErrorCode.Malformed)]
    [InlineData("""{"type":"ping","id":1}""", ErrorCode.JoinExpected)]
    [InlineData("""{"type":"news from the future"}""", ErrorCode.JoinExpected)]
    public async Task A_first_message_that_is_no_join_is_refused_with_a_reason(string text, string code)
    {
        await using OneNode node = new();
        TestSocket socket = node.Connect();
        await socket.SendTextAsync(text);
        Assert.Equal(code, await socket.RefusalAsync());
    }

    [Fact]
    public async Task Unknown_types_and_fields_of_newer_clients_do_no_harm()
    {
        await using OneNode node = new();
        TestSocket socket = node.Connect();
        await socket.SendTextAsync("""{"news":{"a":[1]},"room":"r","type":"join"}""");
        await socket.ReadAsync<Joined>();
        await socket.SendTextAsync("""{"type":"wave"}""");
        ErrorMessage error = await socket.ReadAsync<ErrorMessage>();
        Assert.Equal(ErrorCode.UnknownType, error.Code);
        Assert.False(error.Closes);
        await socket.SettleAsync();
    }

    [Fact]
    public async Task A_message_of_more_than_64_kB_is_refused()
    {
        await using OneNode node = new();
        (TestSocket socket, _) = await node.JoinAsync();
        Task send = socket.SendTextAsync(new string(' ', MessageReader.MaxBytes + 1));
        Assert.Equal(ErrorCode.TooLarge, await socket.RefusalAsync());
        await send;
    }

    [Fact]
    public async Task Binary_frames_are_refused()
    {
        await using OneNode node = new();
        (TestSocket socket, _) = await node.JoinAsync();
        await socket.Raw.SendAsync(new byte[3], System.Net.WebSockets.WebSocketMessageType.Binary, true, CancellationToken.None);
        Assert.Equal(ErrorCode.NotText, await socket.RefusalAsync());
    }

    [Fact]
    public async Task Whoever_says_nothing_is_sent_away_after_5_seconds()
    {
        await using OneNode node = new();
        TestSocket socket = node.Connect();
        node.Wait(4.9);
        node.Wait(2);
        Assert.Equal(ErrorCode.JoinTimeout, await socket.RefusalAsync());
    }

    [Fact]
    public async Task A_message_that_drips_is_cut_off_after_5_seconds()
    {
        await using OneNode node = new();
        (TestSocket socket, _) = await node.JoinAsync();
        await socket.SendTextAsync("""{"type":""", last: false);
        await socket.SendTextAsync(" ", last: false);  // when it is read, the first part has been handled
        node.Wait(4.9);
        await socket.SendTextAsync(" ", last: false);
        Assert.DoesNotContain(node.Log.Lines, line => line.Contains(ErrorCode.SlowMessage, StringComparison.Ordinal));
        node.Wait(1.5);
        Assert.Equal(ErrorCode.SlowMessage, (await socket.ReadAsync<ErrorMessage>()).Code);
    }

    [Fact]
    public async Task Silence_for_30_seconds_ends_a_session_and_pings_keep_it()
    {
        await using OneNode node = new();
        (TestSocket socket, _) = await node.JoinAsync();
        for (int i = 0; i < 5; i++)
        {
            node.Wait(25);
            await socket.SettleAsync();
        }

        node.Wait(32);
        Assert.Equal(ErrorCode.IdleTimeout, await socket.RefusalAsync());
    }

    [Fact]
    public async Task A_refused_client_that_does_not_close_is_cut()
    {
        await using OneNode node = new();
        TestSocket socket = node.Connect();
        await socket.SendTextAsync("{");
        await socket.ReadAsync<ErrorMessage>();
        Assert.Equal(1, node.Server.SessionCount);
        node.Wait(4);
        await node.Log.UntilAsync("Ended");
    }

    [Fact]
    public async Task Whoever_does_not_read_is_cut_off_and_costs_a_bounded_amount_of_memory()
    {
        await using OneNode node = new(new SignalingServerOptions { Open = true, PerAddress = Allotment.OfAddress with { MessagesPerSecond = 1e6, BytesPerSecond = 1e9 } });
        (TestSocket ann, _) = await node.JoinAsync();
        (_, Joined lazy) = await node.JoinAsync();
        await ann.ReadAsync<PeerJoined>();
        string sdp = new('x', 40_000);
        for (int i = 0; i < 20; i++)
        {
            await ann.SendAsync(new Offer(sdp, i + 1) { To = lazy.PeerId });
        }

        await node.Log.UntilAsync(ErrorCode.SlowReader);
        await ann.SettleAsync();
    }

    [Fact]
    public async Task Too_many_messages_connections_and_rooms_are_refused()
    {
        await using OneNode node = new(new SignalingServerOptions { Open = true, PerAddress = Allotment.OfAddress with { Connections = 3, Rooms = 2, MessagesPerSecond = 5 } });
        (TestSocket ann, _) = await node.JoinAsync("a");
        await node.JoinAsync("b");
        TestSocket third = node.Connect();
        await third.SendAsync(new Join("c"));
        Assert.Equal(ErrorCode.TooManyRooms, await third.RefusalAsync());
        await node.Log.UntilAsync("too-many-rooms");
        node.Wait(3);
        await node.JoinAsync("c", address: "192.0.2.2");  // another address has its own

        for (int i = 0; i < 40; i++)
        {
            await ann.SendAsync(new Pong(1));
        }

        Assert.Equal(ErrorCode.RateLimited, await ann.RefusalAsync());
        for (int i = 0; i < 4; i++)
        {
            node.Connect();
        }

        await node.Log.UntilAsync(ErrorCode.TooManyConnections);
    }

    [Fact]
    public async Task One_token_subject_has_limits_of_its_own_at_whatever_address()
    {
        await using OneNode node = new(new SignalingServerOptions { JwtSecret = Secret, PerToken = Allotment.OfToken with { Connections = 1 } });
        await node.JoinAsync("a", TokenIssuer.Issue("*", "ann", TimeSpan.FromMinutes(5), Secret, node.Time));
        TestSocket second = node.Connect("192.0.2.9");
        await second.SendAsync(new Join("b") { Token = TokenIssuer.Issue("*", "ann", TimeSpan.FromMinutes(5), Secret, node.Time) });
        Assert.Equal(ErrorCode.TooManyConnections, await second.RefusalAsync());
        await node.JoinAsync("b", TokenIssuer.Issue("*", "bob", TimeSpan.FromMinutes(5), Secret, node.Time));
    }

    [Fact]
    public async Task TURN_credentials_come_with_the_seat_and_are_renewed_on_demand()
    {
        await using OneNode node = new(new SignalingServerOptions { Open = true, TurnUrls = ["turn:relay.example"], TurnSecret = "north" });
        (TestSocket socket, Joined seat) = await node.JoinAsync();
        string first = Assert.Single(seat.IceServers).Username!;
        Assert.EndsWith(":" + seat.PeerId, first, StringComparison.Ordinal);
        Assert.Equal(600, seat.IceServersTtl);
        node.Wait(20);
        await socket.SendAsync(new IceServersRequest());
        IceServers fresh = await socket.ReadAsync<IceServers>();
        Assert.Equal(20, Expiry(fresh.Servers[0].Username!) - Expiry(first));

        static long Expiry(string username) => long.Parse(username.Split(':')[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Draining_sends_everybody_away_and_refuses_newcomers()
    {
        await using OneNode node = new();
        (TestSocket ann, _) = await node.JoinAsync();
        Task drain = node.Server.DrainAsync(TimeSpan.FromSeconds(3));
        Assert.False(node.Server.IsReady);
        Assert.InRange((await ann.ReadAsync<GoingAway>()).AfterMs, 0, 2000);
        Assert.Null(await ann.ReadAnyAsync());
        Assert.Equal(ErrorCode.GoingAway, await node.Connect().RefusalAsync());
        node.Wait(4);
        await drain.WaitAsync(OneNode.Patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_log_tells_codes_and_no_names_tokens_rooms_or_addresses()
    {
        await using OneNode node = WithTokens();
        string token = TokenIssuer.Issue("secret-room", "ann", TimeSpan.FromMinutes(5), Secret, node.Time);
        TestSocket socket = node.Connect("198.51.100.7");
        await socket.SendAsync(new Join("secret-room") { Token = token, Name = "Annabel" });
        Joined seat = await socket.ReadAsync<Joined>();
        await socket.SendTextAsync("{");
        await socket.RefusalAsync();
        await node.Log.UntilAsync("malformed");
        string log = string.Join('\n', node.Log.Lines);
        Assert.Contains(seat.PeerId, log, StringComparison.Ordinal);
        foreach (string personal in new[] { "secret-room", "Annabel", "198.51.100.7", token, seat.ResumeToken, "ann\"" })
        {
            Assert.DoesNotContain(personal, log, StringComparison.Ordinal);
        }
    }

    private static OneNode WithTokens() => new(new SignalingServerOptions { JwtSecret = Secret });
}
