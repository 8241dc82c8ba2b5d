using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using MlvcRtc.WebRtc.Srtp;

namespace MlvcRtc.UnitTests.WebRtc.Srtp;

/// <summary>The formulas of RFC 3711 and RFC 7714 as they stand there, in big integers and one block at a time; no state, and nothing shared with the product.</summary>
internal sealed class SlowSrtp(SrtpProfile profile, SrtpKeys keys)
{
    private bool IsGcm => profile == SrtpProfile.AeadAes128Gcm;

    /// <summary>The SRTP packet of <paramref name="packet"/>, whose header takes <paramref name="headerBytes"/>, in round <paramref name="rollover"/>.</summary>
    public byte[] Rtp(byte[] packet, int headerBytes, uint rollover)
    {
        ushort number = BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(2));
        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(8));
        BigInteger index = (new BigInteger(rollover) << 16) + number;
        byte[] header = packet[..headerBytes];
        byte[] payload = packet[headerBytes..];
        if (IsGcm)
        {
            BigInteger nonce = (new BigInteger(ssrc) << 48) ^ index ^ Number(Derive(2, 12));
            return [.. header, .. Seal(Derive(0, 16), nonce, payload, header)];
        }

        byte[] encrypted = [.. header, .. Crypt(Derive(0, 16), Derive(2, 14), ssrc, index, payload)];
        return [.. encrypted, .. Tag(Derive(1, 20), [.. encrypted, .. Bytes(rollover, 4)])];
    }

    public byte[] Rtcp(byte[] packet, uint index)
    {
        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(4));
        byte[] head = packet[..8];
        byte[] word = Bytes(index + (BigInteger.One << 31), 4);
        if (IsGcm)
        {
            BigInteger nonce = (new BigInteger(ssrc) << 48) ^ index ^ Number(Derive(5, 12));
            return [.. head, .. Seal(Derive(3, 16), nonce, packet[8..], [.. head, .. word]), .. word];
        }

        byte[] encrypted = [.. head, .. Crypt(Derive(3, 16), Derive(5, 14), ssrc, index, packet[8..]), .. word];
        return [.. encrypted, .. Tag(Derive(4, 20), encrypted)];
    }

    /// <summary>RFC 3711 §4.3.3 with §4.3.1: the keystream whose first counter is (label * 2^48 XOR salt) * 2^16, salts being of 112 bits.</summary>
    private byte[] Derive(int label, int bytes)
    {
        BigInteger salt = Number(keys.MasterSalt.ToArray()) << (112 - (8 * keys.MasterSalt.Length));
        return Keystream(keys.MasterKey.ToArray(), ((new BigInteger(label) << 48) ^ salt) << 16, bytes);
    }

    private static byte[] Crypt(byte[] key, byte[] salt, uint ssrc, BigInteger index, byte[] data)
    {
        byte[] stream = Keystream(key, (Number(salt) << 16) ^ (new BigInteger(ssrc) << 64) ^ (index << 16), data.Length);
        return [.. data.Zip(stream, (one, other) => (byte)(one ^ other))];
    }

    private static byte[] Keystream(byte[] key, BigInteger counter, int bytes)
    {
        using Aes aes = Aes.Create();
        aes.Key = key;
        List<byte> stream = [];
        for (int block = 0; stream.Count < bytes; block++)
        {
            stream.AddRange(aes.EncryptEcb(Bytes(counter + block, 16), PaddingMode.None));
        }

        return [.. stream.Take(bytes)];
    }

    private static byte[] Seal(byte[] key, BigInteger nonce, byte[] payload, byte[] associated)
    {
        using AesGcm gcm = new(key, 16);
        byte[] ciphertext = new byte[payload.Length];
        byte[] tag = new byte[16];
        gcm.Encrypt(Bytes(nonce, 12), payload, ciphertext, tag, associated);
        return [.. ciphertext, .. tag];
    }

    private static byte[] Tag(byte[] key, byte[] data)
    {
        using IncrementalHash hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA1, key);  // RFC 3711 §4.2.1
        hash.AppendData(data);
        return hash.GetHashAndReset()[..10];
    }

    private static BigInteger Number(byte[] bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private static byte[] Bytes(BigInteger number, int count)
    {
        byte[] bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[count - bytes.Length], .. bytes];
    }
}
