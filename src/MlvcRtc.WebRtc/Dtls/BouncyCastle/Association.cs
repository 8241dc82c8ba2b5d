using MlvcRtc.WebRtc.Srtp;
using Org.BouncyCastle.Crypto.Tls;

namespace MlvcRtc.WebRtc.Dtls.BouncyCastle;

/// <summary>
/// A completed handshake: what still arrives is alerts, and, when our last flight was lost, the other side's last flight again (RFC 6347 §4.2.4). Application data is nobody's here.
/// </summary>
internal sealed class Association(
    DtlsTransport transport, RecordCipher cipher, IReadOnlyList<byte[]> lastFlight, TimeProvider time, DatagramOut send, Action<DtlsEnding> ended)
{
    /// <summary>An answer to every record would let a forger make us send; this is half the shortest resend interval of a peer (BoringSSL 50 ms).</summary>
    private static readonly TimeSpan BetweenResends = TimeSpan.FromMilliseconds(25);

    /// <summary>An alert of two bytes under AES-GCM takes 39.</summary>
    private const int MaxAlertBytes = 256;

    private readonly Lock _lock = new();
    private readonly ReplayWindow _seen = new();
    private long? _resent;
    private bool _over;

    /// <summary>Bytes that are no record, do not authenticate or were seen before change nothing.</summary>
    public void Deliver(ReadOnlySpan<byte> datagram)
    {
        DtlsEnding? ending = null;
        bool resend = false;
        lock (_lock)
        {
            while (!_over && DtlsRecord.TryTake(ref datagram, out DtlsRecord record))
            {
                if (record.Type is DtlsContentType.Handshake or DtlsContentType.ChangeCipherSpec)
                {
                    resend = true;
                }
                else if (record.Type == DtlsContentType.Alert && record.Epoch == 1 && record.Whole.Length <= MaxAlertBytes)
                {
                    ending = Read(record);
                    _over = ending is not null;
                }
            }

            resend = resend && !_over && lastFlight.Count > 0 && (_resent is not { } at || time.GetElapsedTime(at) >= BetweenResends);
            _resent = resend ? time.GetTimestamp() : _resent;
        }

        if (resend)
        {
            foreach (byte[] sent in lastFlight)
            {
                send(sent);
            }
        }

        if (ending is not null)
        {
            CloseTransport();  // answers close_notify (RFC 5246 §7.2.1)
            ended(ending);
        }
    }

    /// <summary>Says close_notify.</summary>
    public void Close()
    {
        lock (_lock)
        {
            if (_over)
            {
                return;
            }

            _over = true;
        }

        CloseTransport();
    }

    /// <summary>Once, by whoever ended it; nothing is opened any more then.</summary>
    private void CloseTransport()
    {
        transport.Close();
        cipher.Dispose();
    }

    /// <summary>Why the association ended; null when this alert does not end it.</summary>
    private DtlsEnding? Read(DtlsRecord record)
    {
        if (_seen.Check(record.SequenceNumber) != SrtpVerdict.Ok || IncomingRecords.Open(cipher, record) is not [byte level, byte description])
        {
            return null;
        }

        _seen.Mark(record.SequenceNumber);
        return description == AlertDescription.close_notify ? new DtlsEnding(true, "the other side closed the DTLS association")
            : level == AlertLevel.fatal ? new DtlsEnding(false, $"the other side ended the DTLS association: {AlertDescription.GetText(description)}")
            : null;
    }
}
