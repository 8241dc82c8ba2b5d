using System.Net;
using System.Net.WebSockets;
using MlvcRtc.Signaling;
using MlvcRtc.Signaling.Serving;

namespace MlvcRtc.Server.Endpoints;

/// <summary>GET /v1/signal with an upgrade to WebSocket (RFC 6455).</summary>
internal static class SignalEndpoint
{
    public static void MapSignaling(this WebApplication app) => app.Map(SignalingProtocol.Path, ServeAsync);

    private static async Task ServeAsync(HttpContext context, SignalingServer server)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = Refuse(context, server, StatusCodes.Status426UpgradeRequired);
            context.Response.Headers.Upgrade = "websocket";
            await context.Response.WriteAsync("This is a WebSocket endpoint: docs/signaling.md.\n").ConfigureAwait(false);
            return;
        }

        if (!context.WebSockets.WebSocketRequestedProtocols.Contains(SignalingProtocol.SubProtocol))
        {
            context.Response.StatusCode = Refuse(context, server, StatusCodes.Status400BadRequest);
            await context.Response.WriteAsync($"Ask for the WebSocket subprotocol {SignalingProtocol.SubProtocol}.\n").ConfigureAwait(false);
            return;
        }

        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync(
            new WebSocketAcceptContext { SubProtocol = SignalingProtocol.SubProtocol, DangerousEnableCompression = false }).ConfigureAwait(false);
        await server.ServeAsync(socket, AddressOf(context), context.RequestAborted).ConfigureAwait(false);
    }

    private static int Refuse(HttpContext context, SignalingServer server, int status)
    {
        server.RefusedUnheard(status, AddressOf(context));
        return status;
    }

    private static IPAddress AddressOf(HttpContext context) => context.Connection.RemoteIpAddress ?? IPAddress.None;
}
