using System.Net.WebSockets;
using MlvcRtc.Signaling.Messages;

namespace MlvcRtc.Signaling.Client;

/// <summary>Where to call and as whom.</summary>
public sealed record SignalingClientOptions
{
    /// <summary>ws:// or wss:// addresses, tried in turn; without a path, <see cref="SignalingProtocol.Path"/> is added. Several nodes here survive the death of one.</summary>
    public required IReadOnlyList<Uri> Servers { get; init; }

    /// <summary>See <see cref="RoomName"/>.</summary>
    public required string Room { get; init; }

    /// <summary>JWT; null where the server is open.</summary>
    public string? Token { get; init; }

    /// <summary>Shown to the other side.</summary>
    public string? Name { get; init; }

    /// <summary>How long <see cref="SignalingClient.JoinAsync"/> tries when no server answers. Default 10 s.</summary>
    public TimeSpan JoinPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a lost connection is sought before the client ends. Default 60 s: beyond the resume window of 30 s a fresh seat is taken.</summary>
    public TimeSpan ResumePatience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Further settings of the socket: a certificate authority of one's own, a proxy.</summary>
    public Action<ClientWebSocketOptions>? Configure { get; init; }

    /// <exception cref="ArgumentException">Names the option.</exception>
    internal void Validate()
    {
        if (Servers.Count == 0 || Servers.Any(server => !server.IsAbsoluteUri || server.Scheme is not ("ws" or "wss")))
        {
            throw new ArgumentException("Servers: at least one address, each beginning with ws:// or wss://.");
        }

        if (RoomName.Problem(Room) is { } room)
        {
            throw new ArgumentException("Room: " + room);
        }

        if (TextLimits.Problem("Name", Name, TextLimits.Name) is { } name)
        {
            throw new ArgumentException(name);
        }
    }
}
