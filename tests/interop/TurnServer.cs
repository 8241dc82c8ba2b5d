using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MlvcRtc.WebRtc;

namespace MlvcRtc.InteropTests;

/// <summary>A coturn process on free ports of 127.0.0.1, with TURN REST credentials (draft-uberti-behave-turn-rest-00).</summary>
internal sealed class TurnServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly string _secret = RandomNumberGenerator.GetHexString(32);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("turn-test");
    private readonly StringBuilder _log = new();
    private readonly int _port = FreePort();
    private readonly int _tlsPort = FreePort();
    private Process? _process;

    private TurnServer(params string[] names)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=turn test", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder subject = new();
        foreach (string name in names)
        {
            if (IPAddress.TryParse(name, out IPAddress? address))
            {
                subject.AddIpAddress(address);
            }
            else
            {
                subject.AddDnsName(name);
            }
        }

        request.CertificateExtensions.Add(subject.Build());
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        Certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(Path.Combine(_folder.FullName, "cert.pem"), Certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder.FullName, "key.pem"), key.ExportPkcs8PrivateKeyPem());
    }

    public X509Certificate2 Certificate { get; }

    /// <summary>coturn's static-auth-secret, which a signaling server makes credentials from.</summary>
    public string Secret => _secret;

    /// <summary>For such a server: UDP.</summary>
    public string Url => $"turn:127.0.0.1:{_port}?transport=udp";

    /// <summary>What coturn wrote.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <param name="names">In the certificate.</param>
    /// <param name="extra">More options of coturn.</param>
    public static async Task<TurnServer> StartAsync(string[] names, params string[] extra)
    {
        string program = InstalledProgram.Find("turnserver");
        TurnServer server = new(names);
        await server.LaunchAsync(program, extra);
        return server;
    }

    /// <summary>The mechanism is HMAC-SHA1's, and coturn's.</summary>
    [SuppressMessage("Security", "CA5350:Do not use weak cryptographic algorithms", Justification = "draft-uberti-behave-turn-rest-00 names HMAC-SHA1.")]
    private string CredentialOf(string username) => Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(_secret), Encoding.UTF8.GetBytes(username)));

    /// <summary>The server under one of its URLs, with credentials that last an hour.</summary>
    public IceServer Over(string transport, string host = "127.0.0.1")
    {
        string username = $"{TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 3600}:somebody";
        string url = transport switch
        {
            "tls" => $"turns:{host}:{_tlsPort}",
            _ => $"turn:{host}:{_port}?transport={transport}",
        };
        return new IceServer(url, username, CredentialOf(username));
    }

    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process!.Dispose();
        Certificate.Dispose();
        _folder.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private async Task LaunchAsync(string program, string[] extra)
    {
        ProcessStartInfo start = new(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.FullName,
        };
        string[] options =
        [
            "-n", "--use-auth-secret", $"--static-auth-secret={_secret}", "--realm=test", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1",
            $"--listening-port={_port}", $"--tls-listening-port={_tlsPort}", "--allow-loopback-peers", "--no-cli", "--log-file=stdout", "--verbose",
            $"--cert={Path.Combine(_folder.FullName, "cert.pem")}", $"--pkey={Path.Combine(_folder.FullName, "key.pem")}",
            $"--pidfile={Path.Combine(_folder.FullName, "pid")}", $"--userdb={Path.Combine(_folder.FullName, "db")}",
            .. extra,
        ];
        Array.ForEach(options, start.ArgumentList.Add);
        _process = Process.Start(start)!;
        _process.OutputDataReceived += Note;
        _process.ErrorDataReceived += Note;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        long begun = Stopwatch.GetTimestamp();
        while (!await ListensAsync(_port) || !await ListensAsync(_tlsPort))
        {
            Assert.True(!_process.HasExited && Stopwatch.GetElapsedTime(begun) < Patience, $"coturn does not listen:\n{Log}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    private void Note(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
        {
            _log.AppendLine(line.Data);
        }
    }

    private static async Task<bool> ListensAsync(int port)
    {
        try
        {
            using TcpClient client = new();
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
