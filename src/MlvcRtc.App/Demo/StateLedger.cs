using System.Security.Cryptography;

namespace MlvcRtc.App.Demo;

/// <summary>
/// Compares the recurrent state of an encoder with that of the decoder at the other end, frame by frame: the property that everything else
/// rests on. Keeps one SHA-256 per coded frame. The encode thread enters, the decode thread compares.
/// </summary>
internal sealed class StateLedger
{
    /// <summary>Frames that may lie between coding and decoding: 17 s at 60 frames/s.</summary>
    private const int Capacity = 1024;

    private readonly byte[] _hashes = new byte[Capacity * SHA256.HashSizeInBytes];
    private readonly int[] _frames = new int[Capacity];
    private readonly Lock _gate = new();
    private int _compared;
    private int _mismatches;

    public StateLedger() => _frames.AsSpan().Fill(-1);

    public int Compared => Volatile.Read(ref _compared);

    public int Mismatches => Volatile.Read(ref _mismatches);

    /// <param name="frameId">The coded frame.</param>
    /// <param name="state">The encoder's state after it.</param>
    public void Enter(ushort frameId, ReadOnlySpan<byte> state)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(state, hash);
        lock (_gate)
        {
            hash.CopyTo(Slot(frameId));
            _frames[frameId % Capacity] = frameId;
        }
    }

    /// <param name="frameId">The decoded frame.</param>
    /// <param name="state">The decoder's state after it.</param>
    public void Compare(ushort frameId, ReadOnlySpan<byte> state)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(state, hash);
        lock (_gate)
        {
            if (_frames[frameId % Capacity] != frameId)
            {
                return;
            }

            _compared++;
            if (!hash.SequenceEqual(Slot(frameId)))
            {
                _mismatches++;
            }
        }
    }

    private Span<byte> Slot(ushort frameId) => _hashes.AsSpan(frameId % Capacity * SHA256.HashSizeInBytes, SHA256.HashSizeInBytes);
}
