using System.Net;
using System.Text.Json;
using MlvcRtc.App.Calls;
using MlvcRtc.App.CommandLine;
using MlvcRtc.Signaling.Serving;

namespace MlvcRtc.InteropTests;

/// <summary>'mlvcrtc call --relay-only': the real codec, and coturn between the two sides.</summary>
public sealed class CallOverTurnTests : IDisposable
{
    /// <summary>For loading models on a machine that does other things as well; reached by failures only.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("turn-call");

    [Fact]
    public async Task Two_sides_that_hide_their_addresses_see_each_other_over_the_relay()
    {
        await using TurnServer relay = await TurnServer.StartAsync(["127.0.0.1"]);
        await using EmbeddedServer server = await EmbeddedServer.StartAsync(
            IPAddress.Loopback, 0, TimeProvider.System, new SignalingServerOptions { Open = true, TurnUrls = [relay.Url], TurnSecret = relay.Secret });
        (int Code, string Said)[] ended = await Task.WhenAll(CallAsync(server, "first", "--seconds", "5"), CallAsync(server, "second"));

        Assert.All(ended, static side => Assert.True(side.Code == 0, side.Said));
        foreach (string name in (string[])["first", "second"])
        {
            using JsonDocument report = JsonDocument.Parse(await File.ReadAllBytesAsync(PathOf(name), TestContext.Current.CancellationToken));
            JsonElement path = report.RootElement.GetProperty("path");
            Assert.Equal("relay", path.GetProperty("local_candidate_type").GetString());
            Assert.Equal("relay", path.GetProperty("remote_candidate_type").GetString());
            Assert.True(report.RootElement.GetProperty("frames_decoded").GetInt32() >= 3, report.RootElement.GetProperty("frames_decoded").ToString());
            TestContext.Current.TestOutputHelper!.WriteLine($"{name}: first picture after {report.RootElement.GetProperty("join_to_first_frame_ms")} ms");
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string PathOf(string name) => Path.Combine(_folder.FullName, name + ".json");

    private async Task<(int Code, string Said)> CallAsync(EmbeddedServer server, string name, params string[] more)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        using StringWriter said = new();
        TextWriter output = TextWriter.Synchronized(said);
        Surroundings surroundings = new(new(output, output, IsInteractive: false), TimeProvider.System, Environment.GetEnvironmentVariable, AppContext.BaseDirectory);
        string[] arguments =
        [
            "call", "--server", server.LocalAddress.ToString(), "--room", "relayed", "--headless", "--relay-only", "--transport", "builtin", "--size", "160x96", "--kbps", "100",
            "--json", PathOf(name), .. more,
        ];
        int code = await Cli.RunAsync(arguments, surroundings, patience.Token);
        return (code, said.ToString());
    }
}
