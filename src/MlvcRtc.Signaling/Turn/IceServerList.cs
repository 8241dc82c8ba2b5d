using MlvcRtc.Signaling.Messages;

namespace MlvcRtc.Signaling.Turn;

/// <summary>The STUN and TURN servers that one participant is told, with credentials of its own.</summary>
internal sealed class IceServerList(IReadOnlyList<string> stunUrls, IReadOnlyList<string> turnUrls, string? turnSecret, TimeSpan lifetime, TimeProvider time)
{
    /// <summary>Seconds that the credentials are valid; null = there are none.</summary>
    public int? Ttl => turnUrls.Count == 0 ? null : (int)lifetime.TotalSeconds;

    public IReadOnlyList<IceServerInfo> For(string peerId)
    {
        List<IceServerInfo> servers = [];
        if (stunUrls.Count > 0)
        {
            servers.Add(new IceServerInfo(stunUrls));
        }

        if (turnUrls.Count > 0)
        {
            TurnCredentials credentials = TurnCredentials.Make(turnSecret!, peerId, time.GetUtcNow(), lifetime);
            servers.Add(new IceServerInfo(turnUrls) { Username = credentials.Username, Credential = credentials.Password });
        }

        return servers;
    }
}
