using MlvcRtc.Signaling.Messages;

namespace MlvcRtc.Signaling.Rooms;

/// <summary>A message for one socket, wherever it is: what nodes send each other. May get lost (the participants repeat); arrives at most once.</summary>
/// <param name="To">The socket; a note for one that is gone is dropped.</param>
/// <param name="Message">What the participant is told.</param>
public sealed record RoomNote(SeatAddress To, SignalMessage Message)
{
    /// <summary>The other's seat as it is now, where <see cref="Version"/> is not 0; null = it has left. So a node knows where relayed messages go without asking the store.</summary>
    public Seat? Peer { get; init; }

    /// <summary><see cref="RoomState.Version"/> of the state that the message tells of; 0 = it tells of none (relayed messages).</summary>
    public long Version { get; init; }

    /// <summary>The socket has lost its seat to another socket of the same participant and is closed after the message.</summary>
    public bool Closes { get; init; }
}
