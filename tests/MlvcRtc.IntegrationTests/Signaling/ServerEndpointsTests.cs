using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using MlvcRtc.Server.Settings;
using MlvcRtc.Signaling;
using MlvcRtc.Signaling.Client;

namespace MlvcRtc.IntegrationTests.Signaling;

/// <summary>What operators, proxies and attackers see of mlvcrtc-server.</summary>
public sealed class ServerEndpointsTests
{
    [Fact]
    public async Task Health_readiness_and_metrics_tell_how_the_node_fares()
    {
        await using RunningServer server = await RunningServer.OpenAsync();
        await using SignalingClient ann = server.Client();
        await ann.JoinAsync(Cancel);
        using HttpClient http = new() { BaseAddress = server.Http };
        Assert.Equal("ok\n", await http.GetStringAsync("/healthz", Cancel));
        Assert.Equal("ready\n", await http.GetStringAsync("/readyz", Cancel));
        string metrics = await http.GetStringAsync("/metrics", Cancel);
        Assert.Contains("# TYPE signaling_joins_total counter\nsignaling_joins_total{result=\"joined\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("\nsignaling_seats 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("\nsignaling_join_duration_seconds_bucket{le=\"+Inf\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("\ndotnet_gc_collections_total{", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_draining_node_is_not_ready_and_its_participants_are_told_to_go()
    {
        await using RunningServer server = await RunningServer.OpenAsync();
        await using SignalingClient ann = server.Client();
        await ann.JoinAsync(Cancel);
        using HttpClient http = new() { BaseAddress = server.Http };
        Task drain = server.Signaling.DrainAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await http.GetAsync("/readyz", Cancel)).StatusCode);
        await RunningServer.NextAsync<ConnectionDropped>(ann);
        await drain.WaitAsync(RunningServer.Patience, Cancel);
        Assert.Equal("ok\n", await http.GetStringAsync("/healthz", Cancel));
    }

    [Fact]
    public async Task A_request_that_is_no_WebSocket_or_speaks_another_protocol_is_told_what_is_expected()
    {
        await using RunningServer server = await RunningServer.OpenAsync();
        using HttpClient http = new() { BaseAddress = server.Http };
        Assert.Equal(HttpStatusCode.UpgradeRequired, (await http.GetAsync(SignalingProtocol.Path, Cancel)).StatusCode);
        using ClientWebSocket other = new();
        other.Options.AddSubProtocol("mlvcrtc.v99");
        other.Options.CollectHttpResponseDetails = true;
        await Assert.ThrowsAsync<WebSocketException>(() => other.ConnectAsync(new Uri(server.WebSocket, SignalingProtocol.Path), Cancel));
        Assert.Equal(HttpStatusCode.BadRequest, other.HttpStatusCode);
        Assert.Equal(["Refused: http-426", "Refused: http-400"], server.Log.Refusals);
    }

    [Fact]
    public async Task A_slow_loris_that_drips_its_request_is_cut_off()
    {
        await using RunningServer server = await RunningServer.OpenAsync();
        using TcpClient loris = new();
        await loris.ConnectAsync(IPAddress.Loopback, server.Http.Port, Cancel);
        NetworkStream stream = loris.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {SignalingProtocol.Path} HTTP/1.1\r\nHost: x\r\nX-Drip: "), Cancel);
        byte[] answer = new byte[1000];
        int length = 0;
        using CancellationTokenSource patience = new(RunningServer.Patience);
        int read;
        while ((read = await stream.ReadAsync(answer.AsMemory(length), patience.Token)) > 0)
        {
            length += read;
        }

        Assert.Contains(" 408 ", Encoding.ASCII.GetString(answer, 0, length), StringComparison.Ordinal);
        await IsToldToTheOperatorAsync(server, "http-408");
    }

    [Theory]
    [InlineData("http-400", "\u0016\u0003\u0001 TLS where none is spoken\r\n\r\n")]
    [InlineData("http-400", "GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n")]
    [InlineData("http-431", null)]
    public async Task Bytes_that_are_no_request_and_headers_without_end_are_refused_and_told_to_the_operator(string code, string? request)
    {
        await using RunningServer server = await RunningServer.OpenAsync();
        using TcpClient attacker = new();
        await attacker.ConnectAsync(IPAddress.Loopback, server.Http.Port, Cancel);
        NetworkStream stream = attacker.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request ?? "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + new string('x', 20_000) + "\r\n\r\n"), Cancel);
        byte[] answer = new byte[1000];
        int length = await stream.ReadAtLeastAsync(answer, 12, throwOnEndOfStream: false, Cancel);
        Assert.StartsWith("HTTP/1.1 " + code[^3..], Encoding.ASCII.GetString(answer, 0, length), StringComparison.Ordinal);
        await IsToldToTheOperatorAsync(server, code);
        using HttpClient http = new() { BaseAddress = server.Http };
        Assert.Equal("ok\n", await http.GetStringAsync("/healthz", Cancel));
    }

    [Theory]
    [InlineData("Set JwtSecret")]
    [InlineData("Signaling:MaxConnections must be a number from 1 to 100000", "--open", "true", "--Signaling:MaxConnections=0")]
    [InlineData("Signaling:PerAddress:Rooms must be a number", "--open", "true", "--Signaling:PerAddress:Rooms=many")]
    [InlineData("Signaling:JwtSecert is not a setting", "--Signaling:JwtSecert=x")]
    [InlineData("is not a network", "--open", "true", "--Signaling:TrustedProxies=everybody")]
    [InlineData("Signaling:TurnSecretFile: Could not find", "--open", "true", "--turn-secret-file", "/nowhere/at-all")]
    public void Settings_that_are_wrong_are_named_at_the_start(string words, params string[] args)
    {
        SettingsException problem = Assert.Throws<SettingsException>(() => Server.ServerProgram.Build(args, TimeProvider.System));
        Assert.Contains(words, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_behind_a_trusted_proxy_is_believed_and_behind_nobody_it_is_not()
    {
        Assert.Equal(2, await AdmittedOfTwoAsync("--Signaling:TrustedProxies=127.0.0.0/8"));
        Assert.Equal(1, await AdmittedOfTwoAsync());
    }

    private static async Task IsToldToTheOperatorAsync(RunningServer server, string code)
    {
        await server.Log.UntilAsync("Refused: " + code);
        using HttpClient http = new() { BaseAddress = server.Http };
        Assert.Contains($"signaling_errors_total{{code=\"{code}\"}} 1\n", await http.GetStringAsync("/metrics", Cancel), StringComparison.Ordinal);
    }

    /// <summary>One room per address, two clients in two rooms who claim different addresses.</summary>
    private static async Task<int> AdmittedOfTwoAsync(params string[] settings)
    {
        await using RunningServer server = await RunningServer.OpenAsync(["--Signaling:PerAddress:Rooms=1", .. settings]);
        int admitted = 0;
        List<SignalingClient> clients = [];
        for (int i = 1; i <= 2; i++)
        {
            string claimed = "203.0.113." + i;
            SignalingClient client = new(
                new SignalingClientOptions { Servers = [server.WebSocket], Room = "room" + i, Configure = options => options.SetRequestHeader("X-Forwarded-For", claimed) }, TimeProvider.System, new Random(1));
            clients.Add(client);
            try
            {
                await client.JoinAsync(Cancel);
                admitted++;
            }
            catch (SignalingException refusal)
            {
                Assert.Equal("too-many-rooms", refusal.Code);
            }
        }

        foreach (SignalingClient client in clients)
        {
            await client.DisposeAsync();
        }

        return admitted;
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
}
