using System.Buffers.Binary;
using System.Security.Cryptography;

namespace MlvcRtc.WebRtc.Srtp;

/// <summary>
/// AEAD_AES_128_GCM (RFC 7714): a tag of 128 bits behind the ciphertext, in SRTCP before the index. Two packets under one nonce give the authentication key away, so
/// <see cref="SrtpSendContext"/> never uses an index twice.
/// </summary>
internal sealed class GcmTransform : SrtpTransform
{
    private const int TagBytes = 16;
    private const int NonceBytes = 12;
    private readonly AesGcm _cipher;
    private readonly byte[] _salt;

    public GcmTransform(SessionKeys keys)
    {
        _cipher = new AesGcm(keys.Encryption, TagBytes);
        _salt = [.. keys.Salt];
    }

    public override void ProtectRtp(ReadOnlySpan<byte> packet, int headerBytes, uint ssrc, ulong index, Span<byte> destination)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        RtpNonce(ssrc, index, nonce);
        packet[..headerBytes].CopyTo(destination);
        _cipher.Encrypt(
            nonce, packet[headerBytes..], destination[headerBytes..packet.Length], destination.Slice(packet.Length, TagBytes), destination[..headerBytes]);
    }

    public override bool UnprotectRtp(ReadOnlySpan<byte> packet, int headerBytes, uint ssrc, ulong index, Span<byte> destination)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        RtpNonce(ssrc, index, nonce);
        int bytes = packet.Length - TagBytes;
        return Open(nonce, packet[..headerBytes], packet[headerBytes..bytes], packet[bytes..], packet[..headerBytes], destination);
    }

    public override void ProtectRtcp(ReadOnlySpan<byte> packet, uint ssrc, uint index, Span<byte> destination)
    {
        const int Clear = SrtpProfileSizes.RtcpClearBytes;
        Span<byte> nonce = stackalloc byte[NonceBytes];
        Span<byte> associated = stackalloc byte[Clear + SrtpProfileSizes.RtcpIndexBytes];
        RtcpNonce(ssrc, index, nonce);
        packet[..Clear].CopyTo(associated);
        BinaryPrimitives.WriteUInt32BigEndian(associated[Clear..], Encrypted | index);
        packet[..Clear].CopyTo(destination);
        _cipher.Encrypt(nonce, packet[Clear..], destination[Clear..packet.Length], destination.Slice(packet.Length, TagBytes), associated);
        associated[Clear..].CopyTo(destination[(packet.Length + TagBytes)..]);
    }

    public override bool UnprotectRtcp(ReadOnlySpan<byte> packet, uint ssrc, uint index, Span<byte> destination)
    {
        const int Clear = SrtpProfileSizes.RtcpClearBytes;
        Span<byte> nonce = stackalloc byte[NonceBytes];
        Span<byte> associated = stackalloc byte[Clear + SrtpProfileSizes.RtcpIndexBytes];
        RtcpNonce(ssrc, index, nonce);
        int sealedBytes = packet.Length - SrtpProfileSizes.RtcpIndexBytes;
        packet[..Clear].CopyTo(associated);
        packet[sealedBytes..].CopyTo(associated[Clear..]);  // RFC 7714 §9.2: header and ESRTCP word
        int bytes = sealedBytes - TagBytes;
        return Open(nonce, packet[..Clear], packet[Clear..bytes], packet[bytes..sealedBytes], associated, destination);
    }

    public override void Dispose()
    {
        _cipher.Dispose();
        CryptographicOperations.ZeroMemory(_salt);
    }

    /// <summary>RFC 7714 §8.1: 16 zero bits, SSRC, rollover counter, sequence number, XOR salt.</summary>
    private void RtpNonce(uint ssrc, ulong index, Span<byte> nonce)
    {
        BinaryPrimitives.WriteUInt16BigEndian(nonce, 0);
        BinaryPrimitives.WriteUInt32BigEndian(nonce[2..], ssrc);
        BinaryPrimitives.WriteUInt32BigEndian(nonce[6..], (uint)(index >> 16));
        BinaryPrimitives.WriteUInt16BigEndian(nonce[10..], (ushort)index);
        AddSalt(nonce);
    }

    /// <summary>RFC 7714 §9.1: 16 zero bits, SSRC, 17 zero bits, index of 31 bits, XOR salt.</summary>
    private void RtcpNonce(uint ssrc, uint index, Span<byte> nonce)
    {
        BinaryPrimitives.WriteUInt16BigEndian(nonce, 0);
        BinaryPrimitives.WriteUInt32BigEndian(nonce[2..], ssrc);
        BinaryPrimitives.WriteUInt16BigEndian(nonce[6..], 0);
        BinaryPrimitives.WriteUInt32BigEndian(nonce[8..], index);
        AddSalt(nonce);
    }

    private void AddSalt(Span<byte> nonce)
    {
        for (int i = 0; i < NonceBytes; i++)
        {
            nonce[i] ^= _salt[i];
        }
    }

    private bool Open(
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> header,
        ReadOnlySpan<byte> ciphertext,
        ReadOnlySpan<byte> tag,
        ReadOnlySpan<byte> associated,
        Span<byte> destination)
    {
        try
        {
            _cipher.Decrypt(nonce, ciphertext, tag, destination.Slice(header.Length, ciphertext.Length), associated);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        header.CopyTo(destination);
        return true;
    }
}
