using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using MlvcRtc.Signaling.Messages;

namespace MlvcRtc.Signaling.Rooms;

/// <summary>
/// The rules of rooms, pure: state and time in, state and notes out, so that one node in memory and many nodes around one store obey the same. Each rule
/// first gives up the seats whose time is over.
/// </summary>
public static class RoomRules
{
    /// <summary>How long a seat waits for its participant after the socket dropped.</summary>
    public static readonly TimeSpan ResumeWindow = TimeSpan.FromSeconds(30);

    /// <summary>How often a node renews the seats of its sockets.</summary>
    public static readonly TimeSpan RenewInterval = TimeSpan.FromSeconds(10);

    /// <summary>How long a renewal lasts: a participant whose node died has at least the whole resume window, counted from the node's last sign of life.</summary>
    public static readonly TimeSpan Lease = ResumeWindow + RenewInterval;

    /// <summary>Takes a free seat; who was there is told. A repetition of the attempt that took a seat takes it again: its answer was lost.</summary>
    /// <param name="newcomer">With an address; <see cref="Seat.AliveUntil"/> is set here.</param>
    public static RoomChange Join(RoomState state, DateTimeOffset now, Seat newcomer)
    {
        RoomChange change = Expire(state, now);
        if (change.State.Seats.FirstOrDefault(seat => Same(seat.AttemptHash, newcomer.AttemptHash)) is { } lost)
        {
            return Move(change, lost, lost with { ResumeHash = newcomer.ResumeHash, Address = newcomer.Address, AliveUntil = now + Lease });
        }

        if (change.State.Seats.Count >= RoomState.MaxSeats)
        {
            return change with { Status = RoomStatus.Full };
        }

        Seat seat = newcomer with { AliveUntil = now + Lease };
        Seat? peer = change.State.Other(seat.PeerId);
        PeerInfo info = new(seat.PeerId) { Name = seat.Name };
        return change with
        {
            State = new RoomState([.. change.State.Seats, seat], change.State.Version + 1),
            Notes = [.. change.Notes, .. Note(change.State.Version + 1, peer, new PeerJoined(info), seat)],
            Seat = seat,
            Peer = peer,
        };
    }

    /// <summary>Takes a seat up again with a new socket. The old socket, if there is one, is told that it was replaced; the other participant, that it is time to repeat.</summary>
    /// <param name="resumeToken">As the participant got it.</param>
    public static RoomChange Resume(RoomState state, DateTimeOffset now, string resumeToken, SeatAddress address)
    {
        RoomChange change = Expire(state, now);
        string hash = HashOf(resumeToken);
        return change.State.Seats.FirstOrDefault(seat => Same(seat.ResumeHash, hash)) is { } old
            ? Move(change, old, old with { Address = address, AliveUntil = now + Lease })
            : change with { Status = RoomStatus.NoSeat };
    }

    /// <summary>The socket dropped: the seat waits for <see cref="ResumeWindow"/>. Nobody is told: media may well go on.</summary>
    public static RoomChange Detach(RoomState state, DateTimeOffset now, string peerId, SeatAddress address)
    {
        RoomChange change = Expire(state, now);
        return change.State.Find(peerId) is { } seat && seat.Address == address
            ? Put(change, seat with { Address = null, AliveUntil = now + ResumeWindow })
            : change with { Status = RoomStatus.NoSeat };
    }

    /// <summary>The participant said bye.</summary>
    public static RoomChange Leave(RoomState state, DateTimeOffset now, string peerId, SeatAddress address)
    {
        RoomChange change = Expire(state, now);
        return change.State.Find(peerId) is { } seat && seat.Address == address
            ? Remove(change, seat, PeerLeft.SaidBye)
            : change with { Status = RoomStatus.NoSeat };
    }

    /// <summary>The node's sign of life for a socket's seat. <see cref="RoomStatus.NoSeat"/>: the seat was given up meanwhile, and the participant must join anew.</summary>
    public static RoomChange Renew(RoomState state, DateTimeOffset now, string peerId, SeatAddress address)
    {
        // Its own seat first: a node that stood still for long, with the socket alive, has not lost it until somebody else gave it up.
        RoomState renewed = state.Find(peerId) is { } seat && seat.Address == address ? state.With(seat with { AliveUntil = now + Lease }) : state;
        RoomChange change = Expire(renewed, now);
        Seat? own = change.State.Find(peerId);
        return own is null || own.Address != address
            ? change with { Status = RoomStatus.NoSeat }
            : change with { Seat = own, Peer = change.State.Other(peerId) };
    }

    /// <summary>Gives up the seats whose time is over; who remains is told.</summary>
    public static RoomChange Expire(RoomState state, DateTimeOffset now)
    {
        RoomChange change = new(RoomStatus.Ok, state, [], []);
        foreach (Seat seat in state.Seats.Where(seat => seat.AliveUntil <= now))
        {
            change = Remove(change, seat, PeerLeft.TimedOut);
        }

        return change;
    }

    /// <summary>What a participant must be told who knows of the one seat and should know of the other: for when notes were lost.</summary>
    public static IEnumerable<SignalMessage> News(Seat? known, Seat? peer)
    {
        if (known is not null && known.PeerId != peer?.PeerId)
        {
            yield return new PeerLeft(known.PeerId, PeerLeft.TimedOut);
        }

        if (peer is not null && known?.PeerId != peer.PeerId)
        {
            yield return new PeerJoined(new PeerInfo(peer.PeerId) { Name = peer.Name });
        }
        else if (peer?.Address is not null && peer.Address != known?.Address)
        {
            yield return new PeerResumed(peer.PeerId);
        }
    }

    /// <summary>What the shared state keeps of a participant's secret.</summary>
    public static string HashOf(string secret) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>The seat has a new socket.</summary>
    private static RoomChange Move(RoomChange change, Seat old, Seat seat)
    {
        Seat? peer = change.State.Other(seat.PeerId);
        ErrorMessage replaced = new(ErrorCode.Replaced, "Another connection has taken up this seat with the same secret; this one is closed.") { Closes = true };
        RoomNote[] toOld = old.Address is { } was && was != seat.Address ? [new RoomNote(was, replaced) { Closes = true }] : [];
        return Put(change, seat) with { Notes = [.. change.Notes, .. toOld, .. Note(change.State.Version + 1, peer, new PeerResumed(seat.PeerId), seat)] };
    }

    private static bool Same(string hash, string other) => CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(hash), Encoding.ASCII.GetBytes(other));

    private static RoomChange Put(RoomChange change, Seat seat) =>
        change with { State = change.State.With(seat), Seat = seat, Peer = change.State.Other(seat.PeerId) };

    private static RoomChange Remove(RoomChange change, Seat seat, string reason)
    {
        RoomState state = new([.. change.State.Seats.Where(other => other.PeerId != seat.PeerId)], change.State.Version + 1);
        Seat? peer = state.Other(seat.PeerId);
        return change with
        {
            State = state,
            Notes = [.. change.Notes.Where(note => note.To != seat.Address), .. Note(state.Version, peer, new PeerLeft(seat.PeerId, reason), null)],
            Gone = [.. change.Gone, seat],
            Peer = peer,
        };
    }

    private static RoomNote[] Note(long version, Seat? to, SignalMessage message, Seat? about) =>
        to?.Address is { } address ? [new RoomNote(address, message) { Peer = about, Version = version }] : [];
}
