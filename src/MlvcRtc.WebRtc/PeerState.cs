namespace MlvcRtc.WebRtc;

/// <summary>How far the connection to the other side has come (W3C webrtc-pc §4.3.3, RTCPeerConnectionState).</summary>
public enum PeerState
{
    New = 0,

    /// <summary>Addresses are being checked, or the DTLS handshake runs.</summary>
    Connecting = 1,

    /// <summary>Media flows in both directions.</summary>
    Connected = 2,

    /// <summary>The path stopped answering; an ICE restart may bring it back.</summary>
    Disconnected = 3,

    /// <summary>No path was found, consent was withdrawn, or the other side proved to be someone else; <see cref="IRtcPeer.Failure"/> says which.</summary>
    Failed = 4,

    /// <summary>Ended on purpose: disposed here, or the other side said goodbye (DTLS close_notify, RFC 8842 §6).</summary>
    Closed = 5,
}
