using System.Text.Json.Serialization;

namespace MlvcRtc.Signaling.Rooms;

/// <summary>One of the two places in a room, and who has it. Immutable; part of the state that nodes share.</summary>
/// <param name="PeerId">Random, public.</param>
/// <param name="ResumeHash">SHA-256 of the resume token in base64url: the state holds no secret.</param>
/// <param name="AttemptHash">The same of <see cref="Messages.Join.Attempt"/>.</param>
/// <param name="Address">Where the participant's socket is; null = it dropped and the seat waits.</param>
/// <param name="AliveUntil">When the seat is given up unless renewed (by its node while the socket is there) or resumed.</param>
public sealed record Seat(
    string PeerId,
    string ResumeHash,
    string AttemptHash,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] SeatAddress? Address,  // null is written, too: readers ask for every parameter
    DateTimeOffset AliveUntil)
{
    /// <summary>Shown to the other side.</summary>
    public string? Name { get; init; }

    /// <summary>What the token is known by (its jti, or its hash); null in open mode.</summary>
    public string? TokenId { get; init; }

    /// <summary>Whose token it is, hashed: limits per token count by it, also after a resume at another node.</summary>
    public string? Subject { get; init; }
}

/// <summary>A socket: the node that serves it, and the number that the node gave it.</summary>
/// <param name="Node"><see cref="IRoomStore.Node"/>.</param>
/// <param name="Connection">Unique within the node's life, from 1.</param>
public sealed record SeatAddress(string Node, long Connection);
