using System.Diagnostics;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using MlvcRtc.Signaling.Client;
using MlvcRtc.Signaling.Tokens;

namespace MlvcRtc.InteropTests.Deploy;

/// <summary>The deployment as deploy/local/up.sh starts it: two nodes, Redis, coturn and the proxy, with the configuration files of the containers.</summary>
internal sealed class LocalDeployment : IAsyncDisposable
{
    /// <summary>Everybody here comes from one address, which would be an attack elsewhere.</summary>
    public static readonly string[] OneAddressIsMany =
    [
        "Signaling__PerAddress__Connections=100000", "Signaling__PerAddress__Rooms=100000", "Signaling__PerAddress__JoinsPerSecond=100000",
        "Signaling__PerAddress__MessagesPerSecond=1000000", "Signaling__PerAddress__BytesPerSecond=1000000000",
    ];

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(90), EndLimit = TimeSpan.FromSeconds(20);

    private readonly Process _script;
    private readonly Dictionary<string, string> _values = [];
    private string _secret = "";

    private LocalDeployment(Process script) => _script = script;

    public string this[string name] => _values[name];

    public Uri Proxy => new(this["URL"]);

    public Uri Node1 => new(this["NODE1_URL"]);

    public Uri Node2 => new(this["NODE2_URL"]);

    public static async Task<LocalDeployment> Start(params string[] settings)
    {
        foreach (string program in new[] { "redis-server", "turnserver", "haproxy", "openssl" })
        {
            InstalledProgram.Find(program);
        }

        string server = Path.Combine(AppContext.BaseDirectory, "mlvcrtc-server.dll");
        ProcessStartInfo start = new(
            "bash", [Path.Combine(Root(), "deploy", "local", "up.sh"), "--server", server, .. settings.SelectMany(setting => new[] { "--setting", setting })])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        LocalDeployment deployment = new(Process.Start(start)!);
        try
        {
            string line;
            while ((line = await deployment.Read(StartLimit)) != "READY")
            {
                int equals = line.IndexOf('=', StringComparison.Ordinal);
                Assert.True(equals > 0 && !line.StartsWith("ERROR", StringComparison.Ordinal), line);
                deployment._values[line[..equals]] = line[(equals + 1)..];
            }

            deployment._secret = (await File.ReadAllTextAsync(deployment["JWT_SECRET_FILE"])).Trim();
            return deployment;
        }
        catch
        {
            await deployment.DisposeAsync();
            throw;
        }
    }

    /// <summary>kill, term, stop, cont or start, and node1, node2, redis, coturn or proxy.</summary>
    public async Task Do(string verb, string name)
    {
        await _script.StandardInput.WriteLineAsync($"{verb} {name}");
        await _script.StandardInput.FlushAsync();
        string answer = await Read(StartLimit);
        Assert.StartsWith("OK", answer, StringComparison.Ordinal);
        if (answer.Split(' ') is [_, { } pid])
        {
            _values[pid.Split('=')[0]] = pid.Split('=')[1];
        }
    }

    public SignalingClient Client(string room, string subject, params Uri[] servers) => new(
        new SignalingClientOptions
        {
            Servers = servers,
            Room = room,
            Token = TokenIssuer.Issue(room, subject, TimeSpan.FromMinutes(10), _secret, TimeProvider.System),
            Configure = Trust,
        },
        TimeProvider.System,
        new Random(subject.Length));

    /// <summary>The certificate that the deployment made itself, and no other.</summary>
    public void Trust(ClientWebSocketOptions options)
    {
        X509Certificate2 own = X509CertificateLoader.LoadCertificateFromFile(this["CERTIFICATE"]);
        options.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null && own.RawDataMemory.Span.SequenceEqual(certificate.GetRawCertData());
    }

    public async ValueTask DisposeAsync()
    {
        _script.StandardInput.Close();
        try
        {
            await _script.WaitForExitAsync().WaitAsync(EndLimit);
        }
        finally
        {
            _script.Dispose();
        }
    }

    /// <summary>Where docker-compose.yml and deploy/ are.</summary>
    public static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "docker-compose.yml")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("docker-compose.yml was not found above the test assembly.");
    }

    private async Task<string> Read(TimeSpan limit) =>
        await _script.StandardOutput.ReadLineAsync().WaitAsync(limit, TestContext.Current.CancellationToken)
            ?? throw new InvalidOperationException("deploy/local/up.sh ended");
}
