namespace MlvcRtc.Signaling.Rooms;

/// <summary>
/// Where rooms are kept, and how nodes reach each other's sockets. In memory for one node (<see cref="MemoryRoomStore"/>); an implementation around a shared
/// store makes many nodes one server. All rules are in <see cref="RoomRules"/>; a store only makes changes atomic and carries notes. Members may be called
/// from any thread.
/// </summary>
public interface IRoomStore : IAsyncDisposable
{
    /// <summary>This node; unique among the nodes and new with each start of the process, since the numbers of sockets begin anew.</summary>
    string Node { get; }

    /// <summary>False while the store cannot be reached: the node is not ready for new participants.</summary>
    bool IsReady { get; }

    /// <summary>A note for a socket of this node (<see cref="SeatAddress.Node"/> = <see cref="Node"/>). Handlers do not block and do not throw.</summary>
    event Action<RoomNote>? Arrived;

    /// <summary>
    /// The way to the store was interrupted and is there again: notes for this node may have been lost meanwhile. The node renews the seats of all its sockets now, instead of within
    /// <see cref="RoomRules.RenewInterval"/>, and tells its participants what changed about the other. Handlers do not block and do not throw.
    /// </summary>
    event Action? NotesMayBeLost;

    /// <summary>
    /// Reads a room (<see cref="RoomState.Empty"/> when there is none), applies the rule and stores what it says (nothing when the state is the same object; an empty room is deleted), as one atomic step;
    /// then delivers the notes, in order with those of other changes of the room. The rule is pure and may be called again when another node was faster. A stored room may be forgotten at
    /// its last <see cref="Seat.AliveUntil"/>.
    /// </summary>
    /// <param name="room">A valid room name.</param>
    /// <param name="rule">Gets the state and the store's time.</param>
    /// <exception cref="RoomStoreException">The store could not be reached for longer than it may; nothing is known of the change.</exception>
    ValueTask<RoomChange> UpdateAsync(string room, Func<RoomState, DateTimeOffset, RoomChange> rule, CancellationToken cancel);

    /// <summary>Delivers a note to the node it is for; best effort, at most once.</summary>
    ValueTask PublishAsync(RoomNote note, CancellationToken cancel);

    /// <summary>A token may be used by one participant at a time: takes it or renews the claim.</summary>
    /// <param name="owner">The participant's attempt (<see cref="Seat.AttemptHash"/>).</param>
    /// <param name="lease">After this time the claim lapses unless renewed.</param>
    /// <returns>False: another participant has it.</returns>
    /// <exception cref="RoomStoreException">As above.</exception>
    ValueTask<bool> ClaimTokenAsync(string tokenId, string owner, TimeSpan lease, CancellationToken cancel);

    /// <summary>Gives the token back if the participant has it.</summary>
    /// <exception cref="RoomStoreException">As above.</exception>
    ValueTask ReleaseTokenAsync(string tokenId, string owner, CancellationToken cancel);
}

/// <summary>The shared store did not answer; the message says which and what to do.</summary>
public sealed class RoomStoreException(string message, Exception? cause = null) : Exception(message, cause);
