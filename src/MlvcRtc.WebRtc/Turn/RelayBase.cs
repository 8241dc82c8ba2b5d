using MlvcRtc.WebRtc.Ice;
using MlvcRtc.WebRtc.Stun;

namespace MlvcRtc.WebRtc.Turn;

/// <summary>The address on the relay, as something datagrams leave from.</summary>
internal sealed class RelayBase(TurnClient client) : LocalBase(client.Relayed, CandidateType.Relayed)
{
    public override bool Send(TransportAddress remote, ReadOnlySpan<byte> datagram) => client.Send(remote, datagram);

    public override void Prefer(TransportAddress remote) => client.Bind(remote);
}
