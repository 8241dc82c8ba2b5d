using MlvcRtc.Signaling.Limits;
using MlvcRtc.Signaling.Messages;
using MlvcRtc.Signaling.Rooms;
using MlvcRtc.Signaling.Serving;
using MlvcRtc.Signaling.Tokens;

namespace MlvcRtc.UnitTests.Signaling;

public sealed class StoreFailureTests
{
    private const string Secret = "a secret of more than thirty-two bytes";

    [Fact]
    public async Task Attempts_while_the_store_fails_do_not_use_up_the_limits_of_those_who_make_them()
    {
        VirtualTime time = new();
        await using FailingStore store = new(time);
        AllowanceTable subjects = new(Allotment.OfToken with { Connections = 1, Rooms = 1 }, time);
        Allowance address = new(Allotment.OfAddress with { Rooms = 1 });
        Admission admission = new(new TokenVerifier(Secret, null, null, time), subjects, store, time);
        string token = TokenIssuer.Issue("*", "alice", TimeSpan.FromHours(1), Secret, time);
        Admitted seated = await admission.AdmitAsync(new Join("a") { Token = token }, address, new SeatAddress(store.Node, 1));
        Assert.Null(seated.Code);
        admission.Exit("a", address, seated.Subject);

        store.Fails = true;
        for (long connection = 2; connection < 5; connection++)
        {
            SeatAddress socket = new(store.Node, connection);
            await Assert.ThrowsAsync<RoomStoreException>(() => admission.AdmitAsync(new Join("a") { Resume = seated.ResumeToken }, address, socket).AsTask());
            await Assert.ThrowsAsync<RoomStoreException>(() => admission.AdmitAsync(new Join("b") { Token = token }, address, socket).AsTask());
        }

        store.Fails = false;
        string another = TokenIssuer.Issue("*", "alice", TimeSpan.FromHours(1), Secret, time);
        Assert.Null((await admission.AdmitAsync(new Join("b") { Token = another }, address, new SeatAddress(store.Node, 5))).Code);
    }

    /// <summary>Answers about rooms, and not about tokens while it fails.</summary>
    private sealed class FailingStore(TimeProvider time) : IRoomStore
    {
        private readonly MemoryRoomStore _store = new(time);

        public bool Fails { get; set; }

        public string Node => _store.Node;

        public bool IsReady => _store.IsReady;

        public event Action<RoomNote>? Arrived
        {
            add => _store.Arrived += value;
            remove => _store.Arrived -= value;
        }

        public event Action? NotesMayBeLost
        {
            add => _store.NotesMayBeLost += value;
            remove => _store.NotesMayBeLost -= value;
        }

        public ValueTask<RoomChange> UpdateAsync(string room, Func<RoomState, DateTimeOffset, RoomChange> rule, CancellationToken cancel) =>
            _store.UpdateAsync(room, rule, cancel);

        public ValueTask PublishAsync(RoomNote note, CancellationToken cancel) => _store.PublishAsync(note, cancel);

        public ValueTask<bool> ClaimTokenAsync(string tokenId, string owner, TimeSpan lease, CancellationToken cancel) =>
            Fails ? throw new RoomStoreException("The store does not answer.") : _store.ClaimTokenAsync(tokenId, owner, lease, cancel);

        public ValueTask ReleaseTokenAsync(string tokenId, string owner, CancellationToken cancel) => _store.ReleaseTokenAsync(tokenId, owner, cancel);

        public ValueTask DisposeAsync() => _store.DisposeAsync();
    }
}
