using Microsoft.Extensions.Logging;

namespace MlvcRtc.Signaling.Serving;

/// <summary>The server's log lines. Event ids are append-only. "Address" and "Room" are hashes (<see cref="LogNames"/>); peer ids are random.</summary>
internal static partial class SignalingLog
{
    [LoggerMessage(1, LogLevel.Information, "Joined: peer {Peer}, room {Room}, address {Address}, connection {Connection}, resumed {Resumed}, other there {OtherThere}")]
    public static partial void Joined(ILogger log, string peer, string room, string address, long connection, bool resumed, bool otherThere);

    [LoggerMessage(2, LogLevel.Warning, "Refused: {Code}, address {Address}, connection {Connection}")]
    public static partial void Refused(ILogger log, string code, string address, long connection);

    [LoggerMessage(3, LogLevel.Information, "Ended: peer {Peer}, connection {Connection}, {How}")]
    public static partial void Ended(ILogger log, string? peer, long connection, string how);

    [LoggerMessage(4, LogLevel.Information, "Seat given up: peer {Peer}, room {Room}")]
    public static partial void SeatGone(ILogger log, string peer, string room);

    [LoggerMessage(5, LogLevel.Error, "The room store did not answer: {Reason}")]
    public static partial void StoreFailed(ILogger log, string reason);

    [LoggerMessage(6, LogLevel.Information, "Draining: {Sessions} sockets are sent away")]
    public static partial void Draining(ILogger log, int sessions);

    [LoggerMessage(7, LogLevel.Information, "Drained: {Remaining} sockets had to be cut")]
    public static partial void Drained(ILogger log, int remaining);

    [LoggerMessage(8, LogLevel.Error, "Unexpected failure in connection {Connection}")]
    public static partial void Failed(ILogger log, Exception exception, long connection);
}
