using System.Globalization;
using System.Text;

namespace MlvcRtc.WebRtc.Ice;

/// <summary>How a server is spoken to.</summary>
internal enum ServerProtocol
{
    Stun = 0,
    TurnUdp = 1,
    TurnTcp = 2,
    TurnTls = 3,
}

/// <summary>A server URL taken apart (RFC 7064 §3.1, RFC 7065 §3.1).</summary>
/// <param name="Host">A name, or an address without brackets.</param>
internal sealed record IceServerAddress(ServerProtocol Protocol, string Host, int Port, string Username, string Credential)
{
    private const int DefaultPort = 3478;

    private const int DefaultTlsPort = 5349;

    /// <summary>RFC 8489 §14.3: USERNAME has fewer than 509 bytes. It comes from the signaling server, and has to fit our buffer.</summary>
    private const int MaxUsernameBytes = 508;

    /// <exception cref="ArgumentException">The message names the URL and what is wrong with it.</exception>
    public static IceServerAddress Parse(IceServer server)
    {
        string url = server.Url;
        int colon = url.IndexOf(':', StringComparison.Ordinal);
        string scheme = colon < 0 ? "" : url[..colon];
        string rest = url[(colon + 1)..];
        string transport = "";
        int question = rest.IndexOf('?', StringComparison.Ordinal);
        if (question >= 0)
        {
            transport = rest[(question + 1)..];
            rest = rest[..question];
        }

        ServerProtocol protocol = (scheme, transport) switch
        {
            ("stun", "") => ServerProtocol.Stun,
            ("turn", "" or "transport=udp") => ServerProtocol.TurnUdp,
            ("turn", "transport=tcp") => ServerProtocol.TurnTcp,
            ("turns", "" or "transport=tcp") => ServerProtocol.TurnTls,
            _ => throw Wrong(url, "it must be stun:HOST[:PORT], turn:HOST[:PORT][?transport=udp|tcp] or turns:HOST[:PORT]"),
        };
        if (protocol != ServerProtocol.Stun && (string.IsNullOrEmpty(server.Username) || server.Credential is null))
        {
            throw Wrong(url, "a TURN server needs a user name and a credential");
        }

        if (Encoding.UTF8.GetByteCount(server.Username ?? "") > MaxUsernameBytes)
        {
            throw Wrong(url, $"its user name has more than {MaxUsernameBytes} bytes");
        }

        int portAt = rest.StartsWith('[') ? rest.IndexOf("]:", StringComparison.Ordinal) + 1 : rest.IndexOf(':', StringComparison.Ordinal);
        int port = protocol == ServerProtocol.TurnTls ? DefaultTlsPort : DefaultPort;
        if (portAt > 0)
        {
            if (!int.TryParse(rest.AsSpan(portAt + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is 0 or > ushort.MaxValue)
            {
                throw Wrong(url, "the port must be 1 to 65535");
            }

            rest = rest[..portAt];
        }

        string host = rest.Trim('[', ']');
        return host.Length is 0 or > 255
            ? throw Wrong(url, "the host is missing or too long")
            : new IceServerAddress(protocol, host, port, server.Username ?? "", server.Credential ?? "");
    }

    private static ArgumentException Wrong(string url, string why) => new($"IceServers: \"{url}\" cannot be used: {why}.");
}
