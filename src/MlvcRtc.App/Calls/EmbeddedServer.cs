using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using MlvcRtc.App.CommandLine;
using MlvcRtc.Signaling;
using MlvcRtc.Signaling.Rooms;
using MlvcRtc.Signaling.Serving;

namespace MlvcRtc.App.Calls;

/// <summary>A signaling server inside this process, open to everybody who reaches it: two people on one network need nothing else.</summary>
internal sealed class EmbeddedServer : IAsyncDisposable
{
    /// <summary>How long the other side's socket has to close when we end.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(1);

    private readonly SignalingMetrics _metrics = new();
    private readonly SignalingServer _server;
    private readonly WebApplication _web;

    private EmbeddedServer(IPAddress address, int port, SignalingServerOptions options, TimeProvider time)
    {
        _server = new(options, new MemoryRoomStore(time), time, NullLogger.Instance, _metrics);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(address, port));
        _web = builder.Build();
        _web.UseWebSockets();
        _web.Run(TakeAsync);
    }

    /// <summary>The port it listens on.</summary>
    public int Port { get; private set; }

    /// <summary>For a client in this process.</summary>
    public Uri LocalAddress => new($"ws://127.0.0.1:{Port}");

    /// <param name="address">Where to listen; any = all of this machine's.</param>
    /// <param name="port">0 = a free one.</param>
    /// <param name="time">The one clock.</param>
    /// <param name="options">Null = open to everybody, without a relay.</param>
    /// <exception cref="UserError">The port is taken, or may not be used.</exception>
    public static async Task<EmbeddedServer> StartAsync(IPAddress address, int port, TimeProvider time, SignalingServerOptions? options = null)
    {
        EmbeddedServer server = new(address, port, options ?? new SignalingServerOptions { Open = true }, time);
        try
        {
            await server._web.StartAsync();
            server.Port = new Uri(server._web.Urls.First()).Port;
            return server;
        }
        catch (Exception cause) when (cause is IOException or SocketException)
        {
            await server.DisposeAsync();
            throw new UserError(ExitCode.Failed, $"Port {port} cannot be listened on: {cause.Message.TrimEnd('.')}. Choose another one with --port.", cause);
        }
    }

    /// <summary>Addresses by which others on the network reach this machine, IPv4 before IPv6.</summary>
    public static IEnumerable<string> LanAddresses() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(network => network.OperationalStatus == OperationalStatus.Up && network.NetworkInterfaceType != NetworkInterfaceType.Loopback)
        .SelectMany(network => network.GetIPProperties().UnicastAddresses)
        .Select(unicast => unicast.Address)
        .Where(address => !address.IsIPv6LinkLocal)
        .OrderBy(address => address.AddressFamily == AddressFamily.InterNetwork ? 0 : 1)
        .Select(address => address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString());

    public async ValueTask DisposeAsync()
    {
        await _server.DrainAsync(DrainTime);
        await _web.DisposeAsync();
        await _server.DisposeAsync();
        _metrics.Dispose();
    }

    private async Task TakeAsync(HttpContext context)
    {
        if (context.Request.Path != SignalingProtocol.Path || !context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        bool known = context.WebSockets.WebSocketRequestedProtocols.Contains(SignalingProtocol.SubProtocol);
        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync(known ? SignalingProtocol.SubProtocol : null);
        await _server.ServeAsync(socket, context.Connection.RemoteIpAddress ?? IPAddress.None, context.RequestAborted);
    }
}
