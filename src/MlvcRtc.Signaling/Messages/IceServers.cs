namespace MlvcRtc.Signaling.Messages;

/// <summary>Client to server: fresh TURN credentials, please; asked before an ICE restart or when they run out.</summary>
public sealed record IceServersRequest : SignalMessage;

/// <summary>Server to client, in answer to <see cref="IceServersRequest"/>.</summary>
/// <param name="Servers">As W3C RTCIceServer.</param>
public sealed record IceServers([property: System.Text.Json.Serialization.JsonPropertyName("iceServers")] IReadOnlyList<IceServerInfo> Servers) : SignalMessage
{
    /// <summary>Seconds that the TURN credentials stay valid; null = there are none.</summary>
    public int? Ttl { get; init; }

    internal override string? Problem() => IceServerInfo.Problem(Servers);
}

/// <summary>W3C RTCIceServer.</summary>
/// <param name="Urls">"stun:HOST[:PORT]", "turn:HOST[:PORT][?transport=udp|tcp]", "turns:HOST[:PORT]" (RFC 7064, RFC 7065).</param>
public sealed record IceServerInfo(IReadOnlyList<string> Urls)
{
    public string? Username { get; init; }

    public string? Credential { get; init; }

    /// <summary>A client keeps no more of them, so that a server cannot make it probe the world.</summary>
    public const int MaxServers = 8;

    internal static string? Problem(IReadOnlyList<IceServerInfo> servers) =>
        servers.Count > MaxServers || servers.Any(server => server is null || server.Urls.Count > MaxServers)
            ? $"More than {MaxServers} ICE servers."
            : servers.Select(server => server.Problem()).FirstOrDefault(problem => problem is not null);

    private string? Problem() =>
        Urls.Select(url => TextLimits.Required("urls", url, TextLimits.Candidate)).FirstOrDefault(problem => problem is not null)
        ?? TextLimits.Problem("username", Username, TextLimits.Candidate)
        ?? TextLimits.Problem("credential", Credential, TextLimits.Candidate);

    /// <summary>Without the credential.</summary>
    public override string ToString() => $"IceServerInfo {{ Urls = {string.Join(' ', Urls)} }}";
}
