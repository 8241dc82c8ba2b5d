using MlvcRtc.Signaling.Messages;

namespace MlvcRtc.Signaling.Sockets;

/// <summary>What came over a socket.</summary>
internal enum ReceivedKind
{
    Message = 0,

    /// <summary>JSON that is no message of ours, or no JSON.</summary>
    Malformed = 1,
    UnknownType = 2,
    TooLarge = 3,

    /// <summary>A binary frame.</summary>
    NotText = 4,

    /// <summary>The other side closed, or the connection broke.</summary>
    Closed = 5,
}

/// <param name="Message">Null unless the kind is <see cref="ReceivedKind.Message"/>.</param>
/// <param name="Bytes">Length of the frame.</param>
/// <param name="Problem">For people; with <see cref="ReceivedKind.Closed"/>: the other side broke the WebSocket protocol.</param>
internal readonly record struct Received(ReceivedKind Kind, SignalMessage? Message, int Bytes, string? Problem);
