using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace MlvcRtc.WebRtc;

/// <summary>A STUN or TURN server (RFC 7064, RFC 7065; W3C RTCIceServer).</summary>
/// <param name="Url">"stun:HOST[:PORT]", "turn:HOST[:PORT][?transport=udp|tcp]", "turns:HOST[:PORT]".</param>
/// <param name="Username">TURN only.</param>
/// <param name="Credential">TURN only.</param>
public sealed record IceServer(string Url, string? Username = null, string? Credential = null);

/// <summary>What every implementation of <see cref="IRtcPeer"/> is made from.</summary>
public sealed record RtcPeerOptions
{
    /// <summary>What we offer, in the order of the m-lines. An offer from the other side is matched by kind and codec name.</summary>
    public required IReadOnlyList<MediaDescription> Media { get; init; }

    /// <summary>Tried in order; at most 8.</summary>
    public IReadOnlyList<IceServer> IceServers { get; init; } = [];

    /// <summary>Only relayed candidates are told and used (RFC 8828 mode 4; W3C iceTransportPolicy "relay").</summary>
    public bool RelayOnly { get; init; }

    /// <summary>127.0.0.1 is a candidate too, for calls within one machine; off by default as in browsers.</summary>
    public bool IncludeLoopback { get; init; }

    /// <summary>Certificates that may vouch for <c>turns:</c> servers, in the place of the system's: for a private authority. The server's name is verified in either case.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>Only these local addresses are used; null = all that are up.</summary>
    public IReadOnlyList<IPAddress>? BindAddresses { get; init; }
}

/// <summary>Makes peers of one implementation; the program chooses which.</summary>
public interface IRtcPeerFactory
{
    string Name { get; }

    /// <exception cref="ArgumentException">The options contradict themselves; the message names the option.</exception>
    IRtcPeer Create(RtcPeerOptions options);
}
