using System.Buffers.Binary;

namespace MlvcRtc.WebRtc.Dtls;

/// <summary>RFC 5246 §7.4, those that we look at.</summary>
internal enum HandshakeType : byte
{
    Certificate = 11,
    CertificateVerify = 15,
}

/// <summary>
/// Puts the fragments of handshake messages together (RFC 6347 §4.2.3) and gives whole messages out in order, each once. Everything comes from the wire unauthenticated, so memory is bounded
/// by constants and not by lengths that somebody wrote: <see cref="MaxAhead"/> messages of <see cref="MaxMessageBytes"/>.
/// </summary>
internal sealed class HandshakeAssembly
{
    /// <summary>Type 1, length 3, message number 2, fragment offset 3, fragment length 3 (RFC 6347 §4.2.2).</summary>
    public const int HeaderBytes = 12;

    /// <summary>The longest known is a ClientHello with a post-quantum key share, 1.8 KB. Stops a peer that announces messages of 16 MiB.</summary>
    public const int MaxMessageBytes = 8192;

    /// <summary>No flight has more than six messages (RFC 6347 §4.2.4). Stops fragments of messages that are far off from taking memory.</summary>
    public const int MaxAhead = 8;

    private readonly Dictionary<ushort, Partial> _partial = new(MaxAhead);

    /// <summary>message_seq of the next to come.</summary>
    public ushort Next { get; private set; }

    /// <summary>Takes in the payload of one handshake record, which may hold several fragments. What is malformed, repeated or out of bounds is left out.</summary>
    public void Add(ReadOnlySpan<byte> payload)
    {
        while (payload.Length >= HeaderBytes)
        {
            int length = ReadUInt24(payload[1..]);
            ushort number = BinaryPrimitives.ReadUInt16BigEndian(payload[4..]);
            int offset = ReadUInt24(payload[6..]);
            int bytes = ReadUInt24(payload[9..]);
            if (bytes > payload.Length - HeaderBytes || length > MaxMessageBytes || offset + bytes > length)
            {
                return;
            }

            if (number >= Next && number < Next + MaxAhead)
            {
                Add(payload[0], length, number, offset, payload.Slice(HeaderBytes, bytes));
            }

            payload = payload[(HeaderBytes + bytes)..];
        }
    }

    /// <summary>The next message, whole, behind the header of an unfragmented one.</summary>
    public bool TryTake(out byte[] message)
    {
        message = [];
        if (!_partial.TryGetValue(Next, out Partial? partial) || partial.Missing > 0)
        {
            return false;
        }

        message = partial.Message;
        _partial.Remove(Next++);
        return true;
    }

    private void Add(byte type, int length, ushort number, int offset, ReadOnlySpan<byte> fragment)
    {
        if (!_partial.TryGetValue(number, out Partial? partial))
        {
            _partial.Add(number, partial = new Partial(type, length, number));
        }

        if (partial.Message[0] == type && partial.Message.Length == HeaderBytes + length)  // else one of the two is forged, and which cannot be told
        {
            partial.Add(offset, fragment);
        }
    }

    private static int ReadUInt24(ReadOnlySpan<byte> bytes) => (bytes[0] << 16) | (bytes[1] << 8) | bytes[2];

    private sealed class Partial
    {
        private readonly bool[] _have;

        public Partial(byte type, int length, ushort number)
        {
            _have = new bool[length];
            Missing = length;
            Message = new byte[HeaderBytes + length];
            BinaryPrimitives.WriteUInt32BigEndian(Message, ((uint)type << 24) | (uint)length);
            BinaryPrimitives.WriteUInt16BigEndian(Message.AsSpan(4), number);
            BinaryPrimitives.WriteUInt32BigEndian(Message.AsSpan(8), (uint)length);  // offset 0 ends in the byte that this writes 0 into
        }

        public byte[] Message { get; }

        public int Missing { get; private set; }

        public void Add(int offset, ReadOnlySpan<byte> fragment)
        {
            for (int i = 0; i < fragment.Length; i++)
            {
                if (!_have[offset + i])
                {
                    _have[offset + i] = true;
                    Missing--;
                    Message[HeaderBytes + offset + i] = fragment[i];
                }
            }
        }
    }
}
