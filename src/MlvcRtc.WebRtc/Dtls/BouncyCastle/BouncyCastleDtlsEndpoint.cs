using Org.BouncyCastle.Crypto.Tls;
using Org.BouncyCastle.Security;

namespace MlvcRtc.WebRtc.Dtls.BouncyCastle;

/// <summary>
/// DTLS 1.2 by BouncyCastle. The handshake runs on a thread of its own, since BouncyCastle blocks; none is left afterwards. Then only alerts and repeated flights matter, and those are seen to
/// on the thread that delivers them.
/// </summary>
public sealed class BouncyCastleDtlsEndpoint : IDtlsEndpoint
{
    /// <summary>Datagrams kept before the handshake starts: the other side may have heard of us first. Stops a flood from taking memory.</summary>
    private const int MaxEarly = 16;

    private readonly Lock _lock = new();
    private readonly DtlsCertificate _certificate;
    private readonly TimeProvider _time;
    private readonly DtlsOptions _options;
    private readonly CancellationTokenSource _disposing = new();
    private readonly List<byte[]> _early = [];
    private HandshakePipe? _pipe;
    private Association? _association;
    private bool _disposed;

    /// <param name="certificate">Ours; stays the caller's and must outlive the handshake.</param>
    public BouncyCastleDtlsEndpoint(DtlsCertificate certificate, TimeProvider time, DtlsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentNullException.ThrowIfNull(time);
        _certificate = certificate;
        _time = time;
        _options = options ?? new DtlsOptions();
    }

    /// <inheritdoc/>
    public event DatagramOut? Outgoing;

    /// <inheritdoc/>
    public event Action<DtlsEnding>? Ended;

    /// <inheritdoc/>
    public Task<DtlsOutcome> HandshakeAsync(DtlsRole role, Fingerprint expected, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(expected);
        IncomingRecords records = new(role, message => PeerCertificate.Refuse(message, expected));
        HandshakePeer peer = new(_certificate, _options, records);
        CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancel, _disposing.Token);
        HandshakePipe pipe = new(records, _time, _options, Send, either.Token);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_pipe is not null)
            {
                throw new InvalidOperationException("an endpoint handshakes once; make another");
            }

            _pipe = pipe;
            _early.ForEach(datagram => pipe.Deliver(datagram));
            _early.Clear();
        }

        CancellationTokenRegistration wake = either.Token.Register(pipe.Wake);
        TaskCompletionSource<DtlsOutcome> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Thread thread = new(() =>
        {
            try
            {
                outcome.SetResult(Handshake(role, peer, pipe));
            }
            catch (Exception failure)
            {
                SayEarly(failure, pipe);
                peer.Records.Cipher?.Dispose();
                outcome.SetException(Explain(failure, peer, pipe));
            }
            finally
            {
                wake.Dispose();
                either.Dispose();
            }
        })
        {
            IsBackground = true,
            Name = "DTLS handshake",
        };
        thread.Start();
        return outcome.Task;
    }

    /// <inheritdoc/>
    public void Deliver(ReadOnlySpan<byte> datagram)
    {
        Association? association;
        lock (_lock)
        {
            association = _association;
            if (association is null && _pipe is not null)
            {
                _pipe.Deliver(datagram);
            }
            else if (association is null && !_disposed && _early.Count < MaxEarly && datagram.Length <= HandshakePipe.MaxIncomingBytes)
            {
                _early.Add(datagram.ToArray());
            }
        }

        association?.Deliver(datagram);
    }

    /// <summary>Says close_notify, or ends a handshake that still runs.</summary>
    public void Dispose()
    {
        Association? association;
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            association = _association;
        }

        _disposing.Cancel();
        association?.Close();
        _disposing.Dispose();
    }

    private DtlsOutcome Handshake(DtlsRole role, HandshakePeer peer, HandshakePipe pipe)
    {
        SecureRandom random = new();
        DtlsTransport transport = role == DtlsRole.Client
            ? new DtlsClientProtocol(random).Connect(new SrtpTlsClient(peer), pipe)
            : new DtlsServerProtocol(random).Accept(new SrtpTlsServer(peer), pipe);
        pipe.Flush();
        Association association = new(transport, peer.Records.Cipher!, role == DtlsRole.Server ? pipe.Flight : [], _time, Send, ending => Ended?.Invoke(ending));
        bool disposed;
        lock (_lock)
        {
            _association = association;
            disposed = _disposed;
        }

        pipe.Hand(association.Deliver);
        if (disposed)
        {
            association.Close();
            throw new OperationCanceledException();
        }

        (Srtp.SrtpKeys client, Srtp.SrtpKeys server) = peer.Keys!.Value;
        return role == DtlsRole.Client
            ? new DtlsOutcome(peer.Profile!.Value, client, server, HandshakePeer.SuiteName)
            : new DtlsOutcome(peer.Profile!.Value, server, client, HandshakePeer.SuiteName);
    }

    /// <summary>BouncyCastle sends no alert before its ServerHello; without one the other side would wait for its timeout.</summary>
    private static void SayEarly(Exception failure, HandshakePipe pipe)
    {
        if (failure is TlsFatalAlert alert && pipe.Arrivals > 0 && pipe.Flight.Count == 0)
        {
            byte[] record = DtlsRecord.Write(DtlsContentType.Alert, 0, [AlertLevel.fatal, alert.AlertDescription]);
            pipe.Send(record, 0, record.Length);
            pipe.Flush();
        }
    }

    private void Send(ReadOnlySpan<byte> datagram) => Outgoing?.Invoke(datagram);

    /// <summary>From what BouncyCastle throws to what people can act on.</summary>
    private Exception Explain(Exception failure, HandshakePeer peer, HandshakePipe pipe)
    {
        Exception cause = failure is TlsFatalAlert { InnerException: { } inner } ? inner : failure;
        return cause switch
        {
            OperationCanceledException => cause,
            SilenceException => new DtlsException(
                $"the DTLS handshake did not end within {_options.Timeout.TotalSeconds:0.#} s; "
                + (pipe.Arrivals == 0
                    ? "nothing arrived from the other side: is ICE connected, and has the other side our description?"
                    : $"{pipe.Arrivals} datagrams arrived: the path loses too many, or both sides took the same role")),
            _ when peer.Records.Refusal is { } refusal => new DtlsException(refusal, failure),
            _ when peer.AlertReceived is { } alert => new DtlsException($"the other side ended the DTLS handshake: {alert}; its log knows why", failure),
            TlsFatalAlert alert => new DtlsException(
                $"the DTLS handshake failed ({AlertDescription.GetText(alert.AlertDescription)}): the other side must speak DTLS 1.2 with {HandshakePeer.SuiteName}, P-256, "
                + $"the extended master secret and one of the SRTP profiles {string.Join(", ", _options.Profiles)}",
                failure),
            _ => new DtlsException($"the DTLS handshake failed: {cause.Message}", failure),
        };
    }
}
