using MlvcRtc.Signaling.Messages;

namespace MlvcRtc.Signaling.Client;

/// <summary>
/// Numbered messages between us and one other participant, so that nothing is lost or doubled whatever happens to sockets and nodes in between: we repeat
/// from the oldest unacknowledged on (go-back-N), the receiver takes each number once and in order. Pure; not synchronised.
/// </summary>
/// <param name="peerId">The other; numbers begin anew with each peer id.</param>
internal sealed class PeerExchange(string peerId)
{
    /// <summary>An offer, an answer and the candidates of several restarts; a peer that acknowledges nothing for so long is not there.</summary>
    public const int MaxUnacknowledged = 128;

    /// <summary>Above the round trip of two sockets and two nodes (RFC 6298 §2.1 begins with 1 s as well).</summary>
    public static readonly TimeSpan FirstRepeat = TimeSpan.FromSeconds(1);

    /// <summary>Doubling stops here: somebody who is away for 30 s should not wait long once back, even if the server's word of it got lost.</summary>
    public static readonly TimeSpan LastRepeat = TimeSpan.FromSeconds(4);

    private readonly Queue<NumberedMessage> _unacknowledged = new();
    private long _lastSent;
    private long _lastReceived;
    private TimeSpan _repeatAt;
    private TimeSpan _interval = FirstRepeat;

    public string PeerId => peerId;

    public int Unacknowledged => _unacknowledged.Count;

    /// <summary>What we tell the other that we have.</summary>
    public Ack Acknowledgement => new(_lastReceived) { To = peerId };

    /// <summary>Gives a message its number and keeps it until acknowledged.</summary>
    /// <exception cref="InvalidOperationException"><see cref="MaxUnacknowledged"/> are waiting.</exception>
    public NumberedMessage Send(NumberedMessage message, TimeSpan now)
    {
        if (_unacknowledged.Count >= MaxUnacknowledged)
        {
            throw new InvalidOperationException($"{MaxUnacknowledged} messages are unacknowledged: the other participant does not answer. End the call.");
        }

        if (_unacknowledged.Count == 0)
        {
            _interval = FirstRepeat;
            _repeatAt = now + _interval;
        }

        NumberedMessage numbered = message with { Seq = ++_lastSent, To = peerId, From = null };
        _unacknowledged.Enqueue(numbered);
        return numbered;
    }

    /// <summary>The other has everything up to this number.</summary>
    public void Acknowledged(long seq, TimeSpan now)
    {
        if (seq > _lastSent)
        {
            return;  // nonsense: it cannot have what was not sent
        }

        while (_unacknowledged.TryPeek(out NumberedMessage? oldest) && oldest.Seq <= seq)
        {
            _unacknowledged.Dequeue();
            _interval = FirstRepeat;
            _repeatAt = now + _interval;
        }
    }

    /// <summary>What is to be sent again by now; mostly nothing.</summary>
    public IReadOnlyList<NumberedMessage> Due(TimeSpan now)
    {
        if (_unacknowledged.Count == 0 || now < _repeatAt)
        {
            return [];
        }

        _interval = 2 * _interval < LastRepeat ? 2 * _interval : LastRepeat;
        _repeatAt = now + _interval;
        return [.. _unacknowledged];
    }

    /// <summary>There is a new socket at one of the ends: all that is unacknowledged is to be sent again at once.</summary>
    public IReadOnlyList<NumberedMessage> Repeat(TimeSpan now)
    {
        _interval = FirstRepeat;
        _repeatAt = now + _interval;
        return [.. _unacknowledged];
    }

    /// <summary>True: the next one, take it. False: had it already, or one before it is missing and both will come again. Answer with <see cref="Acknowledgement"/> in either case.</summary>
    public bool TryReceive(long seq)
    {
        if (seq != _lastReceived + 1)
        {
            return false;
        }

        _lastReceived = seq;
        return true;
    }
}
