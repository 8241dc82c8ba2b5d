namespace MlvcRtc.Signaling.Rooms;

/// <summary>What a rule made of a room.</summary>
/// <param name="Status">Whether the wish was granted.</param>
/// <param name="State">The room from now on; the same object when nothing changed.</param>
/// <param name="Notes">To be delivered if the change is stored, in this order.</param>
/// <param name="Gone">Seats given up by it; their tokens are free again.</param>
public sealed record RoomChange(RoomStatus Status, RoomState State, IReadOnlyList<RoomNote> Notes, IReadOnlyList<Seat> Gone)
{
    /// <summary>The seat it is about, after the change.</summary>
    public Seat? Seat { get; init; }

    /// <summary>The other one in the room, after the change.</summary>
    public Seat? Peer { get; init; }
}

/// <summary>How a wish to a room ended.</summary>
public enum RoomStatus
{
    Ok = 0,
    Full = 1,

    /// <summary>The seat is not there, or not this socket's any more.</summary>
    NoSeat = 2,
}
