using System.Diagnostics;
using MlvcRtc.Proof.Dtls;
using MlvcRtc.WebRtc.Dtls;
using MlvcRtc.WebRtc.Dtls.BouncyCastle;
using MlvcRtc.WebRtc.Srtp;

namespace MlvcRtc.UnitTests.WebRtc.Dtls;

public sealed class DtlsHandshakeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Two_endpoints_agree_on_keys_that_open_each_others_packets()
    {
        using DtlsPair pair = new();
        long begun = Stopwatch.GetTimestamp();
        (DtlsOutcome client, DtlsOutcome server) = await pair.Handshake();
        TestContext.Current.TestOutputHelper!.WriteLine($"{Stopwatch.GetElapsedTime(begun).TotalMilliseconds:0} ms");
        Assert.Equal(SrtpProfile.AeadAes128Gcm, client.Profile);
        Assert.Equal(client.Profile, server.Profile);
        Assert.Equal(client.Local.MasterKey.ToArray(), server.Remote.MasterKey.ToArray());
        Assert.Equal(client.Local.MasterSalt.ToArray(), server.Remote.MasterSalt.ToArray());
        Assert.Equal(server.Local.MasterKey.ToArray(), client.Remote.MasterKey.ToArray());
        Assert.Equal(server.Local.MasterSalt.ToArray(), client.Remote.MasterSalt.ToArray());
        Assert.NotEqual(client.Local.MasterKey.ToArray(), client.Remote.MasterKey.ToArray());
        Assert.Equal("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", client.CipherSuite);
    }

    [Theory]
    [InlineData(DtlsRole.Client)]
    [InlineData(DtlsRole.Server)]
    public async Task A_certificate_that_is_not_the_described_one_ends_the_handshake_on_both_sides_with_the_reason(DtlsRole deceived)
    {
        using DtlsPair pair = new();
        Fingerprint other = Fingerprint.Of([1, 2, 3]);
        Task<DtlsOutcome> server = pair.StartServer(deceived == DtlsRole.Server ? other : null);
        Task<DtlsOutcome> client = pair.StartClient(deceived == DtlsRole.Client ? other : null);
        (Task<DtlsOutcome> own, Task<DtlsOutcome> far, Fingerprint real) = deceived == DtlsRole.Client
            ? (client, server, pair.ServerFingerprint) : (server, client, pair.ClientFingerprint);
        DtlsException refused = await Assert.ThrowsAsync<DtlsException>(() => own.Soon());
        Assert.StartsWith($"the certificate of the other side is not the one its description names (fingerprint sha-256 {real}, described {other})", refused.Message, StringComparison.Ordinal);
        DtlsException told = await Assert.ThrowsAsync<DtlsException>(() => far.Soon());
        Assert.Equal("the other side ended the DTLS handshake: bad_certificate(42); its log knows why", told.Message);
    }

    [Fact]
    public async Task Without_a_common_SRTP_profile_there_is_no_call()
    {
        using DtlsPair pair = new(
            new DtlsOptions { Profiles = [SrtpProfile.AeadAes128Gcm] }, new DtlsOptions { Profiles = [SrtpProfile.Aes128CmHmacSha1Tag80] });
        Task<DtlsOutcome> server = pair.StartServer();
        DtlsException told = await Assert.ThrowsAsync<DtlsException>(() => pair.StartClient().Soon());
        Assert.Equal("the other side ended the DTLS handshake: handshake_failure(40); its log knows why", told.Message);
        DtlsException refused = await Assert.ThrowsAsync<DtlsException>(() => server.Soon());
        Assert.Contains("one of the SRTP profiles Aes128CmHmacSha1Tag80", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_server_prefers_GCM_and_takes_AES_CM_from_who_knows_no_other()
    {
        using DtlsPair pair = new(new DtlsOptions { Profiles = [SrtpProfile.Aes128CmHmacSha1Tag80] });
        (DtlsOutcome client, DtlsOutcome server) = await pair.Handshake();
        Assert.Equal(SrtpProfile.Aes128CmHmacSha1Tag80, client.Profile);
        Assert.Equal(SrtpProfile.Aes128CmHmacSha1Tag80, server.Profile);
        Assert.Equal(14, client.Local.MasterSalt.Length);
        Assert.Equal(client.Local.MasterSalt.ToArray(), server.Remote.MasterSalt.ToArray());
    }

    [Fact]
    public async Task Silence_ends_the_handshake_in_time_and_says_what_to_look_at()
    {
        using DtlsPair pair = new(new DtlsOptions { Timeout = TimeSpan.FromMilliseconds(350) });
        pair.ToServer = _ => [];
        long begun = Stopwatch.GetTimestamp();
        DtlsException silence = await Assert.ThrowsAsync<DtlsException>(() => pair.StartClient().Soon());
        Assert.Equal(
            "the DTLS handshake did not end within 0.3 s; nothing arrived from the other side: is ICE connected, and has the other side our description?",
            silence.Message.Replace("0.4 s", "0.3 s", StringComparison.Ordinal));
        Assert.InRange(Stopwatch.GetElapsedTime(begun).TotalMilliseconds, 340, 5000);
        Assert.InRange(pair.SentByClient.Count, 2, 4);  // at 0, 100 and 300 ms, and an alert
    }

    [Fact]
    public async Task Both_sides_in_the_same_role_end_with_a_reason_and_not_never()
    {
        DtlsOptions soon = new() { Timeout = TimeSpan.FromMilliseconds(500) };
        using DtlsPair pair = new(soon, soon);
        Task<DtlsOutcome> one = pair.StartClient();
        Task<DtlsOutcome> two = pair.Server.HandshakeAsync(DtlsRole.Client, pair.ClientFingerprint, CancellationToken.None);
        Assert.Contains("DTLS handshake", (await Assert.ThrowsAsync<DtlsException>(() => one.Soon())).Message, StringComparison.Ordinal);
        Assert.Contains("DTLS handshake", (await Assert.ThrowsAsync<DtlsException>(() => two.Soon())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handshake_that_is_no_longer_wanted_ends_at_once_and_leaves_no_thread()
    {
        using DtlsPair pair = new();
        pair.ToServer = _ => [];
        Thread? running = null;
        pair.Client.Outgoing += _ => running = Thread.CurrentThread;
        using CancellationTokenSource cancel = new();
        Task<DtlsOutcome> cancelled = pair.Client.HandshakeAsync(DtlsRole.Client, pair.ServerFingerprint, cancel.Token);
        Task<DtlsOutcome> disposed = pair.StartServer();
        Assert.True(SpinWait.SpinUntil(() => running is not null, Patience));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.Soon());
        pair.Server.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => disposed.Soon());
        Assert.True(running!.Join(Patience));
    }

    [Fact]
    public async Task A_completed_handshake_leaves_no_thread()
    {
        using DtlsPair pair = new();
        HashSet<Thread> running = [];
        pair.Client.Outgoing += _ => running.Add(Thread.CurrentThread);
        _ = await pair.Handshake();
        Assert.Equal("DTLS handshake", Assert.Single(running).Name);
        Assert.True(running.Single().Join(Patience));
        pair.Client.Dispose();
        Assert.True(pair.ServerEnded.TryTake(out string? _, Patience));
    }

    [Fact]
    public async Task Warming_up_ends_by_itself_and_a_handshake_afterwards_is_as_usual()
    {
        await DtlsWarmUp.RunAsync(TimeProvider.System, TestContext.Current.CancellationToken);
        using DtlsPair pair = new();
        _ = await pair.Handshake();
    }

    [Fact]
    public async Task What_arrives_before_the_handshake_starts_is_kept_up_to_sixteen_datagrams()
    {
        using DtlsPair pair = new(new DtlsOptions { FirstResend = TimeSpan.FromSeconds(10) });
        Task<DtlsOutcome> client = pair.StartClient();
        Assert.True(SpinWait.SpinUntil(() => !pair.SentByClient.IsEmpty, Patience));
        _ = await pair.StartServer().Soon();
        _ = await client.Soon();
        Assert.Equal(2, pair.SentByClient.Count);  // nothing had to be sent again
    }

    [Fact]
    public async Task Flights_travel_in_few_datagrams_of_at_most_1200_bytes()
    {
        using DtlsPair pair = new(new DtlsOptions { FirstResend = TimeSpan.FromSeconds(10) }, new DtlsOptions { FirstResend = TimeSpan.FromSeconds(10) });
        _ = await pair.Handshake();
        Assert.Equal((2, 2), (pair.SentByClient.Count, pair.SentByServer.Count));
        Assert.All(pair.SentByClient.Concat(pair.SentByServer), datagram => Assert.InRange(datagram.Length, 1, 1200));
    }

    [Fact]
    public async Task Closing_tells_the_other_side_once()
    {
        using DtlsPair pair = new();
        _ = await pair.Handshake();
        pair.Client.Dispose();
        Assert.True(pair.ServerEnded.TryTake(out string? reason, Patience));
        Assert.Equal("the other side closed the DTLS association", reason);
        pair.Server.Dispose();
        Assert.Empty(pair.ServerEnded);
        Assert.Empty(pair.ClientEnded);
    }

    [Fact]
    public void The_certificate_is_valid_by_the_clock_it_was_given_and_its_fingerprint_is_that_of_SDP()
    {
        using DtlsCertificate one = DtlsCertificate.Create(TimeProvider.System);
        using DtlsCertificate two = DtlsCertificate.Create(TimeProvider.System);
        using System.Security.Cryptography.X509Certificates.X509Certificate2 read =
            System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificate(one.Der);
        Assert.NotEqual(one.Fingerprint, two.Fingerprint);
        Assert.InRange((read.NotAfter - read.NotBefore).TotalDays, 30.9, 31.1);
        Assert.Equal(8, read.GetSerialNumber().Length);
        string text = one.Fingerprint.ToString();
        Assert.Matches("^([0-9A-F]{2}:){31}[0-9A-F]{2}$", text);
        Assert.True(Fingerprint.TryParse(text.ToLowerInvariant(), out Fingerprint? parsed));
        Assert.Equal(one.Fingerprint, parsed);
        foreach (string wrong in new[] { "", text[1..], text + ":00", text.Replace(':', '-'), 'G' + text[1..] })
        {
            Assert.False(Fingerprint.TryParse(wrong, out _), wrong);
        }
    }
}
