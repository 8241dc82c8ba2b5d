namespace MlvcRtc.Call.Receiving;

/// <summary>A copy of one datagram on its way between two threads; reused.</summary>
internal sealed class ReceivedPacket
{
    /// <summary>Ethernet's MTU; what is larger is not ours.</summary>
    public const int MaxBytes = 1500;

    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(MaxBytes);
    private int _length;

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    public TimeSpan Arrival { get; private set; }

    public void Set(ReadOnlySpan<byte> bytes, TimeSpan arrival)
    {
        bytes.CopyTo(_bytes);
        _length = bytes.Length;
        Arrival = arrival;
    }
}
