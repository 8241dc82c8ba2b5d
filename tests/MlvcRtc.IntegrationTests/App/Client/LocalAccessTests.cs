using System.Net;
using System.Net.WebSockets;
using MlvcRtc.App.Client;

namespace MlvcRtc.IntegrationTests.App.Client;

/// <summary>Nobody but the page that was opened with the token sees a frame or drives the client.</summary>
public sealed class LocalAccessTests(LocalAccessTests.Client client) : IClassFixture<LocalAccessTests.Client>
{
    [Fact]
    public async Task The_page_is_served_and_nothing_beside_it()
    {
        await using TestPage page = client.Real.NewPage();
        using HttpResponseMessage start = await page.Http.GetAsync("/", Cancel);
        Assert.Contains("<title>page</title>", await start.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal("text/html; charset=utf-8", start.Content.Headers.ContentType?.ToString());
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(page, "/assets/page.js"));
        Assert.All(
            ["/secret.txt", "/../secret.txt", "/..%2fsecret.txt", "/assets/..%2f..%2fsecret.txt", "/assets/", "/index.html/", "/api/nothing"],
            path => Assert.NotEqual(HttpStatusCode.OK, StatusAsync(page, path).GetAwaiter().GetResult()));
    }

    [Fact]
    public async Task Browsers_are_told_to_run_nothing_from_elsewhere_and_to_frame_and_keep_nothing()
    {
        await using TestPage page = client.Real.NewPage();
        using HttpResponseMessage start = await page.Http.GetAsync("/", Cancel);
        string policy = string.Join(';', start.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'self'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(start.Headers.GetValues("X-Content-Type-Options")));
        Assert.True(start.Headers.CacheControl?.NoStore);
        Assert.False(start.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.False(start.Headers.Contains("Server"));
    }

    [Fact]
    public async Task A_token_opens_one_session_and_then_no_other()
    {
        await using TestPage first = client.Real.NewPage();
        Assert.Equal(HttpStatusCode.NoContent, await first.OpenSessionAsync());
        await using TestPage second = new(first.Address);
        Assert.Equal(HttpStatusCode.Forbidden, await second.OpenSessionAsync());
    }

    [Fact]
    public async Task A_token_is_void_once_a_fresh_one_was_asked_for()
    {
        await using TestPage old = client.Real.NewPage();
        await using TestPage fresh = client.Real.NewPage();
        Assert.Equal(HttpStatusCode.Forbidden, await old.OpenSessionAsync());
        Assert.Equal(HttpStatusCode.NoContent, await fresh.OpenSessionAsync());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"token\":null}")]
    [InlineData("{\"token\":\"\"}")]
    [InlineData("{\"token\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}")]
    [InlineData("{\"token\":7}")]
    [InlineData("[]")]
    [InlineData("not json")]
    [InlineData("")]
    public async Task Without_the_token_there_is_no_session(string body)
    {
        await using TestPage page = client.Real.NewPage();
        using HttpRequestMessage request = new(HttpMethod.Post, "/api/session") { Content = new StringContent(body), Headers = { { "Origin", page.Origin } } };
        using HttpResponseMessage answer = await page.Http.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
        Assert.Equal(HttpStatusCode.NoContent, await page.OpenSessionAsync());  // and the true one is not used up by it
    }

    [Fact]
    public async Task The_sessions_cookie_is_out_of_reach_of_scripts_and_other_sites()
    {
        await using TestPage page = client.Real.NewPage();
        using HttpRequestMessage request = TestPage.SessionRequest(page.Origin, new { token = page.Token });
        using HttpResponseMessage answer = await page.Http.SendAsync(request, Cancel);
        string cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("path=/api", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:1")]
    [InlineData("[::1]:PORT")]
    [InlineData("evil.example:PORT")]
    public async Task A_name_of_others_that_leads_here_shows_nothing(string host)
    {
        await using TestPage page = client.Real.NewPage();
        foreach (string path in (string[])["/", "/api/frames", "/api/session"])
        {
            using HttpRequestMessage request = new(HttpMethod.Get, path);
            request.Headers.Host = host.Replace("PORT", $"{client.Real.Server.Port}", StringComparison.Ordinal);
            using HttpResponseMessage answer = await page.Http.SendAsync(request, Cancel);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("https://127.0.0.1:PORT")]
    [InlineData("null")]
    [InlineData("")]
    public async Task A_page_of_others_is_refused_even_with_our_token_and_cookie(string origin)
    {
        await using TestPage page = client.Real.NewPage();
        string other = origin.Replace("PORT", $"{client.Real.Server.Port}", StringComparison.Ordinal);
        using HttpRequestMessage wrong = TestPage.SessionRequest(other, new { token = page.Token });
        if (origin.Length == 0)
        {
            wrong.Headers.Remove("Origin");
        }

        using HttpResponseMessage answer = await page.Http.SendAsync(wrong, Cancel);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);

        Assert.Equal(HttpStatusCode.NoContent, await page.OpenSessionAsync());
        if (origin.Length > 0)
        {
            await Assert.ThrowsAsync<WebSocketException>(() => page.SocketAsync("/api/control", other));
            await Assert.ThrowsAsync<WebSocketException>(() => page.SocketAsync("/api/capture", other));
            using HttpRequestMessage frames = new(HttpMethod.Get, "/api/frames") { Headers = { { "Origin", other } } };
            using HttpResponseMessage refused = await page.Http.SendAsync(frames, HttpCompletionOption.ResponseHeadersRead, Cancel);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }
    }

    [Theory]
    [InlineData("cross-site")]
    [InlineData("same-site")]
    public async Task A_page_of_another_port_cannot_load_frames_with_the_cookie_that_the_browser_sends_along(string site)
    {
        await using TestPage page = client.Real.NewPage();
        Assert.Equal(HttpStatusCode.NoContent, await page.OpenSessionAsync());
        using HttpRequestMessage frames = new(HttpMethod.Get, "/api/frames") { Headers = { { "Sec-Fetch-Site", site } } };
        using HttpResponseMessage refused = await page.Http.SendAsync(frames, HttpCompletionOption.ResponseHeadersRead, Cancel);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Fact]
    public async Task Without_the_cookie_there_are_no_frames_no_control_and_no_capture()
    {
        await using TestPage page = client.Real.NewPage();
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(page, "/api/frames"));
        await Assert.ThrowsAsync<WebSocketException>(() => page.SocketAsync("/api/control"));
        await Assert.ThrowsAsync<WebSocketException>(() => page.SocketAsync("/api/capture"));
    }

    [Fact]
    public async Task A_page_that_is_opened_later_takes_over_and_the_older_one_is_told_and_shut_out()
    {
        await using TestPage older = await client.Real.OpenPageAsync();
        await older.HearAsync("ready");
        await using TestPage newer = await client.Real.OpenPageAsync();
        await newer.HearAsync("ready");

        Assert.Equal((4001, "taken over"), await older.HearCloseAsync());
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(older, "/api/frames"));
        await Assert.ThrowsAsync<WebSocketException>(() => older.SocketAsync("/api/control"));
    }

    [Fact]
    public async Task Other_addresses_of_this_machine_do_not_answer()
    {
        foreach (IPAddress address in (await Dns.GetHostAddressesAsync(Dns.GetHostName(), Cancel)).Where(one => !IPAddress.IsLoopback(one)))
        {
            using System.Net.Sockets.TcpClient caller = new(address.AddressFamily);
            await Assert.ThrowsAnyAsync<System.Net.Sockets.SocketException>(() => caller.ConnectAsync(address, client.Real.Server.Port, Cancel).AsTask());
        }
    }

    [Fact]
    public void It_listens_on_this_machines_own_address_and_no_other()
    {
        int port = client.Real.Server.Port;
        IPEndPoint[] listening = [.. System.Net.NetworkInformation.IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(one => one.Port == port)];
        Assert.Equal([new IPEndPoint(IPAddress.Loopback, port)], listening);
    }

    [Theory]
    [InlineData("GET /api/frames HTTP/1.0\r\n\r\n")]
    [InlineData("GET /api/frames HTTP/1.1\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /api/frames HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /api/frames HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nHost: 127.0.0.1:PORT\r\nConnection: close\r\n\r\n")]
    [InlineData("GET http://evil.example/api/frames HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /api/frames HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nCookie: mlvcrtc-session-PORT=\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /api/frames HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nCookie: mlvcrtc-session-PORT=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /api/frames?token=TOKEN HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nAuthorization: Bearer TOKEN\r\nCookie: mlvcrtc-session-PORT=TOKEN\r\nConnection: close\r\n\r\n")]
    public async Task Requests_that_no_browser_makes_get_no_frames_either(string request)
    {
        await using TestPage page = client.Real.NewPage();
        string port = client.Real.Server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        using System.Net.Sockets.TcpClient caller = new();
        await caller.ConnectAsync(IPAddress.Loopback, client.Real.Server.Port, Cancel);
        System.Net.Sockets.NetworkStream wire = caller.GetStream();
        await wire.WriteAsync(System.Text.Encoding.ASCII.GetBytes(request.Replace("PORT", port, StringComparison.Ordinal).Replace("TOKEN", page.Token, StringComparison.Ordinal)), Cancel);
        using StreamReader answer = new(wire);
        Assert.Matches("^HTTP/1.1 40[03] ", await answer.ReadLineAsync(Cancel));
        Assert.Equal(HttpStatusCode.NoContent, await page.OpenSessionAsync());  // and the token is not used up by it
    }

    [Fact]
    public void The_file_that_leads_a_browser_to_the_token_is_for_this_user_alone_and_goes_with_the_program()
    {
        Uri address = new("http://127.0.0.1:4711/#token=secret");
        string file;
        using (BrowserWindow window = new())
        {
            file = window.Write(address);
            Assert.Contains(address.AbsoluteUri, File.ReadAllText(file), StringComparison.Ordinal);
            Assert.DoesNotContain("secret", file, StringComparison.Ordinal);  // the path is on the browser's command line, which others can read
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(file)!));
            }
        }

        Assert.False(File.Exists(file));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task<HttpStatusCode> StatusAsync(TestPage page, string path)
    {
        using HttpResponseMessage answer = await page.Http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, Cancel);
        return answer.StatusCode;
    }

    /// <summary>One client for all of these tests.</summary>
    public sealed class Client : IAsyncLifetime
    {
        internal TestClient Real { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Real = await TestClient.StartAsync();

        public ValueTask DisposeAsync() => Real.DisposeAsync();
    }
}
