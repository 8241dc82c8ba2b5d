using System.Threading.Channels;
using MlvcRtc.WebRtc;

namespace MlvcRtc.IntegrationTests.WebRtc;

/// <summary>Keeps copies of what arrives on one channel, together with the state of the peer at that moment.</summary>
internal sealed class Arrivals
{
    private readonly Channel<(byte[] Packet, PeerState State)> _packets = Channel.CreateUnbounded<(byte[] Packet, PeerState State)>();

    public Arrivals(IRtcPeer peer, MediaChannel channel) =>
        channel.Link.Arrived += (packet, _) => _packets.Writer.TryWrite((packet.ToArray(), peer.State));

    /// <summary>The next packet that is wanted; others are passed over (a peer may send reports of its own).</summary>
    /// <exception cref="OperationCanceledException">None came in time.</exception>
    public async Task<byte[]> NextAsync(Func<byte[], bool> wanted, TimeSpan? within = null)
    {
        using CancellationTokenSource patience = new(within ?? PeerSide.Patience);
        while (true)
        {
            (byte[] packet, _) = await _packets.Reader.ReadAsync(patience.Token);
            if (wanted(packet))
            {
                return packet;
            }
        }
    }

    /// <summary>All that has arrived and was not read yet.</summary>
    public List<(byte[] Packet, PeerState State)> TakeAll()
    {
        List<(byte[] Packet, PeerState State)> all = [];
        while (_packets.Reader.TryRead(out (byte[] Packet, PeerState State) next))
        {
            all.Add(next);
        }

        return all;
    }
}
