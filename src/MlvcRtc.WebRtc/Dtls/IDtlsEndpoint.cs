using MlvcRtc.WebRtc.Srtp;

namespace MlvcRtc.WebRtc.Dtls;

/// <summary>Which side of the handshake we are (RFC 5763 §5): the answerer of an offer with actpass is active, that is the client.</summary>
public enum DtlsRole
{
    Client = 0,
    Server = 1,
}

/// <summary>What a completed handshake yields.</summary>
/// <param name="Profile">The SRTP protection profile both sides chose (RFC 5764 §4.1.2).</param>
/// <param name="Local">Keys for what we send.</param>
/// <param name="Remote">Keys for what we receive.</param>
/// <param name="CipherSuite">IANA name.</param>
public sealed record DtlsOutcome(SrtpProfile Profile, SrtpKeys Local, SrtpKeys Remote, string CipherSuite);

/// <summary>How an association ended.</summary>
/// <param name="Goodbye">The other side said close_notify; else a fatal alert.</param>
/// <param name="Reason">For logs and people.</param>
public sealed record DtlsEnding(bool Goodbye, string Reason);

/// <summary>
/// One DTLS 1.2 association that yields SRTP keys (RFC 5764). The certificate of the other side is compared with the fingerprint from its description before any
/// key is used. Behind this interface, so that the library beneath can be exchanged.
/// </summary>
public interface IDtlsEndpoint : IDisposable
{
    /// <summary>A datagram to be sent to the other side, at most 1200 bytes; valid during the call.</summary>
    event DatagramOut? Outgoing;

    /// <summary>The association ended after the handshake: close_notify or a fatal alert, with the reason.</summary>
    event Action<DtlsEnding>? Ended;

    /// <summary>Runs the handshake to its end, retransmitting as RFC 6347 §4.2.4 says.</summary>
    /// <exception cref="DtlsException">It failed; the message says why: fingerprint, no common profile, an alert, or silence.</exception>
    Task<DtlsOutcome> HandshakeAsync(DtlsRole role, Fingerprint expected, CancellationToken cancel);

    /// <summary>A datagram of DTLS records arrived (first byte 20..63, RFC 7983). Copied; never blocks. Datagrams that come before the handshake starts are kept, at most 16.</summary>
    void Deliver(ReadOnlySpan<byte> datagram);
}

public delegate void DatagramOut(ReadOnlySpan<byte> datagram);

/// <summary>A handshake failed. The message names cause and remedy.</summary>
public sealed class DtlsException : Exception
{
    public DtlsException(string message)
        : base(message)
    {
    }

    public DtlsException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
