namespace MlvcRtc.Signaling.Rooms;

/// <summary>Who sits in a room, in the order of their coming: two at most. Immutable, written as JSON where nodes share it.</summary>
/// <param name="Version">Grows with each change while somebody is there: of two pieces of news the later one can be told.</param>
public sealed record RoomState(IReadOnlyList<Seat> Seats, long Version)
{
    public const int MaxSeats = 2;

    /// <summary>A room that nobody is in; it need not be stored.</summary>
    public static RoomState Empty { get; } = new([], 0);

    public bool IsEmpty => Seats.Count == 0;

    /// <summary>When the first seat will be given up unless something happens; the end of time for an empty room.</summary>
    public DateTimeOffset AliveUntil => Seats.Count == 0 ? DateTimeOffset.MaxValue : Seats.Min(seat => seat.AliveUntil);

    public Seat? Find(string peerId) => Seats.FirstOrDefault(seat => seat.PeerId == peerId);

    public Seat? Other(string peerId) => Seats.FirstOrDefault(seat => seat.PeerId != peerId);

    internal RoomState With(Seat seat) => new([.. Seats.Select(old => old.PeerId == seat.PeerId ? seat : old)], Version + 1);
}
