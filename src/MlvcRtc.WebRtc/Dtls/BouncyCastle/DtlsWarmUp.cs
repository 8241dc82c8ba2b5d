namespace MlvcRtc.WebRtc.Dtls.BouncyCastle;

/// <summary>
/// The first handshake of a process compiles a thousand methods, which on a busy machine takes longer than everything else between joining and the first picture. One with ourselves, while
/// people still choose a room, takes that off the call.
/// </summary>
public static class DtlsWarmUp
{
    /// <summary>Runs one handshake in memory. Harmless to repeat or to leave out; failing to finish is no error.</summary>
    public static async Task RunAsync(TimeProvider time, CancellationToken cancel)
    {
        using DtlsCertificate certificate = DtlsCertificate.Create(time);
        using BouncyCastleDtlsEndpoint client = new(certificate, time);
        using BouncyCastleDtlsEndpoint server = new(certificate, time);
        client.Outgoing += server.Deliver;
        server.Outgoing += client.Deliver;
        Task<DtlsOutcome> one = client.HandshakeAsync(DtlsRole.Client, certificate.Fingerprint, cancel);
        Task<DtlsOutcome> other = server.HandshakeAsync(DtlsRole.Server, certificate.Fingerprint, cancel);
        await ((Task)Task.WhenAll(one, other)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
