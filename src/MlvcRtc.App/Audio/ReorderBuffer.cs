using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.App.Audio;

/// <summary>
/// Puts RTP packets of sound back in order: gives each once, in order of sequence numbers; waits for a missing one until so many later packets are here. Allocates nothing after the start.
/// One thread at a time.
/// </summary>
internal sealed class ReorderBuffer
{
    /// <summary>Longest payload kept; longer ones are refused.</summary>
    public const int MaxPayloadBytes = 1500;

    /// <summary>A missing packet is given up when one so far behind it is here: 200 ms of 20 ms packets, as long as a picture is delayed at most (Rtp/Playout).</summary>
    public const int Depth = 10;

    /// <summary>A power of two, so that numbers keep their places when they wrap; above <see cref="Depth"/>.</summary>
    private const int Places = 16;

    /// <summary>A number so far away is no late packet: the sender counts anew (RFC 3550 A.1, MAX_DROPOUT).</summary>
    private const int Leap = 3000;

    private readonly byte[] _bytes = new byte[Places * MaxPayloadBytes];
    private readonly Place[] _places = new Place[Places];
    private ushort _next;
    private bool _begun;
    private int _waiting;
    private int _span;  // from the next number to behind the newest

    /// <summary>Packets that came twice, or after they had been given up.</summary>
    public long Late { get; private set; }

    /// <summary>Sequence numbers given up.</summary>
    public long Lost { get; private set; }

    /// <summary>Takes a packet in. Then call <see cref="TryTake"/> until it is false, before the next.</summary>
    public void Add(ushort number, uint timestamp, ReadOnlySpan<byte> payload)
    {
        if (payload.Length > MaxPayloadBytes)
        {
            return;
        }

        int ahead = _begun ? SequenceNumber.Distance(_next, number) : 0;
        if (!_begun || Math.Abs(ahead) > Leap)
        {
            Begin(number);
            ahead = 0;
        }

        ref Place place = ref _places[number % Places];
        if (ahead < 0 || (ahead < Places && place.Used))
        {
            Late++;
            return;
        }

        if (ahead >= Places)
        {
            Lost += ahead;  // a leap over more than can wait: all before it is given up
            Begin(number);
            ahead = 0;
        }

        place = new Place(Used: true, timestamp, payload.Length);
        payload.CopyTo(_bytes.AsSpan(number % Places * MaxPayloadBytes));
        _waiting++;
        _span = Math.Max(_span, ahead + 1);
    }

    /// <summary>The next packet in order.</summary>
    /// <param name="timestamp">RTP time.</param>
    /// <param name="payload">Valid until the next <see cref="Add"/>.</param>
    /// <param name="flush">Also past missing ones: nothing more will come.</param>
    public bool TryTake(out uint timestamp, out ReadOnlySpan<byte> payload, bool flush = false)
    {
        timestamp = 0;
        payload = default;
        bool givesUp = flush || _span > Depth;
        if (_waiting == 0 || (!givesUp && !_places[_next % Places].Used))
        {
            return false;
        }

        while (!_places[_next % Places].Used)
        {
            Lost++;
            Advance();
        }

        ref Place place = ref _places[_next % Places];
        timestamp = place.Timestamp;
        payload = _bytes.AsSpan(_next % Places * MaxPayloadBytes, place.Length);
        place = default;
        _waiting--;
        Advance();
        return true;
    }

    private void Begin(ushort number)
    {
        Array.Clear(_places);
        (_begun, _next, _waiting, _span) = (true, number, 0, 0);
    }

    private void Advance()
    {
        _next++;
        _span--;
    }

    private readonly record struct Place(bool Used, uint Timestamp, int Length);
}
