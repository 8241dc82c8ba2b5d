namespace MlvcRtc.Signaling;

/// <summary>What client and server must agree on before the first message.</summary>
public static class SignalingProtocol
{
    /// <summary>The WebSocket subprotocol (RFC 6455 §1.9); its number changes when a message changes its meaning.</summary>
    public const string SubProtocol = "mlvcrtc.v1";

    public const string Path = "/v1/signal";

    /// <summary>Clients ping so often; a server that hears nothing for three of them takes the socket for dead.</summary>
    public static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(5);

    /// <summary>A client that hears nothing for so long, though it pinged, connects anew: two pings and a slow network.</summary>
    public static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(12);

    /// <summary>The server closes a socket that said nothing for so long; mobile networks stall for some seconds.</summary>
    public static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(30);
}
