namespace MlvcRtc.WebRtc.Turn;

/// <summary>A whole message of the server: STUN or ChannelData.</summary>
internal delegate void TurnMessageArrived(ReadOnlySpan<byte> message, TimeSpan arrival);

/// <summary>The way to one TURN server.</summary>
internal abstract class TurnTransport : IDisposable
{
    /// <summary>TCP and TLS: messages are not lost, nor repeated.</summary>
    public abstract bool IsReliable { get; }

    /// <summary>When its threads have ended.</summary>
    public abstract Task Ended { get; }

    /// <param name="arrived">Called on the receive thread; must not block.</param>
    /// <param name="lost">The connection ended, with the reason.</param>
    public abstract void Start(TurnMessageArrived arrived, Action<string> lost);

    /// <summary>Sends one message; never blocks. False: there is no route any more.</summary>
    public abstract bool Send(ReadOnlySpan<byte> message);

    /// <summary>Ends soon, after what was sent has left.</summary>
    public abstract void Dispose();
}
