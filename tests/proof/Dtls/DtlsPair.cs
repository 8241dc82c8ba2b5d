using System.Collections.Concurrent;
using MlvcRtc.WebRtc.Dtls;
using MlvcRtc.WebRtc.Dtls.BouncyCastle;

namespace MlvcRtc.Proof.Dtls;

/// <summary>Two endpoints and the path between them. What a path does to a datagram is a function from it to those that arrive.</summary>
internal sealed class DtlsPair : IDisposable
{
    private readonly DtlsCertificate _clientCertificate = DtlsCertificate.Create(TimeProvider.System);
    private readonly DtlsCertificate _serverCertificate = DtlsCertificate.Create(TimeProvider.System);

    public DtlsPair(DtlsOptions? client = null, DtlsOptions? server = null)
    {
        Client = new BouncyCastleDtlsEndpoint(_clientCertificate, TimeProvider.System, client);
        Server = new BouncyCastleDtlsEndpoint(_serverCertificate, TimeProvider.System, server);
        Client.Outgoing += datagram => Carry(datagram.ToArray(), ToServer, Server, SentByClient);
        Server.Outgoing += datagram => Carry(datagram.ToArray(), ToClient, Client, SentByServer);
        Client.Ended += ending => ClientEnded.Add(ending.Reason);
        Server.Ended += ending => ServerEnded.Add(ending.Reason);
    }

    public BouncyCastleDtlsEndpoint Client { get; }

    public BouncyCastleDtlsEndpoint Server { get; }

    public BlockingCollection<string> ClientEnded { get; } = [];

    public BlockingCollection<string> ServerEnded { get; } = [];

    public ConcurrentQueue<byte[]> SentByClient { get; } = [];

    public ConcurrentQueue<byte[]> SentByServer { get; } = [];

    public Func<byte[], IEnumerable<byte[]>> ToServer { get; set; } = datagram => [datagram];

    public Func<byte[], IEnumerable<byte[]>> ToClient { get; set; } = datagram => [datagram];

    public Fingerprint ClientFingerprint => _clientCertificate.Fingerprint;

    public Fingerprint ServerFingerprint => _serverCertificate.Fingerprint;

    public Task<DtlsOutcome> StartClient(Fingerprint? expected = null) =>
        Client.HandshakeAsync(DtlsRole.Client, expected ?? ServerFingerprint, CancellationToken.None);

    public Task<DtlsOutcome> StartServer(Fingerprint? expected = null) =>
        Server.HandshakeAsync(DtlsRole.Server, expected ?? ClientFingerprint, CancellationToken.None);

    public async Task<(DtlsOutcome Client, DtlsOutcome Server)> Handshake()
    {
        Task<DtlsOutcome> server = StartServer();
        Task<DtlsOutcome> client = StartClient();
        return (await client.Soon(), await server.Soon());
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
        _clientCertificate.Dispose();
        _serverCertificate.Dispose();
    }

    private static void Carry(byte[] datagram, Func<byte[], IEnumerable<byte[]>> path, BouncyCastleDtlsEndpoint other, ConcurrentQueue<byte[]> log)
    {
        log.Enqueue(datagram);
        foreach (byte[] arrived in path(datagram))
        {
            other.Deliver(arrived);
        }
    }
}

internal static class Patience
{
    /// <summary>A handshake takes 15 s at most.</summary>
    public static Task<DtlsOutcome> Soon(this Task<DtlsOutcome> handshake) => handshake.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
}
