using MlvcRtc.Rtp.Payload;

namespace MlvcRtc.Rtp.Reassembly;

/// <summary>
/// Packet-sized buffers under one bound. Memory follows the bytes that really arrived, never a number that a packet
/// claims; buffers are made on demand and kept, so steady state allocates nothing.
/// </summary>
internal sealed class FragmentPool(int capacity)
{
    private readonly byte[]?[] _buffers = new byte[capacity][];
    private readonly short[] _lengths = new short[capacity];
    private readonly short[] _free = new short[capacity];
    private int _freeCount;
    private int _made;

    /// <summary>Buffers that hold a fragment.</summary>
    public int InUse => _made - _freeCount;

    /// <summary>Copies a fragment in; false when every buffer is taken.</summary>
    public bool TryStore(ReadOnlySpan<byte> fragment, out short handle)
    {
        handle = -1;
        if (_freeCount > 0)
        {
            handle = _free[--_freeCount];
        }
        else if (_made < capacity)
        {
            handle = (short)_made++;
            _buffers[handle] = GC.AllocateUninitializedArray<byte>(PayloadFormat.MaxPayloadBytes);
        }
        else
        {
            return false;
        }

        fragment.CopyTo(_buffers[handle]);
        _lengths[handle] = (short)fragment.Length;
        return true;
    }

    public ReadOnlySpan<byte> Read(short handle) => _buffers[handle].AsSpan(0, _lengths[handle]);

    public void Return(short handle) => _free[_freeCount++] = handle;
}
