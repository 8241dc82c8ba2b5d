using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using MlvcRtc.App.Audio;
using MlvcRtc.App.Calls;
using MlvcRtc.App.CommandLine;
using MlvcRtc.IntegrationTests.Signaling;
using MlvcRtc.WebRtc.BuiltIn;

namespace MlvcRtc.IntegrationTests.App.Calls;

/// <summary>'mlvcrtc call' between two sides over loopback, with the real codec, the real transport and a real server in this process.</summary>
public sealed class CallTests : IAsyncLifetime
{
    /// <summary>For loading models and coding on a machine that does other things as well; reached by failures only.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ScratchFolder _folder = new();
    private EmbeddedServer _server = null!;
    private string _clip = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await EmbeddedServer.StartAsync(IPAddress.Loopback, 0, TimeProvider.System);
        _clip = _folder.MakeClip("clip.mp4", "128x96", "10", 4);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Both_sides_see_and_hear_each_other_and_end_together()
    {
        WriteSound("a.opus");
        Task<Program> first = CallAsync("first", "--seconds", "5", "--audio", _folder["a.opus"], "--reference", _clip);
        Task<Program> second = CallAsync("second", "--output", _folder["seen.y4m"], "--audio-output", _folder["heard.opus"]);
        Program[] ended = await Task.WhenAll(first, second);

        Assert.All(ended, side => side.AssertSucceeds());
        JsonElement a = Report("first");
        JsonElement b = Report("second");
        Assert.Equal("time-is-up", a.GetProperty("ended").GetString());
        Assert.Equal("they-hung-up", b.GetProperty("ended").GetString());
        Assert.All([a, b], side => Assert.True(side.GetProperty("frames_decoded").GetInt32() >= 3, $"{side.GetProperty("frames_decoded")} frames decoded"));
        Assert.True(a.GetProperty("mean_psnr_db").GetDouble() > 20, $"PSNR {a.GetProperty("mean_psnr_db")} dB against the clip that was sent");
        Assert.True(b.GetProperty("audio_packets_received").GetInt32() >= 50, $"{b.GetProperty("audio_packets_received")} packets of sound in about 5 s");
        Assert.True(new FileInfo(_folder["seen.y4m"]).Length > 3 * 128 * 96 * 3 / 2);
        Assert.All([a, b], side => Assert.InRange(side.GetProperty("reported_rtt_ms").GetDouble(), 0, 1000));
        Assert.All([a, b], side => Assert.Equal(0, side.GetProperty("reported_packets_lost").GetInt32()));
        using OpusFileReader heard = new(_folder["heard.opus"]);
        Assert.Equal(Sound(0)[0], heard.Read(1150, out _)[0]);
    }

    [Fact]
    public async Task A_third_is_told_that_the_room_is_full_and_the_two_go_on()
    {
        using CancellationTokenSource hangUp = new();
        Task<Program> first = CallAsync("first", hangUp.Token);
        Task<Program> second = CallAsync("second");
        await WaitAsync(() => _connected >= 2, first, second);
        Program third = await CallAsync("third");
        third.AssertFails(ExitCode.Failed, "Room", "could not be joined", "Two are in");

        Assert.False(first.IsCompleted || second.IsCompleted);
        await hangUp.CancelAsync();
        (await first).AssertSucceeds();
        (await second).AssertSucceeds();
        Assert.Equal("we-hung-up", Report("first").GetProperty("ended").GetString());
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_named_in_one_line()
    {
        int port = FreePort();
        Program side = await Program.RunAsync(Arguments("x", $"ws://127.0.0.1:{port}"));

        side.AssertFails(ExitCode.Failed, $"127.0.0.1:{port}", "Check the address");
    }

    [Fact]
    public async Task A_server_that_wants_a_token_is_told_apart_and_the_option_is_named()
    {
        await using RunningServer server = await RunningServer.StartAsync("--Signaling:JwtSecret=a secret of more than 32 bytes, for tests");
        Program without = await Program.RunAsync(Arguments("x", server.WebSocket.ToString()));
        Program wrong = await Program.RunAsync([.. Arguments("x", server.WebSocket.ToString()), "--token", "made.up.words"]);

        without.AssertFails(ExitCode.BadInput, "Room test", "holders of tokens only", "--token", "MLVCRTC_TOKEN");
        wrong.AssertFails(ExitCode.BadInput, "Room test", "not a JWT");
        Assert.Equal(["Refused: token-required", "Refused: token-malformed"], server.Log.Refusals);
    }

    [Fact]
    public async Task A_side_that_shows_another_certificate_than_was_announced_gets_no_picture_and_the_reason_is_told()
    {
        Task<Program> honest = CallAsync("honest");
        using StringWriter error = new();
        Surroundings there = new(new(TextWriter.Null, TextWriter.Synchronized(error), IsInteractive: false), TimeProvider.System, Environment.GetEnvironmentVariable, AppContext.BaseDirectory);
        CallSettings forging = new()
        {
            Servers = [_server.LocalAddress],
            Room = "test",
            Input = _clip,
            Loopback = true,
            Peers = new ForgingPeers(new BuiltInPeerFactory(TimeProvider.System)),
        };
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task forged = new CallRun(there, forging, null, [], null).RunAsync(patience.Token);

        (await honest).AssertFails(ExitCode.Failed, "No connection to the other side", "DTLS", "fingerprint");
        Assert.False(File.Exists(_folder["honest.json"]));
        patience.CancelAfter(TimeSpan.FromSeconds(5)); // it may have been left before it noticed, and wait for somebody else
        Exception end = await Assert.ThrowsAnyAsync<Exception>(() => forged);
        Assert.True(end is UserError or OperationCanceledException, end.ToString());
    }

    [Theory]
    [InlineData("call", "--room", "a")]
    [InlineData("call", "--room", "a", "--server", "not an address")]
    [InlineData("call", "--room", "a", "--server", "ftp://example.org")]
    [InlineData("call", "--room", "a", "--server", "ws://127.0.0.1:1", "--host")]
    public async Task Addresses_that_are_none_are_refused_before_anything_is_opened(params string[] arguments) =>
        (await Program.RunAsync(arguments)).AssertFails(ExitCode.BadInput, "--server");

    [Fact]
    public async Task A_room_name_with_other_characters_is_wrong_usage()
    {
        Program side = await Program.RunAsync([.. Arguments("x", _server.LocalAddress.ToString()).Select(word => word == "test" ? "no spaces" : word)]);

        side.AssertFails(ExitCode.BadInput, "oom");
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static byte[] Sound(int number) => [1 << 3, (byte)number, 2, 3];  // SILK, 20 ms

    private volatile int _connected;

    /// <summary>Of 800 kbit/s a side reports every half a second (RFC 3550 §6.2), so that a short call knows its round trip.</summary>
    private string[] Arguments(string name, string server) =>
    [
        "call", "--server", server, "--room", "test", "--headless", "--loopback", "--transport", "builtin", "--input", _clip, "--kbps", "800", "--json", _folder[name + ".json"],
    ];

    private Task<Program> CallAsync(string name, params string[] more) => CallAsync(name, TestContext.Current.CancellationToken, more);

    private async Task<Program> CallAsync(string name, CancellationToken hangUp, params string[] more)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(hangUp, TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        using CountingWriter output = new(() => Interlocked.Increment(ref _connected));
        using StringWriter error = new();
        Surroundings surroundings = new(
            new(TextWriter.Synchronized(output), TextWriter.Synchronized(error), IsInteractive: false), TimeProvider.System, Environment.GetEnvironmentVariable, AppContext.BaseDirectory);
        int code = await Cli.RunAsync([.. Arguments(name, _server.LocalAddress.ToString()), .. more], surroundings, patience.Token);
        return new(code, output.ToString(), error.ToString());
    }

    private JsonElement Report(string name)
    {
        using JsonDocument report = JsonDocument.Parse(File.ReadAllBytes(_folder[name + ".json"]));
        return report.RootElement.Clone();
    }

    private void WriteSound(string name)
    {
        using OpusFileWriter writer = new(_folder[name], new OpusHead(1, 312), serial: 1);
        for (int i = 0; i < 100; i++)
        {
            writer.Write(Sound(i), 960);
        }

        writer.Complete();
    }

    private static async Task WaitAsync(Func<bool> done, params Task[] orEarlier)
    {
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(50));
        using CancellationTokenSource patience = new(Patience);
        while (!done() && !orEarlier.Any(task => task.IsCompleted))
        {
            await timer.WaitForNextTickAsync(patience.Token);
        }

        Assert.True(done(), "a side ended before both were connected");
    }

    /// <summary>Tells when a side prints its first line of statistics: it is connected.</summary>
    private sealed class CountingWriter(Action connected) : StringWriter(CultureInfo.InvariantCulture)
    {
        private bool _told;

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (!_told && value?.Contains(" s  sent ", StringComparison.Ordinal) == true)
            {
                _told = true;
                connected();
            }
        }
    }
}
