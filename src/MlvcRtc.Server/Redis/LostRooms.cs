using System.Collections.Concurrent;
using MlvcRtc.Signaling.Rooms;

namespace MlvcRtc.Server.Redis;

/// <summary>
/// What this node last knew of the rooms it changed, for the day when Redis comes back without them (restarted without its append-only file, or replaced by an
/// empty one). Every node writes back what it knows; what nobody alive knows is gone, and its participants join anew.
/// </summary>
internal sealed class LostRooms(string node)
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
    /// The rule that writes a room back. A seat that is missing is added, and if it had a socket it gets time anew, so that the node that has the socket can renew it; a seat that is
    /// there stays, since whoever wrote it knew at least as much. A room that others have filled meanwhile stays as it is: two is the most.
    /// </summary>
    public RoomChange WriteBack(RoomState found, DateTimeOffset now, RoomState known)
    {
        List<Seat> seats = [.. found.Seats];
        foreach (Seat seat in known.Seats.OrderByDescending(seat => seat.Address?.Node == node))
        {
            Seat kept = seat.Address is null ? seat : seat with { AliveUntil = now + RoomRules.Lease };
            if (seats.Count < RoomState.MaxSeats && kept.AliveUntil > now && found.Find(seat.PeerId) is null)
            {
                seats.Add(kept);
            }
        }

        return new RoomChange(RoomStatus.Ok, seats.Count == found.Seats.Count ? found : new RoomState(seats, Math.Max(found.Version, known.Version) + 1), [], []);
    }
}
