using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace MlvcRtc.WebRtc.Srtp;

/// <summary>
/// AES in counter mode (RFC 3711 §4.1.1): .NET offers it not by itself, so counter blocks go through ECB, many at a time, and the result is XORed over the data.
/// Allocates nothing per call. One thread at a time.
/// </summary>
internal sealed class AesCounterMode : IDisposable
{
    public const int BlockBytes = 16;

    /// <summary>One pass does for every packet that fits an Ethernet frame; longer ones take several.</summary>
    private const int PassBytes = 96 * BlockBytes;

    private readonly Aes _aes;
    private readonly ICryptoTransform _ecb;
    private readonly byte[] _counters = new byte[PassBytes];
    private readonly byte[] _keystream = new byte[PassBytes];

    /// <param name="key">16 bytes; copied.</param>
    public AesCounterMode(ReadOnlySpan<byte> key)
    {
        _aes = Aes.Create();
        _aes.SetKey(key);
        _aes.Mode = CipherMode.ECB;  // of single counters: the building block of counter mode, never of data
        _aes.Padding = PaddingMode.None;
        _ecb = _aes.CreateEncryptor();
    }

    /// <summary>XORs the keystream from <paramref name="counter"/> on over <paramref name="source"/>. Encrypts and decrypts. The two spans are the same or apart.</summary>
    /// <param name="counter">16 bytes; the last two count blocks (RFC 3711: at most 2^16 blocks, 1 MiB, which no datagram reaches).</param>
    public void Apply(ReadOnlySpan<byte> counter, ReadOnlySpan<byte> source, Span<byte> destination)
    {
        ushort block = BinaryPrimitives.ReadUInt16BigEndian(counter[14..]);
        while (source.Length > 0)
        {
            int bytes = Math.Min(source.Length, PassBytes);
            int blocks = (bytes + BlockBytes - 1) / BlockBytes;
            for (int i = 0; i < blocks; i++)
            {
                Span<byte> one = _counters.AsSpan(i * BlockBytes, BlockBytes);
                counter.CopyTo(one);
                BinaryPrimitives.WriteUInt16BigEndian(one[14..], block++);
            }

            _ecb.TransformBlock(_counters, 0, blocks * BlockBytes, _keystream, 0);
            Xor(source[..bytes], _keystream, destination);
            source = source[bytes..];
            destination = destination[bytes..];
        }
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_keystream);
        _ecb.Dispose();
        _aes.Dispose();
    }

    private static void Xor(ReadOnlySpan<byte> source, ReadOnlySpan<byte> keystream, Span<byte> destination)
    {
        int i = 0;
        for (; i + Vector<byte>.Count <= source.Length; i += Vector<byte>.Count)
        {
            (new Vector<byte>(source[i..]) ^ new Vector<byte>(keystream[i..])).CopyTo(destination[i..]);
        }

        for (; i < source.Length; i++)
        {
            destination[i] = (byte)(source[i] ^ keystream[i]);
        }
    }
}
