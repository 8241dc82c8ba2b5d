namespace MlvcRtc.WebRtc.Dtls.BouncyCastle;

/// <summary>
/// What stands between the network and BouncyCastle during a handshake: datagrams go in, and records that it may safely see come out: whole handshake messages in order, each once; our check
/// of the certificate before its own; nothing encrypted that does not authenticate. For these 1.8.10 has no defence: it allocates by announced lengths, ends the handshake at the first
/// forged record, and, when ChangeCipherSpec overtakes CertificateVerify, drops the latter for ever.
/// </summary>
internal sealed class IncomingRecords(DtlsRole role, Func<byte[], string?> refuseCertificate)
{
    /// <summary>Encrypted records that came before their keys: Finished, perhaps twice. Stops a flood of them from taking memory.</summary>
    private const int MaxEarly = 4;

    /// <summary>Finished takes 61 bytes, an alert 39; everything else of epoch 1 in a handshake is foreign.</summary>
    private const int MaxEncryptedBytes = 256;

    private static readonly byte[] ChangeCipherSpec = [1];

    private readonly HandshakeAssembly _assembly = new();
    private readonly Queue<byte[]> _ready = new();
    private readonly List<byte[]> _early = new(MaxEarly);
    private ulong _sequenceNumber;  // ours: the numbers of epoch 0 prove nothing
    private bool _clearDone;
    private bool _changed;

    /// <summary>The keys of epoch 1, when BouncyCastle has made them.</summary>
    public RecordCipher? Cipher { get; set; }

    /// <summary>Why the other side's certificate was not taken; the handshake must end with an alert.</summary>
    public string? Refusal { get; private set; }

    /// <summary>The expected certificate was seen.</summary>
    public bool CertificateChecked { get; private set; }

    /// <summary>Takes in what one datagram holds; foreign bytes are dropped.</summary>
    public void Add(ReadOnlySpan<byte> datagram)
    {
        while (DtlsRecord.TryTake(ref datagram, out DtlsRecord record))
        {
            if (record.Epoch == 0)
            {
                AddClear(record);
            }
            else if (record.Epoch == 1 && record.Whole.Length <= MaxEncryptedBytes && _early.Count < MaxEarly)
            {
                _early.Add(record.Whole.ToArray());
            }
        }
    }

    /// <summary>The next record that BouncyCastle may see.</summary>
    public bool TryTake(out byte[] record)
    {
        if (_ready.Count == 0)
        {
            TakeMessages();
        }

        if (_ready.Count == 0)
        {
            TakeEncrypted();
        }

        return _ready.TryDequeue(out record!);
    }

    private void AddClear(DtlsRecord record)
    {
        if (record.Type == DtlsContentType.Handshake)
        {
            _assembly.Add(record.Payload);
        }
        else if (record.Type == DtlsContentType.Alert && record.Payload.Length == 2 && _ready.Count < HandshakeAssembly.MaxAhead)
        {
            _ready.Enqueue(DtlsRecord.Write(DtlsContentType.Alert, _sequenceNumber++, record.Payload));
        }
    }

    private void TakeMessages()
    {
        if (!_clearDone && _assembly.TryTake(out byte[] message))
        {
            HandshakeType type = (HandshakeType)message[0];
            if (type == HandshakeType.Certificate)
            {
                Refusal ??= refuseCertificate(message[HandshakeAssembly.HeaderBytes..]);
                CertificateChecked = Refusal is null;
            }

            _clearDone = type == HandshakeType.CertificateVerify;  // the last that a client sends in the clear
            _ready.Enqueue(DtlsRecord.Write(DtlsContentType.Handshake, _sequenceNumber++, message));
        }
    }

    /// <summary>
    /// A record that authenticates says that ChangeCipherSpec was sent (RFC 5246 §7.1), arrived or not; so BouncyCastle is told so then and not before.
    /// </summary>
    private void TakeEncrypted()
    {
        if (Cipher is null || (role == DtlsRole.Server && !_clearDone))
        {
            return;
        }

        foreach (byte[] early in _early)
        {
            ReadOnlySpan<byte> bytes = early;
            if (DtlsRecord.TryTake(ref bytes, out DtlsRecord record) && Open(Cipher, record) is { } plain && IsExpected(record.Type, plain))
            {
                if (!_changed)
                {
                    _changed = true;
                    _ready.Enqueue(DtlsRecord.Write(DtlsContentType.ChangeCipherSpec, _sequenceNumber++, ChangeCipherSpec));
                }

                _ready.Enqueue(early);
            }
        }

        _early.Clear();
    }

    /// <summary>Finished, whole and alone, or an alert.</summary>
    private static bool IsExpected(DtlsContentType type, byte[] plain) => type switch
    {
        DtlsContentType.Handshake => plain.Length > HandshakeAssembly.HeaderBytes && plain.Length < MaxEncryptedBytes
            && plain[1] == 0 && plain[2] == 0 && plain[3] == plain.Length - HandshakeAssembly.HeaderBytes,
        DtlsContentType.Alert => plain.Length == 2,
        _ => false,
    };

    /// <summary>The plaintext of a record of epoch 1; null when it does not authenticate.</summary>
    public static byte[]? Open(RecordCipher cipher, DtlsRecord record)
    {
        const long Epoch1 = 1L << 48;
        return cipher.Open(Epoch1 | (long)record.SequenceNumber, (byte)record.Type, record.Payload);
    }
}
