using Org.BouncyCastle.Crypto.Tls;

namespace MlvcRtc.WebRtc.Dtls.BouncyCastle;

/// <summary>
/// The network as BouncyCastle's handshake sees it, on the thread of the handshake. Records that are sent together leave together, in datagrams of <see cref="MaxDatagramBytes"/>; a flight
/// that is not answered leaves again (RFC 6347 §4.2.4), sooner than BouncyCastle's own fixed 1, 2, 4... s, which stay behind as the second net.
/// </summary>
internal sealed class HandshakePipe : DatagramTransport
{
    /// <summary>RFC 6347 §4.1.1.1 leaves the choice; 1200 passes every path that carries WebRTC (IPv6's 1280 less headers and relays).</summary>
    public const int MaxDatagramBytes = 1200;

    /// <summary>Datagrams that may wait for the handshake: four flights of sixteen. Stops a flood from taking memory.</summary>
    private const int MaxQueued = 64;

    /// <summary>Longer ones hold no flight of a WebRTC peer.</summary>
    public const int MaxIncomingBytes = 4096;

    private static readonly TimeSpan LongestResend = TimeSpan.FromSeconds(1);

    private readonly object _lock = new();
    private readonly Queue<byte[]> _arrived = new();
    private readonly IncomingRecords _records;
    private readonly TimeProvider _time;
    private readonly DtlsOptions _options;
    private readonly DatagramOut _send;
    private readonly CancellationToken _cancel;
    private readonly long _begun;
    private readonly List<byte[]> _unsent = [];
    private List<byte[]> _flight = [];
    private TimeSpan _resendAfter;
    private TimeSpan? _resendAt;
    private bool _answered = true;

    public HandshakePipe(IncomingRecords records, TimeProvider time, DtlsOptions options, DatagramOut send, CancellationToken cancel)
    {
        _records = records;
        _time = time;
        _options = options;
        _send = send;
        _cancel = cancel;
        _begun = time.GetTimestamp();
        _resendAfter = options.FirstResend;
    }

    /// <summary>Datagrams of ours that the other side did not answer yet; after the handshake, the server's last.</summary>
    public IReadOnlyList<byte[]> Flight => _flight;

    /// <summary>How many datagrams arrived, for the message about silence.</summary>
    public int Arrivals { get; private set; }

    /// <summary>From any thread; never blocks long.</summary>
    public void Deliver(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length > MaxIncomingBytes)
        {
            return;
        }

        lock (_lock)
        {
            if (_arrived.Count < MaxQueued)
            {
                _arrived.Enqueue(datagram.ToArray());
                Monitor.Pulse(_lock);
            }
        }
    }

    /// <summary>Wakes the handshake to see that it was cancelled.</summary>
    public void Wake()
    {
        lock (_lock)
        {
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>After the handshake: gives on what came too late for it.</summary>
    public void Hand(DatagramOut next)
    {
        while (Wait(TimeSpan.Zero) is { } datagram)
        {
            next(datagram);
        }
    }

    public int GetReceiveLimit() => DtlsRecord.HeaderBytes + HandshakeAssembly.HeaderBytes + HandshakeAssembly.MaxMessageBytes;

    public int GetSendLimit() => MaxDatagramBytes;

    public void Send(byte[] buf, int off, int len) => _unsent.Add(buf.AsSpan(off, len).ToArray());

    /// <summary>The next record, or -1 when there was none for <paramref name="waitMillis"/>.</summary>
    public int Receive(byte[] buf, int off, int len, int waitMillis)
    {
        Flush();
        TimeSpan? giveUpAt = waitMillis > 0 ? Elapsed + TimeSpan.FromMilliseconds(waitMillis) : null;
        while (true)
        {
            _cancel.ThrowIfCancellationRequested();
            if (_records.TryTake(out byte[] record))
            {
                if (_records.Refusal is not null)
                {
                    throw new TlsFatalAlert(AlertDescription.bad_certificate);
                }

                if (record.Length > len)
                {
                    continue;
                }

                record.CopyTo(buf, off);
                _answered = true;
                return record.Length;
            }

            TimeSpan now = Elapsed;
            if (now >= _options.Timeout)
            {
                throw new SilenceException();
            }

            if (now >= giveUpAt)
            {
                return -1;
            }

            if (now >= _resendAt)
            {
                Resend(now);
            }

            TimeSpan until = Earliest(_options.Timeout, giveUpAt, _resendAt);
            if (Wait(until - now) is { } datagram)
            {
                Arrivals++;
                _records.Add(datagram);
            }
        }
    }

    public void Close() => Flush();

    /// <summary>Sends what BouncyCastle has written since the last call.</summary>
    public void Flush()
    {
        if (_unsent.Count == 0)
        {
            return;
        }

        _flight = Pack(_unsent);
        _unsent.Clear();
        if (_answered)
        {
            _resendAfter = _options.FirstResend;
        }

        _answered = false;
        _resendAt = Elapsed + _resendAfter;
        SendFlight();
    }

    private TimeSpan Elapsed => _time.GetElapsedTime(_begun);

    private void Resend(TimeSpan now)
    {
        _resendAfter = TimeSpan.FromTicks(Math.Min(2 * _resendAfter.Ticks, LongestResend.Ticks));
        _resendAt = now + _resendAfter;
        SendFlight();
    }

    private void SendFlight()
    {
        foreach (byte[] datagram in _flight)
        {
            _send(datagram);
        }
    }

    private byte[]? Wait(TimeSpan atMost)
    {
        lock (_lock)
        {
            if (_arrived.Count == 0 && !_cancel.IsCancellationRequested)
            {
                _ = Monitor.Wait(_lock, atMost);
            }

            return _arrived.TryDequeue(out byte[]? datagram) ? datagram : null;
        }
    }

    private static TimeSpan Earliest(TimeSpan first, TimeSpan? second, TimeSpan? third)
    {
        TimeSpan earliest = second < first ? second.Value : first;
        return third < earliest ? third.Value : earliest;
    }

    private static List<byte[]> Pack(List<byte[]> records)
    {
        List<byte[]> datagrams = [];
        List<byte> datagram = [];
        foreach (byte[] record in records)
        {
            if (datagram.Count > 0 && datagram.Count + record.Length > MaxDatagramBytes)
            {
                datagrams.Add([.. datagram]);
                datagram.Clear();
            }

            datagram.AddRange(record);
        }

        datagrams.Add([.. datagram]);
        return datagrams;
    }
}

/// <summary>The time for a handshake ran out. No IOException, which BouncyCastle might take for a lost datagram.</summary>
internal sealed class SilenceException : Exception;
