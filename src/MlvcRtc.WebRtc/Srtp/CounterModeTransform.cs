using System.Buffers.Binary;
using System.Security.Cryptography;

namespace MlvcRtc.WebRtc.Srtp;

/// <summary>AES128_CM_HMAC_SHA1_80 (RFC 3711 §4.1.1 and §4.2.1): a tag of 80 bits at the end of the packet, in SRTCP behind the index.</summary>
internal sealed class CounterModeTransform : SrtpTransform
{
    private const int TagBytes = 10;
    private const int HashBytes = SHA1.HashSizeInBytes;
    private readonly AesCounterMode _cipher;
    private readonly IncrementalHash _hash;
    private readonly byte[] _salt;

    public CounterModeTransform(SessionKeys keys)
    {
        _cipher = new AesCounterMode(keys.Encryption);
        _hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA1, keys.Authentication);
        _salt = [.. keys.Salt];
    }

    public override void ProtectRtp(ReadOnlySpan<byte> packet, int headerBytes, uint ssrc, ulong index, Span<byte> destination)
    {
        packet[..headerBytes].CopyTo(destination);
        Crypt(packet[headerBytes..], ssrc, index, destination[headerBytes..]);
        Span<byte> hash = stackalloc byte[HashBytes];
        HashRtp(destination[..packet.Length], index, hash);
        hash[..TagBytes].CopyTo(destination[packet.Length..]);
    }

    public override bool UnprotectRtp(ReadOnlySpan<byte> packet, int headerBytes, uint ssrc, ulong index, Span<byte> destination)
    {
        int bytes = packet.Length - TagBytes;
        Span<byte> hash = stackalloc byte[HashBytes];
        HashRtp(packet[..bytes], index, hash);
        if (!CryptographicOperations.FixedTimeEquals(hash[..TagBytes], packet[bytes..]))
        {
            return false;
        }

        packet[..headerBytes].CopyTo(destination);
        Crypt(packet[headerBytes..bytes], ssrc, index, destination[headerBytes..]);
        return true;
    }

    public override void ProtectRtcp(ReadOnlySpan<byte> packet, uint ssrc, uint index, Span<byte> destination)
    {
        const int Clear = SrtpProfileSizes.RtcpClearBytes;
        packet[..Clear].CopyTo(destination);
        Crypt(packet[Clear..], ssrc, index, destination[Clear..]);
        BinaryPrimitives.WriteUInt32BigEndian(destination[packet.Length..], Encrypted | index);
        int authenticated = packet.Length + SrtpProfileSizes.RtcpIndexBytes;
        Span<byte> hash = stackalloc byte[HashBytes];
        Hash(destination[..authenticated], hash);
        hash[..TagBytes].CopyTo(destination[authenticated..]);
    }

    public override bool UnprotectRtcp(ReadOnlySpan<byte> packet, uint ssrc, uint index, Span<byte> destination)
    {
        const int Clear = SrtpProfileSizes.RtcpClearBytes;
        int authenticated = packet.Length - TagBytes;
        Span<byte> hash = stackalloc byte[HashBytes];
        Hash(packet[..authenticated], hash);
        if (!CryptographicOperations.FixedTimeEquals(hash[..TagBytes], packet[authenticated..]))
        {
            return false;
        }

        packet[..Clear].CopyTo(destination);
        Crypt(packet[Clear..(authenticated - SrtpProfileSizes.RtcpIndexBytes)], ssrc, index, destination[Clear..]);
        return true;
    }

    public override void Dispose()
    {
        _cipher.Dispose();
        _hash.Dispose();
        CryptographicOperations.ZeroMemory(_salt);
    }

    /// <summary>RFC 3711 §4.2: the tag covers the packet and the rollover counter, which is not sent.</summary>
    private void HashRtp(ReadOnlySpan<byte> packet, ulong index, Span<byte> hash)
    {
        Span<byte> rollover = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(rollover, (uint)(index >> 16));
        _hash.AppendData(packet);
        Hash(rollover, hash);
    }

    private void Hash(ReadOnlySpan<byte> last, Span<byte> hash)
    {
        _hash.AppendData(last);
        _hash.GetHashAndReset(hash);
    }

    /// <summary>RFC 3711 §4.1.1: IV = (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16).</summary>
    private void Crypt(ReadOnlySpan<byte> source, uint ssrc, ulong index, Span<byte> destination)
    {
        Span<byte> counter = stackalloc byte[AesCounterMode.BlockBytes];
        BinaryPrimitives.WriteUInt32BigEndian(counter, 0);
        BinaryPrimitives.WriteUInt32BigEndian(counter[4..], ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(counter[8..], index << 16);
        for (int i = 0; i < _salt.Length; i++)
        {
            counter[i] ^= _salt[i];
        }

        _cipher.Apply(counter, source, destination);
    }
}
