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
        (_, SignalingException { Code: ErrorCode.RoomFull }) => Report("room-full", wrong.Message, "Choose another room, or ask one of the two to leave."),
        (_, SignalingException { Code: ErrorCode.BadRoomName }) => Report("bad-request", wrong.Message, "Choose another name for the room."),
        (_, SignalingException { Code: var code }) when code.StartsWith("token", StringComparison.Ordinal) => Report("token-refused", wrong.Message, "Ask the server's operator for a token."),
        (_, SignalingException) => Report("server-unreachable", wrong.Message, "Check the server's address and your network."),
        (UserError { Code: ExitCode.UnknownModel or ExitCode.Damaged }, _) => Report("codec", wrong.Message, "Both sides need the same model: install the same version of the program."),
        (UserError { Code: ExitCode.BadInput }, _) => Report("bad-request", wrong.Message, "Correct it and join again."),
        (UserError, _) when met => Report("no-connection", wrong.Message, "Try again; if it stays, use a server with a relay (TURN)."),
        (UserError, _) => Report("failed", wrong.Message, "Try again."),
        _ => Report("failed", $"{wrong.Message} ({wrong.GetType().Name})", "Join again; if it stays, report it with what the program printed."),
    };

    /// <summary>Messages of the program say cause and remedy in a few sentences; the first of them is the cause.</summary>
    /// <param name="remedy">Where the message holds none.</param>
    private static ErrorReport Report(string code, string message, string remedy)
    {
        int end = message.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? new ErrorReport(code, message, remedy) : new ErrorReport(code, message[..(end + 1)], message[(end + 2)..]);
    }
}
