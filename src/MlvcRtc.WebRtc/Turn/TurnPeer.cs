using MlvcRtc.WebRtc.Stun;

namespace MlvcRtc.WebRtc.Turn;

/// <summary>Somebody whom we reach over the relay.</summary>
internal sealed class TurnPeer(TransportAddress address)
{
    public TransportAddress Address { get; } = address;

    /// <summary>The server lets datagrams from and to this IP address pass (RFC 8656 §9).</summary>
    public bool Permitted { get; set; }

    public bool Refused { get; set; }

    /// <summary>When the permission, or the channel, is to be renewed.</summary>
    public TimeSpan Renewal { get; set; } = TimeSpan.MaxValue;

    /// <summary>0 = none asked for.</summary>
    public ushort Channel { get; set; }

    /// <summary>Datagrams may go by channel.</summary>
    public bool Bound { get; set; }
}
