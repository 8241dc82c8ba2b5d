namespace MlvcRtc.WebRtc.Turn;

/// <summary>Bytes that wait to be written to a stream, so that who sends never waits. Whole messages or nothing. One writer at a time, one reader.</summary>
internal sealed class ByteRing(int capacity)
{
    private readonly byte[] _bytes = new byte[capacity];
    private readonly Lock _gate = new();
    private int _head;
    private int _count;

    /// <summary>False when there is no room: the message is lost, like any on a full link.</summary>
    public bool TryAdd(ReadOnlySpan<byte> message)
    {
        lock (_gate)
        {
            if (message.Length > _bytes.Length - _count)
            {
                return false;
            }

            int tail = (_head + _count) % _bytes.Length;
            int first = int.Min(message.Length, _bytes.Length - tail);
            message[..first].CopyTo(_bytes.AsSpan(tail));
            message[first..].CopyTo(_bytes);
            _count += message.Length;
            return true;
        }
    }

    /// <summary>Moves bytes to the destination; returns how many.</summary>
    public int Take(Span<byte> destination)
    {
        lock (_gate)
        {
            int taken = int.Min(int.Min(destination.Length, _count), _bytes.Length - _head);
            _bytes.AsSpan(_head, taken).CopyTo(destination);
            _head = (_head + taken) % _bytes.Length;
            _count -= taken;
            return taken;
        }
    }
}
