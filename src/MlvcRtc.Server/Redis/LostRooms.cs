using System.Collections.Concurrent;
using MlvcRtc.Signaling.Rooms;

namespace MlvcRtc.Server.Redis;

/// <summary>
/// What this node last knew of the rooms it changed or was told of, for the day when Redis comes back without them (restarted without its append-only file, or replaced by an
/// empty one). Every node writes back what it knows; what nobody alive knows is gone, and its participants join anew.
/// </summary>
internal sealed class LostRooms
{
    private readonly ConcurrentDictionary<string, RoomState> _known = new(StringComparer.Ordinal);

    public IEnumerable<KeyValuePair<string, RoomState>> Known => _known;

    public void Note(string room, RoomState state)
    {
        if (state.IsEmpty)
        {
            _known.TryRemove(room, out _);
        }
        else
        {
            _known[room] = state;
        }
    }

    /// <summary>Rooms whose seats are all over need no keeping; those of our sockets are renewed long before.</summary>
    public void Forget(DateTimeOffset now)
    {
        foreach ((string room, RoomState state) in _known)
        {
            if (state.Seats.All(seat => seat.AliveUntil <= now))
            {
                _known.TryRemove(new KeyValuePair<string, RoomState>(room, state));
            }
        }
    }

    /// <summary>
    /// The rule that writes a room back: what is there and what is known become one, and where they differ about a seat, or there are more than two, the later version is right. A seat
    /// with a socket gets time anew, so that the node that has the socket can renew it.
    /// </summary>
    public static RoomChange WriteBack(RoomState found, DateTimeOffset now, RoomState known)
    {
        (RoomState later, RoomState earlier) = known.Version > found.Version ? (known, found) : (found, known);
        Seat[] seats = [.. later.Seats.Concat(earlier.Seats)
            .DistinctBy(seat => seat.PeerId)
            .Select(seat => seat.Address is null ? seat : seat with { AliveUntil = now + RoomRules.Lease })
            .Where(seat => seat.AliveUntil > now)
            .Take(RoomState.MaxSeats)];
        return new RoomChange(RoomStatus.Ok, new RoomState(seats, later.Version), [], []);
    }
}
