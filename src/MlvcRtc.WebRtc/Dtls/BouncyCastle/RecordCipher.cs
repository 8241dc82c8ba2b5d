using System.Buffers.Binary;
using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Tls;

namespace MlvcRtc.WebRtc.Dtls.BouncyCastle;

/// <summary>
/// AES-128-GCM of DTLS records (RFC 5288) by .NET. BouncyCastle 1.8.10's own keeps bytes of a record that failed to authenticate and then fails every later one, so that a single forged
/// record would end a handshake. This one has no state but the keys. One thread at a time.
/// </summary>
internal sealed class RecordCipher : TlsCipher, IDisposable
{
    private const int KeyBytes = 16;

    /// <summary>RFC 5288 §3: 4 bytes of each nonce come from the handshake, 8 stand before the ciphertext.</summary>
    private const int SaltBytes = 4;
    private const int ExplicitBytes = 8;
    private const int TagBytes = 16;
    private const int Overhead = ExplicitBytes + TagBytes;

    private readonly AesGcm _write;
    private readonly AesGcm _read;
    private readonly byte[] _writeSalt;
    private readonly byte[] _readSalt;

    /// <summary>Keys as in RFC 5246 §6.3: client key, server key, client salt, server salt.</summary>
    public RecordCipher(TlsContext context)
    {
        SecurityParameters parameters = context.SecurityParameters;
        byte[] block = TlsUtilities.PRF(
            context, parameters.MasterSecret, ExporterLabel.key_expansion, [.. parameters.ServerRandom, .. parameters.ClientRandom], 2 * (KeyBytes + SaltBytes));
        AesGcm client = new(block.AsSpan(0, KeyBytes), TagBytes);
        AesGcm server = new(block.AsSpan(KeyBytes, KeyBytes), TagBytes);
        byte[] clientSalt = block[(2 * KeyBytes)..((2 * KeyBytes) + SaltBytes)];
        byte[] serverSalt = block[((2 * KeyBytes) + SaltBytes)..];
        CryptographicOperations.ZeroMemory(block);
        (_write, _writeSalt, _read, _readSalt) = context.IsServer ? (server, serverSalt, client, clientSalt) : (client, clientSalt, server, serverSalt);
    }

    public int GetPlaintextLimit(int ciphertextLimit) => ciphertextLimit - Overhead;

    /// <param name="seqNo">Epoch and record number: never twice, so it serves as nonce (RFC 5288 §3).</param>
    public byte[] EncodePlaintext(long seqNo, byte type, byte[] plaintext, int offset, int len)
    {
        byte[] record = new byte[len + Overhead];
        BinaryPrimitives.WriteInt64BigEndian(record, seqNo);
        _write.Encrypt(
            [.. _writeSalt, .. record.AsSpan(0, ExplicitBytes)],
            plaintext.AsSpan(offset, len),
            record.AsSpan(ExplicitBytes, len),
            record.AsSpan(ExplicitBytes + len),
            Associated(seqNo, type, len));
        return record;
    }

    /// <exception cref="TlsFatalAlert">It does not authenticate.</exception>
    public byte[] DecodeCiphertext(long seqNo, byte type, byte[] ciphertext, int offset, int len) =>
        Open(seqNo, type, ciphertext.AsSpan(offset, len)) ?? throw new TlsFatalAlert(AlertDescription.bad_record_mac);

    /// <summary>The plaintext, or null when it does not authenticate.</summary>
    public byte[]? Open(long seqNo, byte type, ReadOnlySpan<byte> ciphertext)
    {
        int bytes = ciphertext.Length - Overhead;
        if (bytes < 0)
        {
            return null;
        }

        byte[] plaintext = new byte[bytes];
        try
        {
            _read.Decrypt([.. _readSalt, .. ciphertext[..ExplicitBytes]], ciphertext.Slice(ExplicitBytes, bytes), ciphertext[^TagBytes..], plaintext, Associated(seqNo, type, bytes));
            return plaintext;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        _write.Dispose();
        _read.Dispose();
    }

    /// <summary>RFC 5246 §6.2.3.3: number, type, version, length of the plaintext.</summary>
    private static byte[] Associated(long seqNo, byte type, int bytes)
    {
        byte[] associated = new byte[13];
        BinaryPrimitives.WriteInt64BigEndian(associated, seqNo);
        associated[8] = type;
        BinaryPrimitives.WriteUInt16BigEndian(associated.AsSpan(9), DtlsRecord.Version12);
        BinaryPrimitives.WriteUInt16BigEndian(associated.AsSpan(11), (ushort)bytes);
        return associated;
    }
}
