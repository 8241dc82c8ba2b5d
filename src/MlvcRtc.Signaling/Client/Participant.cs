using System.Buffers.Text;
using System.Security.Cryptography;
using System.Threading.Channels;
using MlvcRtc.Signaling.Messages;

namespace MlvcRtc.Signaling.Client;

/// <summary>What a client knows across its sockets: its seat, the other, and the messages between them. Pure but for the events it writes; the client's lock guards it.</summary>
internal sealed class Participant(ChannelWriter<SignalingEvent> events)
{
    private string? _resumeToken;
    private string _attempt = NewAttempt();
    private TimeSpan _pinged;

    /// <summary>Null = nobody else is there.</summary>
    public PeerExchange? Exchange { get; private set; }

    /// <summary>A fresh seat, or the old one.</summary>
    public Join JoinRequest(SignalingClientOptions options) => _resumeToken is null
        ? new Join(options.Room) { Token = options.Token, Name = options.Name, Attempt = _attempt }
        : new Join(options.Room) { Resume = _resumeToken };

    public bool PingDue(TimeSpan now)
    {
        if (now - _pinged < SignalingProtocol.PingInterval)
        {
            return false;
        }

        _pinged = now;
        return true;
    }

    /// <summary>The server does not know our seat any more.</summary>
    public void LoseSeat()
    {
        _resumeToken = null;
        _attempt = NewAttempt();
        Leave(PeerGone.SeatLost);
    }

    /// <summary>We have a seat; what is to be sent first.</summary>
    public IReadOnlyList<SignalMessage> Seated(Joined seat, TimeSpan now)
    {
        _resumeToken = seat.ResumeToken;
        _pinged = now;
        PeerInfo? peer = seat.Peers.Count > 0 ? seat.Peers[0] : null;
        if (peer is not null && peer.PeerId == Exchange?.PeerId)
        {
            return [.. Exchange.Repeat(now), Exchange.Acknowledgement];
        }

        // While we were away the other left, or somebody came, or both.
        Leave(PeerLeft.TimedOut);
        Arrive(peer, seat.Polite);
        return [];
    }

    /// <summary>Something the server sent; what is to be sent in answer.</summary>
    public IReadOnlyList<SignalMessage> Take(SignalMessage message, TimeSpan now)
    {
        switch (message)
        {
            case PeerJoined known when known.Peer.PeerId == Exchange?.PeerId:
                return [];  // told twice
            case PeerJoined arrived:
                Leave(PeerLeft.TimedOut);  // if the news of its leaving got lost: a room has two seats
                Arrive(arrived.Peer, polite: false);
                return [];
            case PeerLeft left when left.PeerId == Exchange?.PeerId:
                Leave(left.Reason);
                return [];
            case PeerResumed resumed when resumed.PeerId == Exchange?.PeerId:
                return [.. Exchange.Repeat(now), Exchange.Acknowledgement];
            case Ack ack when ack.From == Exchange?.PeerId:
                Exchange?.Acknowledged(ack.Seq, now);
                return [];
            case NumberedMessage numbered when Exchange is { } exchange && numbered.From == exchange.PeerId:
                if (exchange.TryReceive(numbered.Seq))
                {
                    events.TryWrite(new MessageArrived(numbered));
                }

                return [exchange.Acknowledgement];
            case IceServers fresh:
                events.TryWrite(new IceServersArrived(fresh.Servers, fresh.Ttl));
                return [];
            default:
                return [];
        }
    }

    private static string NewAttempt() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));

    private void Arrive(PeerInfo? peer, bool polite)
    {
        if (peer is not null)
        {
            Exchange = new PeerExchange(peer.PeerId);
            events.TryWrite(new PeerArrived(peer, polite));
        }
    }

    private void Leave(string reason)
    {
        if (Exchange is { } exchange)
        {
            Exchange = null;
            events.TryWrite(new PeerGone(exchange.PeerId, reason));
        }
    }
}
