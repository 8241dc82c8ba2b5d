using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using MlvcRtc.App.CommandLine;
using MlvcRtc.Media;

namespace MlvcRtc.App.Client;

/// <summary>
/// The web server behind the page (docs/local-client.md): on 127.0.0.1 only, for one page at a time. Files need no secret; everything else needs the session's cookie, which a one-time token
/// buys.
/// </summary>
internal sealed class LocalServer : IAsyncDisposable
{
    /// <summary>Of POST /api/session; anything larger is no token.</summary>
    private const int LargestSessionRequest = 1024;

    /// <summary>Bytes that wait in the system for a page that does not read: two pictures of 320x180. What the page does not take is dropped here, where the newest wins.</summary>
    private const int SendBufferBytes = 192 * 1024;

    private readonly LocalAccess _access = new();
    private readonly PageFiles _files;
    private readonly PageConnections _connections;
    private readonly WebApplication _web;

    private LocalServer(int port, PageFiles files, PageConnections connections)
    {
        (_files, _connections) = (files, connections);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore()
            .UseSockets(sockets => sockets.CreateBoundListenSocket = Bind)
            .ConfigureKestrel(kestrel =>
            {
                kestrel.AddServerHeader = false;
                kestrel.Limits.MaxRequestBodySize = LargestSessionRequest;
                kestrel.Limits.MinResponseDataRate = null;  // a page that shows nothing for a while, in the background, is not cut off
                kestrel.Listen(IPAddress.Loopback, port);
            });
        _web = builder.Build();
        _web.UseWebSockets();
        _web.Run(AnswerAsync);
    }

    public int Port { get; private set; }

    /// <param name="port">0 = a free one.</param>
    /// <exception cref="UserError">The port is taken.</exception>
    public static async Task<LocalServer> StartAsync(int port, PageFiles files, PageConnections connections)
    {
        LocalServer server = new(port, files, connections);
        try
        {
            await server._web.StartAsync();
            server.Port = new Uri(server._web.Urls.First()).Port;
            return server;
        }
        catch (Exception cause) when (cause is IOException or SocketException)
        {
            await server.DisposeAsync();
            throw new UserError(ExitCode.Failed, $"Port {port} cannot be listened on: {cause.Message.TrimEnd('.')}. Choose another one with --port, or leave it away.", cause);
        }
    }

    /// <summary>An address that opens the page once. The token stands in the fragment, which browsers neither send nor log.</summary>
    public Uri NewAddress() => new($"http://127.0.0.1:{Port}/#token={_access.NewToken()}");

    public async ValueTask DisposeAsync()
    {
        _connections.End();
        await _web.StopAsync();
        await _web.DisposeAsync();
    }

    private static Socket Bind(EndPoint where)
    {
        Socket socket = new(where.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { SendBufferSize = SendBufferBytes };  // connections inherit it
        try
        {
            socket.Bind(where);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Cookies know no ports: without it in the name, two clients in one browser would take each other's.</summary>
    private string CookieName => $"mlvcrtc-session-{Port}";

    private async Task AnswerAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        PageHeaders.Set(context.Response.Headers, Port);
        if (RequestOrigin.Refusal(request, Port) is { } refusal)
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, refusal);
        }
        else if (request.Path == "/api/session")
        {
            await OpenSessionAsync(context);
        }
        else if (!request.Path.StartsWithSegments("/api", StringComparison.Ordinal))
        {
            await ServeFileAsync(context);
        }
        else if (!_access.Admits(request.Cookies[CookieName]))
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, "There is no session. Open the address that the program printed; press Enter there for a fresh one.");
        }
        else if (request.Path == "/api/frames" && HttpMethods.IsGet(request.Method))
        {
            context.Response.ContentType = "application/octet-stream";
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            await _connections.ServeFramesAsync(context.Response, context.RequestAborted);
        }
        else if (request.Path.Value is "/api/control" or "/api/capture" && context.WebSockets.IsWebSocketRequest)
        {
            using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
            await (request.Path == "/api/control"
                ? _connections.ServeControlAsync(socket, context.RequestAborted)
                : _connections.ServeCaptureAsync(socket, context.RequestAborted));
        }
        else
        {
            await RefuseAsync(context, StatusCodes.Status404NotFound, "There is nothing here.");
        }
    }

    private async Task OpenSessionAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            await RefuseAsync(context, StatusCodes.Status405MethodNotAllowed, "A session is opened by POST.");
            return;
        }

        if (_access.Redeem(await ReadTokenAsync(context.Request)) is not { } cookie)
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, "The token is not valid, or was used. Press Enter in the program's window for a fresh address.");
            return;
        }

        _connections.CloseAll("taken over");
        context.Response.Cookies.Append(CookieName, cookie, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/api" });
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Null when the body holds none.</summary>
    private static async Task<string?> ReadTokenAsync(HttpRequest request)
    {
        try
        {
            using JsonDocument body = await JsonDocument.ParseAsync(request.Body, cancellationToken: request.HttpContext.RequestAborted);
            return body.RootElement.ValueKind == JsonValueKind.Object && body.RootElement.TryGetProperty("token", out JsonElement token) && token.ValueKind == JsonValueKind.String
                ? token.GetString()
                : null;
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or BadHttpRequestException)
        {
            return null;
        }
    }

    private async Task ServeFileAsync(HttpContext context)
    {
        bool reads = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        if (!reads || !_files.TryGet(context.Request.Path.Value ?? "/", out byte[] bytes, out string type))
        {
            await RefuseAsync(context, StatusCodes.Status404NotFound, "There is nothing here.");
            return;
        }

        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        if (HttpMethods.IsGet(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
        }
    }

    private static async Task RefuseAsync(HttpContext context, int status, string reason)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(reason + "\n", context.RequestAborted);
    }
}
