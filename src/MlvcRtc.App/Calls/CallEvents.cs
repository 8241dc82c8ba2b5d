using MlvcRtc.Signaling.Client;
using MlvcRtc.WebRtc;

namespace MlvcRtc.App.Calls;

/// <summary>What a <see cref="CallSession"/> reacts to, one after the other.</summary>
internal abstract record CallEvent;

/// <summary>The signaling client has something to tell.</summary>
internal sealed record Signalled(SignalingEvent Event) : CallEvent;

/// <summary>The path to the other side changed its state.</summary>
/// <param name="Peer">Whose: a participant who left before there was a connection may be told of late.</param>
internal sealed record PathChanged(IRtcPeer Peer, PeerState State) : CallEvent;

/// <summary>This machine has other addresses than before.</summary>
internal sealed record NetworkChanged : CallEvent;

/// <summary>The other side said BYE on the media path.</summary>
internal sealed record SaidGoodbye(IRtcPeer Peer) : CallEvent;

/// <summary>Some time has passed: deadlines are looked at.</summary>
internal sealed record Tick : CallEvent;

/// <summary>How far a call that has joined its room is.</summary>
internal enum CallStage
{
    /// <summary>Nobody else is in the room.</summary>
    Waiting = 0,

    /// <summary>The other side is there; no path is yet.</summary>
    Connecting = 1,

    Connected = 2,

    /// <summary>The path is lost and another one is looked for.</summary>
    Reconnecting = 3,
}

/// <summary>How a call ended.</summary>
internal enum CallEnd
{
    /// <summary>After the asked time.</summary>
    TimeIsUp = 0,

    /// <summary>By Ctrl-C.</summary>
    WeHungUp = 1,

    TheyHungUp = 2,

    /// <summary>No path to the other side was found, or it was lost and not found again.</summary>
    ConnectionLost = 3,
}
