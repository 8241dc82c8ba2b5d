using System.Net.WebSockets;
using MlvcRtc.Signaling.Messages;

namespace MlvcRtc.Signaling.Serving;

/// <summary>How a refusal ends a socket (RFC 6455 §7.4.1).</summary>
internal static class Refusal
{
    public static WebSocketCloseStatus StatusOf(string code) => code switch
    {
        ErrorCode.TooLarge => WebSocketCloseStatus.MessageTooBig,
        ErrorCode.NotText => WebSocketCloseStatus.InvalidMessageType,
        ErrorCode.GoingAway => WebSocketCloseStatus.EndpointUnavailable,
        _ => WebSocketCloseStatus.PolicyViolation,
    };
}
