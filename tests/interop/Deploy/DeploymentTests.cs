using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using MlvcRtc.Signaling;
using MlvcRtc.Signaling.Messages;

namespace MlvcRtc.InteropTests.Deploy;

public class DeploymentTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Through_the_proxy_comes_TLS_and_the_upgrade_and_nothing_that_is_for_inside()
    {
        await using LocalDeployment deployment = await LocalDeployment.Start();
        using (ClientWebSocket socket = new())
        {
            deployment.Trust(socket.Options);
            socket.Options.AddSubProtocol(SignalingProtocol.SubProtocol);
            await socket.ConnectAsync(new Uri(deployment.Proxy, SignalingProtocol.Path), Cancel);
            Assert.Equal(SignalingProtocol.SubProtocol, socket.SubProtocol);
        }

        using HttpClientHandler handler = new() { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        using HttpClient web = new(handler) { BaseAddress = new UriBuilder(deployment.Proxy) { Scheme = "https" }.Uri };
        Assert.Equal(HttpStatusCode.OK, (await web.GetAsync("/healthz", Cancel)).StatusCode);
        foreach (string inside in new[] { "/metrics", "/readyz", "/v1/signal/../../metrics" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await web.GetAsync(inside, Cancel)).StatusCode);
        }

        using HttpClient plain = new();
        Assert.Contains("signaling_connections", await plain.GetStringAsync(new UriBuilder(deployment.Node1) { Scheme = "http", Path = "/metrics" }.Uri, Cancel), StringComparison.Ordinal);
        Assert.Contains("haproxy_backend_active_servers", await plain.GetStringAsync(new Uri(deployment["PROXY_METRICS"]), Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_credentials_that_a_participant_gets_open_the_relay_and_others_do_not()
    {
        string client = InstalledProgram.Find("turnutils_uclient");
        await using LocalDeployment deployment = await LocalDeployment.Start();
        await using Signaling.Client.SignalingClient participant = deployment.Client("turn", "somebody", deployment.Proxy);
        Joined joined = await participant.JoinAsync(Cancel);
        IceServerInfo turn = joined.IceServers.Single(server => server.Username is not null);
        Assert.Contains($"turn:{deployment["TURN_ADDRESS"]}?transport=udp", turn.Urls);
        Assert.Equal(0, await Run(client, "-p", deployment["TURN_ADDRESS"].Split(':')[1], "-u", turn.Username!, "-w", turn.Credential!, "-y", "-n", "2", "127.0.0.1"));
        Assert.NotEqual(0, await Run(client, "-p", deployment["TURN_ADDRESS"].Split(':')[1], "-u", turn.Username!, "-w", "guess", "-y", "-n", "2", "127.0.0.1"));
    }

    [Fact]
    public async Task The_compose_file_is_accepted_by_docker_compose()
    {
        string? v2 = Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "docker")).FirstOrDefault(File.Exists);
        string file = Path.Combine(LocalDeployment.Root(), "docker-compose.yml");
        if (v2 is not null && await Run(v2, "compose", "version") == 0)
        {
            Assert.Equal(0, await Run(v2, "compose", "-f", file, "config", "--quiet"));
            return;
        }

        Assert.Equal(0, await Run(InstalledProgram.Find("docker-compose"), "-f", file, "config", "--quiet"));
    }

    private static async Task<int> Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(Cancel), errors = process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel).WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        TestContext.Current.TestOutputHelper!.WriteLine($"{Path.GetFileName(program)}: {process.ExitCode}\n{await output}{await errors}");
        return process.ExitCode;
    }
}
