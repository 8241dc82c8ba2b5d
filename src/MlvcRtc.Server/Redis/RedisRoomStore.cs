using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using MlvcRtc.Signaling.Messages;
using MlvcRtc.Signaling.Rooms;

namespace MlvcRtc.Server.Redis;

/// <summary>
/// Rooms that any number of nodes share. A room is one key with its state as JSON, changed by compare-and-set (<see cref="RedisRoomScripts.Change"/>), so that two nodes never
/// give away one seat; each node listens on one channel, on which all notes for its sockets come. Time is Redis' own, one for all nodes. Nothing is bound to a node:
/// a participant may come back through any of them.
/// </summary>
public sealed class RedisRoomStore : IRoomStore
{
    /// <summary>Redis may be away for this long without anybody noticing more than a pause; it is what a restart with an append-only file takes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Between attempts while Redis is away.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>After an outage of one interval or more some seats may not have been renewed in time.</summary>
    private static readonly TimeSpan LongOutage = RoomRules.RenewInterval;

    /// <summary>Two participants and two nodes that expire them: four contenders at most, each of which may win a few times before us.</summary>
    private const int MaxContention = 32;

    /// <summary>Rooms written back at a time: enough to fill the connection, few enough to leave room for others.</summary>
    private const int WriteBackBatch = 64;

    private const string LifeKey = "mlvcrtc:life";

    private readonly TimeProvider _time;
    private readonly LostRooms _lost = new();
    private readonly RedisClient _redis;
    private readonly ITimer _forgetting;
    private string? _life;

    /// <param name="address">redis[s]://[[user]:password@]host[:port][/database]</param>
    /// <exception cref="FormatException">Not such an address.</exception>
    public RedisRoomStore(string address, TimeProvider time, Random random, ILogger<RedisRoomStore> log)
    {
        _time = time;
        Node = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));  // 64 bits: two of a million nodes are the same with a chance of 3e-8
        _forgetting = time.CreateTimer(_ => _lost.Forget(time.GetUtcNow()), null, RoomRules.Lease, RoomRules.Lease);
        _redis = new RedisClient(new RedisClientOptions(RedisAddress.Parse(address), ChannelOf(Node), Hear, Restore, Opened), time, random, log);
    }

    public string Node { get; }

    public bool IsReady => _redis.IsOpen;

    public event Action<RoomNote>? Arrived;

    public event Action? NotesMayBeLost;

    public async ValueTask<RoomChange> UpdateAsync(string room, Func<RoomState, DateTimeOffset, RoomChange> rule, CancellationToken cancel)
    {
        Attempt attempt = new(room, rule);
        return await Patiently(() => Update(_redis, attempt), cancel).ConfigureAwait(false);
    }

    public async ValueTask PublishAsync(RoomNote note, CancellationToken cancel)
    {
        try
        {
            // Through Redis even to ourselves: so it cannot overtake the note of a change.
            _ = await _redis.Call("PUBLISH", ChannelOf(note.To.Node), Write(note)).WaitAsync(cancel).ConfigureAwait(false);
        }
        catch (RedisException) when (note.To.Node == Node)
        {
            Arrived?.Invoke(note);  // two on one node can talk without Redis
        }
        catch (RedisException)
        {
            // Best effort: the sender repeats what is not acknowledged.
        }
    }

    public async ValueTask<bool> ClaimTokenAsync(string tokenId, string owner, TimeSpan lease, CancellationToken cancel)
    {
        RespValue answer = await Patiently(
            () => RedisRoomScripts.Claim.Run(_redis, "mlvcrtc:token:" + tokenId, owner, (long)lease.TotalMilliseconds), cancel).ConfigureAwait(false);
        return answer.Number == 1;
    }

    public async ValueTask ReleaseTokenAsync(string tokenId, string owner, CancellationToken cancel) =>
        _ = await Patiently(() => RedisRoomScripts.Release.Run(_redis, "mlvcrtc:token:" + tokenId, owner), cancel).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        await _forgetting.DisposeAsync().ConfigureAwait(false);
        await _redis.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<RoomChange> Update(IRedisCalls redis, Attempt attempt)
    {
        string key = "mlvcrtc:room:" + attempt.Room;
        for (int i = 0; i < MaxContention; i++)
        {
            RespValue read = await RedisRoomScripts.Read.Run(redis, key).ConfigureAwait(false);
            string found = read.Items[0].Text;
            DateTimeOffset now = DateTimeOffset.FromUnixTimeMilliseconds(read.Items[1].Number);
            if (attempt.Written is { } written)
            {
                if (found == written)
                {
                    return attempt.Change!;  // it was carried out, and only the answer was lost
                }

                if (found != attempt.Expected)
                {
                    throw new RoomStoreException("Redis was interrupted during a change of a room, which has been changed again since; try again.");
                }
            }

            RoomState state = Read(found);
            RoomChange change = attempt.Rule(state, now);
            if (ReferenceEquals(change.State, state) && change.Notes.Count == 0)
            {
                _lost.Note(attempt.Room, change.State);
                return change;
            }

            string next = change.State.IsEmpty ? "" : JsonSerializer.Serialize(change.State, SignalJson.Default.RoomState);
            long lifeMs = change.State.IsEmpty ? 0 : long.Max(1, (long)(change.State.Seats.Max(seat => seat.AliveUntil) - now).TotalMilliseconds);
            (attempt.Expected, attempt.Written, attempt.Change) = (found, next, change);
            byte[] told = Encoding.UTF8.GetBytes('\n' + attempt.Room + '\n' + next);
            RedisArgument[] notes = [.. change.Notes.SelectMany(note => new RedisArgument[] { ChannelOf(note.To.Node), (byte[])[.. Write(note), .. told] })];
            RespValue done = await RedisRoomScripts.Change.Run(redis, key, [found, next, lifeMs, .. notes]).ConfigureAwait(false);
            attempt.Written = null;  // there was an answer: nothing is in doubt
            if (done.Number == 1)
            {
                _lost.Note(attempt.Room, change.State);
                return change;
            }
        }

        throw new RoomStoreException($"A room was changed by others {MaxContention} times in a row while we tried; try again.");
    }

    /// <summary>Repeats while Redis is away, for a while.</summary>
    private async Task<T> Patiently<T>(Func<Task<T>> step, CancellationToken cancel)
    {
        long begun = _time.GetTimestamp();
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            try
            {
                return await step().ConfigureAwait(false);
            }
            catch (RedisException e) when (e.Code.Length > 0 || _time.GetElapsedTime(begun) > Patience)
            {
                // LOADING and the like end by themselves, yet no sooner than the connection has been made anew.
                throw new RoomStoreException($"The rooms cannot be reached: {e.Message}", e);
            }
            catch (RedisException)
            {
                await Task.Delay(Pause, _time, cancel).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Finds out whether Redis lost what it had, and writes it back.</summary>
    private async Task Restore(IRedisCalls redis, TimeSpan? outage)
    {
        _ = await redis.Call("SET", LifeKey, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), "NX").ConfigureAwait(false);
        string life = (await redis.Call("GET", LifeKey).ConfigureAwait(false)).Text;
        if (_life is not null && (life != _life || outage > LongOutage))
        {
            foreach (KeyValuePair<string, RoomState>[] batch in _lost.Known.Chunk(WriteBackBatch))
            {
                await Task.WhenAll(batch.Select(known => WriteBack(redis, known.Key, known.Value))).ConfigureAwait(false);
            }
        }

        _life = life;
    }

    private async Task WriteBack(IRedisCalls redis, string room, RoomState known)
    {
        try
        {
            _ = await Update(redis, new Attempt(room, (found, now) => LostRooms.WriteBack(found, now, known))).ConfigureAwait(false);
        }
        catch (RoomStoreException)
        {
            // Others are at this very room, so it is alive without us.
        }
    }

    private void Opened() => NotesMayBeLost?.Invoke();

    /// <summary>
    /// What comes on a node's channel: a note as JSON, which holds no raw line feed, and, when a change sent it, the room and its new state in lines of their own: so every node that has a
    /// socket in a room knows the whole room, and can write it back when Redis has lost it.
    /// </summary>
    private void Hear(byte[] message)
    {
        string[] lines = Encoding.UTF8.GetString(message).Split('\n');
        RoomNote? note;
        try
        {
            note = JsonSerializer.Deserialize(lines[0], SignalJson.Default.RoomNote);
            if (lines is [_, string room, { Length: > 0 } state])
            {
                _lost.Note(room, Read(state));
            }
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or RoomStoreException)
        {
            return;  // not from a node of ours, or from a newer one: as good as lost
        }

        if (note is not null)
        {
            Arrived?.Invoke(note);
        }
    }

    private static string ChannelOf(string node) => "mlvcrtc:node:" + node;

    private static RoomState Read(string found)
    {
        try
        {
            return found.Length == 0 ? RoomState.Empty : JsonSerializer.Deserialize(found, SignalJson.Default.RoomState) ?? RoomState.Empty;
        }
        catch (JsonException e)
        {
            throw new RoomStoreException("Redis holds a room that cannot be read; do other programs, or nodes of another version, write to the same database?", e);
        }
    }

    private static byte[] Write(RoomNote note) => JsonSerializer.SerializeToUtf8Bytes(note, SignalJson.Default.RoomNote);

    /// <summary>A change under way, over as many connections as it takes.</summary>
    private sealed class Attempt(string room, Func<RoomState, DateTimeOffset, RoomChange> rule)
    {
        public string Room => room;

        public Func<RoomState, DateTimeOffset, RoomChange> Rule => rule;

        /// <summary>What was sent and not answered; null = nothing is in doubt.</summary>
        public string? Written { get; set; }

        public string Expected { get; set; } = "";

        public RoomChange? Change { get; set; }
    }
}
