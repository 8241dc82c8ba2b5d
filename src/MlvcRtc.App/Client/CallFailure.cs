using MlvcRtc.App.CommandLine;
using MlvcRtc.Signaling.Client;
using MlvcRtc.Signaling.Messages;

namespace MlvcRtc.App.Client;

/// <summary>What the page is told of a call that did not come about, or broke.</summary>
internal static class CallFailure
{
    /// <param name="met">The other side was in the room.</param>
    public static ErrorReport Explain(Exception wrong, bool met) => (wrong, wrong.InnerException) switch
    {
        (_, SignalingException { Code: ErrorCode.RoomFull }) => new("room-full", wrong.Message, "Choose another room, or ask one of the two to leave."),
        (_, SignalingException { Code: ErrorCode.BadRoomName }) => new("bad-request", wrong.Message, "Choose another name for the room."),
        (_, SignalingException { Code: var code }) when code.StartsWith("token", StringComparison.Ordinal) => new("token-refused", wrong.Message, "Ask the server's operator for a token."),
        (_, SignalingException) => new("server-unreachable", wrong.Message, "Check the server's address and your network."),
        (UserError { Code: ExitCode.UnknownModel or ExitCode.Damaged }, _) => new("codec", wrong.Message, "Both sides need the same model: install the same version of the program."),
        (UserError { Code: ExitCode.BadInput }, _) => new("bad-request", wrong.Message, "Correct it and join again."),
        (UserError, _) when met => new("no-connection", wrong.Message, "Try again; if it stays, use a server with a relay (TURN)."),
        (UserError, _) => new("failed", wrong.Message, "Try again."),
        _ => new("failed", $"{wrong.Message} ({wrong.GetType().Name})", "Join again; if it stays, report it with what the program printed."),
    };
}
