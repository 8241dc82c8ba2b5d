using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MlvcRtc.WebRtc.Dtls;
using MlvcRtc.WebRtc.Dtls.BouncyCastle;
using MlvcRtc.WebRtc.Srtp;

namespace MlvcRtc.InteropTests;

/// <summary>DTLS-SRTP with OpenSSL's own programs over UDP on loopback: same profile, same keys, in both roles.</summary>
public sealed class DtlsAgainstOpenSslTests
{
    /// <summary>"EXTRACTOR-dtls_srtp" yields 2 * (16 + salt) bytes.</summary>
    [Theory]
    [InlineData(DtlsRole.Client, "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80", SrtpProfile.AeadAes128Gcm, 56)]
    [InlineData(DtlsRole.Client, "SRTP_AES128_CM_SHA1_80", SrtpProfile.Aes128CmHmacSha1Tag80, 60)]
    [InlineData(DtlsRole.Server, "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80", SrtpProfile.AeadAes128Gcm, 56)]
    [InlineData(DtlsRole.Server, "SRTP_AES128_CM_SHA1_80", SrtpProfile.Aes128CmHmacSha1Tag80, 60)]
    public async Task OpenSSL_and_we_agree_on_profile_and_keys(DtlsRole role, string profiles, SrtpProfile expected, int exported)
    {
        string openssl = InstalledProgram.Find("openssl");
        using TemporaryCertificate theirs = new();
        using DtlsCertificate ours = DtlsCertificate.Create(TimeProvider.System);
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        int port = role == DtlsRole.Client ? FreePort() : ((IPEndPoint)socket.LocalEndPoint!).Port;
        string common = $"-dtls1_2 -cert {theirs.Certificate} -key {theirs.Key} -use_srtp {profiles} -mtu 1200 -keymatexport EXTRACTOR-dtls_srtp -keymatexportlen {exported}";
        using OpenSsl program = new(openssl, role == DtlsRole.Client ? $"s_server -accept {port} {common} -Verify 1" : $"s_client -connect 127.0.0.1:{port} {common}");
        if (role == DtlsRole.Client)
        {
            await program.Said("ACCEPT");
        }

        using BouncyCastleDtlsEndpoint endpoint = new(ours, TimeProvider.System);
        using CancellationTokenSource stop = new();
        EndPoint other = new IPEndPoint(IPAddress.Loopback, port);
        endpoint.Outgoing += datagram => socket.SendTo(datagram, Volatile.Read(ref other));
        Task receiving = Task.Run(
            async () =>
            {
                byte[] buffer = new byte[4096];
                while (!stop.IsCancellationRequested)
                {
                    SocketReceiveFromResult received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), stop.Token);
                    Volatile.Write(ref other, received.RemoteEndPoint);
                    endpoint.Deliver(buffer.AsSpan(0, received.ReceivedBytes));
                }
            },
            stop.Token);

        DtlsOutcome outcome = await endpoint.HandshakeAsync(role, theirs.Fingerprint, TestContext.Current.CancellationToken);
        Assert.Equal(expected, outcome.Profile);
        (SrtpKeys client, SrtpKeys server) = role == DtlsRole.Client ? (outcome.Local, outcome.Remote) : (outcome.Remote, outcome.Local);
        string material = Convert.ToHexString([.. client.MasterKey.Span, .. server.MasterKey.Span, .. client.MasterSalt.Span, .. server.MasterSalt.Span]);
        await program.Said($"Keying material: {material}");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receiving);
    }

    private static int FreePort()
    {
        using Socket probe = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    /// <summary>A running openssl; killed at the end.</summary>
    private sealed class OpenSsl : IDisposable
    {
        private readonly Process _process;
        private readonly StringBuilder _output = new();
        private readonly SemaphoreSlim _more = new(0);

        public OpenSsl(string program, string arguments)
        {
            _process = new Process
            {
                StartInfo = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true },
            };
            _process.OutputDataReceived += (_, line) => Note(line.Data);
            _process.ErrorDataReceived += (_, line) => Note(line.Data);
            _process.Start();
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
        }

        private string Output
        {
            get
            {
                lock (_output)
                {
                    return _output.ToString();
                }
            }
        }

        public async Task Said(string text)
        {
            while (!Output.Contains(text, StringComparison.Ordinal))
            {
                bool more = await _more.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
                Assert.True(more, $"openssl did not say \"{text}\" but\n{Output}");
            }
        }

        public void Dispose()
        {
            _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
            _more.Dispose();
        }

        private void Note(string? line)
        {
            lock (_output)
            {
                _output.AppendLine(line);
            }

            _more.Release();
        }
    }

    /// <summary>A P-256 certificate and key in files.</summary>
    private sealed class TemporaryCertificate : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("mlvcrtc").FullName;

        public TemporaryCertificate()
        {
            using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            CertificateRequest request = new("CN=openssl", key, HashAlgorithmName.SHA256);
            using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            File.WriteAllText(Certificate, certificate.ExportCertificatePem());
            File.WriteAllText(Key, key.ExportPkcs8PrivateKeyPem());
            Fingerprint = Fingerprint.Of(certificate.RawData);
        }

        public string Certificate => Path.Combine(_folder, "certificate.pem");

        public string Key => Path.Combine(_folder, "key.pem");

        public Fingerprint Fingerprint { get; }

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }
}
