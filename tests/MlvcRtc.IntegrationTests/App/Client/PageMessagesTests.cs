using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using MlvcRtc.App.Client;
using MlvcRtc.App.CommandLine;
using MlvcRtc.Proof;
using MlvcRtc.Proof.Fuzzing;

namespace MlvcRtc.IntegrationTests.App.Client;

/// <summary>What the page says is checked: the wrong is refused in words, and nothing of it ends the program or the session.</summary>
public sealed class PageMessagesTests
{
    private const string Join = """{"type":"join","name":"Ann","server":"ws://127.0.0.1:1","room":"kitchen","token":"","width":320,"height":180,"fps":30,"kbps":300,"video":"page","audio":"none","later":[1]}""";

    [Fact]
    public void A_join_is_read_with_all_of_its_fields()
    {
        JoinRequest join = Assert.IsType<JoinRequest>(Read(Join));
        Assert.Equal(new JoinRequest("Ann", "ws://127.0.0.1:1", "kitchen", null, new PictureSize(320, 180), 30, 300, SendsVideo: true, SendsSound: false), join);
    }

    [Fact]
    public void Other_requests_are_read_and_unknown_ones_are_passed_over()
    {
        Assert.IsType<HangUpRequest>(Read("""{"type":"hangup"}"""));
        Assert.Equal(new CameraRequest(false), Read("""{"type":"camera","on":false}"""));
        Assert.Equal(new MicrophoneRequest(true), Read("""{"type":"microphone","on":true}"""));
        Assert.Equal(new LabRequest(10, 40, 300), Read("""{"type":"lab","loss_percent":10,"delay_ms":40,"rate_kbps":300}"""));
        Assert.IsType<UnknownRequest>(Read("""{"type":"tomorrow"}"""));
    }

    [Theory]
    [InlineData("", "JSON")]
    [InlineData("[]", "object")]
    [InlineData("{}", "type")]
    [InlineData("""{"type":5}""", "type")]
    [InlineData("""{"type":"join"}""", "room")]
    [InlineData("""{"type":"join","room":"no spaces","server":"host"}""", "room")]
    [InlineData("""{"type":"join","room":"a","server":"host","width":321,"height":180}""", "odd")]
    [InlineData("""{"type":"join","room":"a","server":"host","width":1e300,"height":180}""", "width")]
    [InlineData("""{"type":"join","room":"a","server":"host","width":1920,"height":1200}""", "1080")]
    [InlineData("""{"type":"join","room":"a","server":"host","kbps":5}""", "kbps")]
    [InlineData("""{"type":"join","room":"a","server":"host","video":"file"}""", "video")]
    [InlineData("""{"type":"camera"}""", "on")]
    [InlineData("""{"type":"camera","on":"yes"}""", "on")]
    [InlineData("""{"type":"lab","loss_percent":51}""", "loss_percent")]
    [InlineData("""{"type":"lab","delay_ms":-1}""", "delay_ms")]
    [InlineData("""{"type":"\ud800"}""", "character")]
    public void What_is_wrong_is_named(string json, string word)
    {
        Assert.False(ControlReader.TryRead(Encoding.UTF8.GetBytes(json), out _, out string? problem));
        Assert.Contains(word, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_control_messages_never_throw_and_what_is_accepted_is_within_its_bounds()
    {
        PacketMutator chance = new(seed: 20261121);
        byte[][] seeds = [.. ((string[])[Join, """{"type":"lab","loss_percent":10.5,"delay_ms":40,"rate_kbps":300}""", """{"type":"camera","on":false}"""]).Select(Encoding.UTF8.GetBytes)];
        int accepted = 0, refused = 0;
        long begun = Stopwatch.GetTimestamp();
        for (int i = 0; i < ProofSize.Packets / 10; i++)
        {
            byte[] json = Damage(seeds[chance.Next((uint)seeds.Length)], chance);
            if (ControlReader.TryRead(json, out ControlRequest? request, out string? problem))
            {
                accepted++;
                Assert.True(request is not LabRequest lab || (lab.LossPercent is >= 0 and <= 50 && lab.DelayMs is >= 0 and <= 500 && lab.RateKbps is >= 0 and <= 20_000), $"{request}");
                Assert.True(request is not JoinRequest join || (join.Size.Check() is null && join.Kbps is >= 20 and <= 20_000 && join.FramesPerSecond is >= 1 and <= 60), $"{request}");
            }
            else
            {
                refused++;
                Assert.False(string.IsNullOrEmpty(problem));
            }
        }

        Assert.True(accepted > 100 && refused > 100, $"{accepted} accepted, {refused} refused");
        Assert.True(Stopwatch.GetElapsedTime(begun) < TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void Damaged_item_headers_never_throw_and_what_is_accepted_is_a_picture_or_sound_of_a_known_length()
    {
        PacketMutator chance = new(seed: 20261122);
        byte[][] seeds = [new byte[16], new byte[16]];
        new MediaItem(MediaItemKind.Picture, 0, 320, 180, 123_456_789).Write(seeds[0]);
        new MediaItem(MediaItemKind.Sound, 0, 0, 0, 20_000).Write(seeds[1]);
        int accepted = 0, refused = 0;
        for (int i = 0; i < ProofSize.Packets / 4; i++)
        {
            byte[] bytes = Damage(seeds[i % 2], chance);
            if (MediaItem.TryRead(bytes, out MediaItem item, out string? problem))
            {
                accepted++;
                Assert.InRange(item.PictureBytes, item.Kind == MediaItemKind.Picture ? 64 * 64 * 3 / 2 : 0, MediaItem.LargestBytes * 2);
                Assert.True(item.Microseconds <= 1UL << 53);
            }
            else
            {
                refused++;
                Assert.False(string.IsNullOrEmpty(problem));
            }
        }

        Assert.True(accepted > 100 && refused > 100, $"{accepted} accepted, {refused} refused");
    }

    [Fact]
    public async Task A_page_that_talks_nonsense_is_told_so_and_may_go_on()
    {
        await using TestClient client = await TestClient.StartAsync(room: "kitchen");
        await using TestPage page = await client.OpenPageAsync();
        JsonElement ready = await page.HearAsync("ready");
        Assert.Equal("kitchen", ready.GetProperty("room").GetString());
        Assert.Equal("idle", (await page.HearAsync("state")).GetProperty("state").GetString());

        await page.SendTextAsync("nonsense");
        AssertRefused(await page.HearAsync("error"), "JSON");
        await page.SendTextAsync("""{"type":"tomorrow"}""");
        await page.CaptureBytesAsync(new byte[3]);
        AssertRefused(await page.HearAsync("error"), "header");
        await page.CaptureAsync(new MediaItem(MediaItemKind.Picture, 0, 320, 180, 1), new byte[100]);
        AssertRefused(await page.HearAsync("error"), "86400");
        await page.CaptureAsync(new MediaItem(MediaItemKind.Picture, 0, 320, 180, 1), new byte[86_401]);
        AssertRefused(await page.HearAsync("error"), "86401");
        await page.CaptureAsync(new MediaItem(MediaItemKind.Picture, 0, 321, 180, 1), new byte[86_400]);
        AssertRefused(await page.HearAsync("error"), "odd");
        await page.CaptureAsync(new MediaItem(MediaItemKind.Sound, 0, 0, 0, 1), new byte[5000]);
        AssertRefused(await page.HearAsync("error"), "5000");
        await page.SendAsync(new { type = "join", server = "ws://127.0.0.1:1", room = "kitchen" });
        JsonElement unreachable = await page.HearAsync("error");
        Assert.Equal("server-unreachable", unreachable.GetProperty("code").GetString());
        Assert.Contains("127.0.0.1:1", unreachable.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.False(string.IsNullOrEmpty(unreachable.GetProperty("remedy").GetString()));
        Assert.Equal("failed", (await page.HearStateAsync("ended")).GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_control_message_that_is_too_long_closes_the_socket_and_the_next_one_is_heard()
    {
        await using TestClient client = await TestClient.StartAsync();
        await using TestPage page = await client.OpenPageAsync();
        await page.SendTextAsync(new string(' ', ControlReader.MaxBytes + 1));
        Assert.Equal((int)WebSocketCloseStatus.MessageTooBig, (await page.HearCloseAsync()).Status);

        await page.OpenControlAsync();
        await page.HearAsync("ready");
    }

    [Fact]
    public async Task A_page_is_told_when_the_program_ends()
    {
        await using TestClient client = await TestClient.StartAsync();
        await using TestPage page = await client.OpenPageAsync();
        await page.HearAsync("ready");
        await client.DisposeAsync();
        Assert.Equal(((int)WebSocketCloseStatus.EndpointUnavailable, "the program ends"), await page.HearCloseAsync());
    }

    [Fact]
    public async Task An_item_that_is_too_long_closes_the_capture_socket_with_the_reason()
    {
        await using TestClient client = await TestClient.StartAsync();
        await using TestPage page = await client.OpenPageAsync();
        using ClientWebSocket capture = await page.SocketAsync("/api/capture");
        CancellationToken cancel = TestContext.Current.CancellationToken;
        Task sending = capture.SendAsync(new byte[MediaItem.LargestBytes + (1 << 20)], WebSocketMessageType.Binary, endOfMessage: true, cancel);
        WebSocketReceiveResult answer = await capture.ReceiveAsync(new byte[256], cancel);
        Assert.Equal(WebSocketMessageType.Close, answer.MessageType);
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, answer.CloseStatus);
        AssertRefused(await page.HearAsync("error"), "4194304");
        await sending.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private static ControlRequest? Read(string json) => ControlReader.TryRead(Encoding.UTF8.GetBytes(json), out ControlRequest? request, out string? problem) ? request : throw new Xunit.Sdk.XunitException(problem!);

    private static void AssertRefused(JsonElement error, string word)
    {
        Assert.Equal("bad-request", error.GetProperty("code").GetString());
        Assert.Contains(word, error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    private static byte[] Damage(byte[] seed, PacketMutator chance)
    {
        byte[] bytes = [.. seed];
        for (uint i = 0, changes = chance.Next(4); i < changes; i++)
        {
            bytes[chance.Next((uint)bytes.Length)] = (byte)chance.Next(256);
        }

        return chance.Next(8) == 0 ? bytes[..(int)chance.Next((uint)bytes.Length + 1)] : bytes;
    }
}
