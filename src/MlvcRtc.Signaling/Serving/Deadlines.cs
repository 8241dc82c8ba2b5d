using MlvcRtc.Signaling.Messages;

namespace MlvcRtc.Signaling.Serving;

/// <summary>How long a socket may take for things; looked at once a second, so each is a lower bound.</summary>
internal static class Deadlines
{
    /// <summary>A connection that says nothing holds memory: it has this long for its first message.</summary>
    public static readonly TimeSpan Join = TimeSpan.FromSeconds(5);

    /// <summary>From a message's first byte to its last; slow-loris sockets take longer.</summary>
    public static readonly TimeSpan Message = TimeSpan.FromSeconds(5);

    /// <summary>A message that cannot be written for so long means that nobody reads.</summary>
    public static readonly TimeSpan Send = TimeSpan.FromSeconds(10);

    /// <summary>A refused client has this long to read why and to close.</summary>
    public static readonly TimeSpan Close = TimeSpan.FromSeconds(2);

    /// <summary>The code and words of what was missed; null = nothing. Sending and closing are not here: nobody would read the words.</summary>
    /// <param name="joined">The first message was accepted.</param>
    /// <param name="open">Since the socket is open.</param>
    /// <param name="silent">Since the last message.</param>
    /// <param name="partial">Since the first byte of an unfinished message.</param>
    public static (string Code, string Message)? Missed(bool joined, TimeSpan open, TimeSpan silent, TimeSpan partial)
    {
        if (partial > Message)
        {
            return (ErrorCode.SlowMessage, $"A message took longer than {Message.TotalSeconds} s to arrive.");
        }

        if (!joined && open > Join)
        {
            return (ErrorCode.JoinTimeout, $"The first message, join, is due within {Join.TotalSeconds} s.");
        }

        return silent > SignalingProtocol.IdleLimit
            ? (ErrorCode.IdleTimeout, $"Nothing was heard for {SignalingProtocol.IdleLimit.TotalSeconds} s. Send a ping every {SignalingProtocol.PingInterval.TotalSeconds} s.")
            : null;
    }
}
