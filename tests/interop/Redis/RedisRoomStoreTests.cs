using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using MlvcRtc.Server.Redis;
using MlvcRtc.Signaling.Messages;
using MlvcRtc.Signaling.Rooms;

namespace MlvcRtc.InteropTests.Redis;

public class RedisRoomStoreTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_many_who_want_a_seat_on_two_nodes_two_get_one()
    {
        await using RedisServer redis = await RedisServer.Start();
        await using RedisRoomStore a = await Node(redis), b = await Node(redis);
        RoomChange[] wishes = await Task.WhenAll(Enumerable.Range(1, 20).Select(i => Join(i % 2 == 0 ? a : b, "room", $"p{i}", i)));
        Assert.Equal(2, wishes.Count(wish => wish.Status == RoomStatus.Ok));
        Assert.Equal(18, wishes.Count(wish => wish.Status == RoomStatus.Full));
    }

    [Fact]
    public async Task Who_sits_there_on_another_node_is_told_who_came_and_then_gets_what_it_sends_in_order()
    {
        await using RedisServer redis = await RedisServer.Start();
        await using RedisRoomStore a = await Node(redis), b = await Node(redis);
        Inbox inbox = new(a);
        await Join(a, "room", "first", 1);
        RoomChange second = await Join(b, "room", "second", 7);
        Assert.Equal("first", second.Peer!.PeerId);
        for (int i = 1; i <= 100; i++)
        {
            await b.PublishAsync(new RoomNote(second.Peer.Address!, new Candidate($"candidate:{i}", i) { To = "first", From = "second" }), Cancel);
        }

        RoomNote came = await inbox.Next();
        Assert.Equal("second", Assert.IsType<PeerJoined>(came.Message).Peer.PeerId);
        Assert.Equal(new SeatAddress(b.Node, 7), came.Peer!.Address);
        for (int i = 1; i <= 100; i++)
        {
            RoomNote note = await inbox.Next();
            Assert.Equal((i, new SeatAddress(a.Node, 1)), (Assert.IsType<Candidate>(note.Message).Seq, note.To));
        }
    }

    [Fact]
    public async Task A_participant_comes_back_through_another_node_and_the_old_socket_is_told()
    {
        await using RedisServer redis = await RedisServer.Start();
        await using RedisRoomStore a = await Node(redis), b = await Node(redis);
        Inbox inbox = new(a);
        await Join(a, "room", "first", 1);
        RoomChange back = await b.UpdateAsync("room", (state, now) => RoomRules.Resume(state, now, "secret of first", new SeatAddress(b.Node, 1)), Cancel);
        Assert.Equal((RoomStatus.Ok, "first"), (back.Status, back.Seat!.PeerId));
        Assert.True((await inbox.Next()).Closes);
        RoomChange stranger = await b.UpdateAsync("room", (state, now) => RoomRules.Resume(state, now, "guess", new SeatAddress(b.Node, 2)), Cancel);
        Assert.Equal(RoomStatus.NoSeat, stranger.Status);
    }

    [Fact]
    public async Task A_seat_whose_socket_dropped_is_kept_for_whoever_has_its_secret_on_any_node()
    {
        await using RedisServer redis = await RedisServer.Start();
        await using RedisRoomStore a = await Node(redis), b = await Node(redis);
        await Join(a, "room", "first", 1);
        await a.UpdateAsync("room", (state, now) => RoomRules.Detach(state, now, "first", new SeatAddress(a.Node, 1)), Cancel);
        RoomChange back = await b.UpdateAsync("room", (state, now) => RoomRules.Resume(state, now, "secret of first", new SeatAddress(b.Node, 1)), Cancel);
        Assert.Equal((RoomStatus.Ok, "first"), (back.Status, back.Seat?.PeerId));
    }

    [Fact]
    public async Task A_room_is_forgotten_by_Redis_when_its_last_seat_is_over()
    {
        await using RedisServer redis = await RedisServer.Start();
        await using RedisRoomStore a = await Node(redis);
        await Join(a, "room", "first", 1);
        RespValue life = await Ask(redis, "PTTL", "mlvcrtc:room:room");
        Assert.InRange(life.Number, RoomRules.Lease.TotalMilliseconds - 5000, RoomRules.Lease.TotalMilliseconds);
        await a.UpdateAsync("room", (state, now) => RoomRules.Leave(state, now, "first", new SeatAddress(a.Node, 1)), Cancel);
        Assert.Equal(-2, (await Ask(redis, "PTTL", "mlvcrtc:room:room")).Number);
    }

    [Fact]
    public async Task A_token_is_for_one_at_a_time_on_all_nodes()
    {
        await using RedisServer redis = await RedisServer.Start();
        await using RedisRoomStore a = await Node(redis), b = await Node(redis);
        Assert.True(await a.ClaimTokenAsync("t", "one", Limit, Cancel));
        Assert.True(await b.ClaimTokenAsync("t", "one", Limit, Cancel));
        Assert.False(await b.ClaimTokenAsync("t", "two", Limit, Cancel));
        await b.ReleaseTokenAsync("t", "two", Cancel);
        Assert.False(await b.ClaimTokenAsync("t", "two", Limit, Cancel));
        await a.ReleaseTokenAsync("t", "one", Cancel);
        Assert.True(await b.ClaimTokenAsync("t", "two", TimeSpan.FromMilliseconds(50), Cancel));
        while (!await a.ClaimTokenAsync("t", "three", Limit, Cancel))
        {
            Cancel.ThrowIfCancellationRequested();  // until the lease of 50 ms is over
        }
    }

    [Theory]
    [InlineData("--appendonly", "yes")]
    [InlineData("--appendonly", "no")]
    public async Task When_Redis_is_killed_and_started_again_everyone_still_has_a_seat_and_notes_flow(params string[] file)
    {
        await using RedisServer redis = await RedisServer.Start(file);
        await using RedisRoomStore a = await Node(redis), b = await Node(redis);
        for (int i = 0; i < 200; i++)
        {
            await Join(a, $"room{i}", "first", i);
            await Join(b, $"room{i}", "second", i);
        }

        Task again = Task.WhenAll(Restored(a), Restored(b));
        await redis.Kill();
        await redis.Begin();
        await again.WaitAsync(Limit, Cancel);
        Inbox inbox = new(b);
        for (int i = 0; i < 200; i++)
        {
            SeatAddress address = new(a.Node, i);
            RoomChange renewed = await a.UpdateAsync($"room{i}", (state, now) => RoomRules.Renew(state, now, "first", address), Cancel);
            Assert.Equal((RoomStatus.Ok, "second"), (renewed.Status, renewed.Peer?.PeerId));
            Assert.Equal(RoomStatus.Full, (await Join(b, $"room{i}", "third", 1000 + i)).Status);
        }

        await a.PublishAsync(new RoomNote(new SeatAddress(b.Node, 3), new Ack(5) { From = "first" }), Cancel);
        Assert.Equal(new Ack(5) { From = "first" }, (await inbox.Next()).Message);
    }

    [Fact]
    public async Task While_Redis_is_away_a_wish_waits_and_is_granted_when_it_is_back()
    {
        await using RedisServer redis = await RedisServer.Start();
        await using RedisRoomStore a = await Node(redis);
        await redis.Kill();
        Task<RoomChange> wish = Join(a, "room", "first", 1);
        await redis.Begin();
        Assert.Equal(RoomStatus.Ok, (await wish.WaitAsync(Limit, Cancel)).Status);
    }

    [Fact]
    public async Task While_Redis_is_away_a_node_says_so_and_passes_notes_between_its_own_sockets()
    {
        await using RedisServer redis = await RedisServer.Start();
        await using RedisRoomStore a = await Node(redis);
        Inbox inbox = new(a);
        await redis.Kill();
        RoomStoreException refusal = await Assert.ThrowsAsync<RoomStoreException>(() => Join(a, "room", "first", 1));
        Assert.Contains($"127.0.0.1:{redis.Port}", refusal.Message, StringComparison.Ordinal);
        Assert.False(a.IsReady);
        await a.PublishAsync(new RoomNote(new SeatAddress(a.Node, 3), new Ack(5)), Cancel);
        Assert.Equal(3, (await inbox.Next()).To.Connection);
        await a.PublishAsync(new RoomNote(new SeatAddress("elsewhere", 3), new Ack(5)), Cancel);
    }

    [Fact]
    public async Task A_wrong_password_is_told_and_the_right_one_opens()
    {
        await using RedisServer redis = await RedisServer.Start("--requirepass", "s3cret");
        await Assert.ThrowsAsync<RedisException>(() => RedisConnection.Open(RedisAddress.Parse($"redis://:wrong@127.0.0.1:{redis.Port}"), TimeProvider.System, null, Cancel));
        await Assert.ThrowsAsync<RedisException>(() => RedisConnection.Open(RedisAddress.Parse(redis.Address), TimeProvider.System, null, Cancel));
        await using RedisConnection open = await RedisConnection.Open(RedisAddress.Parse($"redis://:s3cret@127.0.0.1:{redis.Port}/2"), TimeProvider.System, null, Cancel);
        Assert.Equal("PONG", (await open.Call("PING")).Text);
    }

    [Fact]
    public async Task Ten_thousand_calls_of_many_threads_get_each_its_own_answer()
    {
        await using RedisServer redis = await RedisServer.Start();
        await using RedisConnection open = await RedisConnection.Open(RedisAddress.Parse(redis.Address), TimeProvider.System, null, Cancel);
        string[] answers = await Task.WhenAll(Enumerable.Range(0, 10_000).Select(i => Task.Run(async () => (await open.Call("ECHO", new string('x', i % 3000) + i)).Text)));
        Assert.Equal(Enumerable.Range(0, 10_000).Select(i => new string('x', i % 3000) + i), answers);
    }

    [Fact]
    public async Task An_answer_longer_than_the_first_buffer_is_whole()
    {
        await using RedisServer redis = await RedisServer.Start();
        await using RedisConnection open = await RedisConnection.Open(RedisAddress.Parse(redis.Address), TimeProvider.System, null, Cancel);
        byte[] bytes = new byte[RespReader.MaxBulkBytes];
        new Random(1).NextBytes(bytes);
        await open.Call("SET", "k", bytes);
        Assert.Equal(bytes, (await open.Call("GET", "k")).Bytes);
    }

    private static async Task<RedisRoomStore> Node(RedisServer redis)
    {
        RedisRoomStore store = new(redis.Address, TimeProvider.System, new Random(1), NullLogger<RedisRoomStore>.Instance);
        await Restored(store);
        return store;
    }

    private static async Task Restored(RedisRoomStore store)
    {
        TaskCompletionSource open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        store.NotesMayBeLost += open.SetResult;
        await open.Task.WaitAsync(Limit, Cancel);
        store.NotesMayBeLost -= open.SetResult;
    }

    private static async Task<RoomChange> Join(RedisRoomStore store, string room, string peer, long connection) =>
        await store.UpdateAsync(
            room,
            (state, now) => RoomRules.Join(state, now, new Seat(peer, RoomRules.HashOf("secret of " + peer), RoomRules.HashOf("attempt of " + peer), new SeatAddress(store.Node, connection), now)),
            Cancel);

    private static async Task<RespValue> Ask(RedisServer redis, string command, string key)
    {
        await using RedisConnection open = await RedisConnection.Open(RedisAddress.Parse(redis.Address), TimeProvider.System, null, Cancel);
        return await open.Call(command, key);
    }

    private sealed class Inbox
    {
        private readonly BlockingCollection<RoomNote> _notes = [];

        public Inbox(RedisRoomStore store) => store.Arrived += _notes.Add;

        public Task<RoomNote> Next() =>
            Task.Run(() => _notes.TryTake(out RoomNote? note, (int)Limit.TotalMilliseconds, Cancel) ? note : throw new TimeoutException("no note came"));
    }
}
