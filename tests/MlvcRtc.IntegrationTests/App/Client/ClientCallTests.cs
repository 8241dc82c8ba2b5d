using System.Diagnostics;
using System.Net;
using System.Text.Json;
using MlvcRtc.App.Calls;
using MlvcRtc.App.Client;

namespace MlvcRtc.IntegrationTests.App.Client;

/// <summary>Two clients, each driven by a page of its own, with the real codec, transport and signaling server.</summary>
public sealed class ClientCallTests : IAsyncLifetime
{
    private const int Width = 128, Height = 96, Rate = 15;

    private EmbeddedServer _server = null!;
    private TestClient _ann = null!;
    private TestClient _bob = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await EmbeddedServer.StartAsync(IPAddress.Loopback, 0, TimeProvider.System);
        _ann = await TestClient.StartAsync();
        _bob = await TestClient.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _ann.DisposeAsync();
        await _bob.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Two_people_see_and_hear_each_other_switch_off_hang_up_and_meet_again()
    {
        await using Seat ann = await Seat.TakeAsync(_ann, greyStep: 0);
        await using Seat bob = await Seat.TakeAsync(_bob, greyStep: 1);
        await MeetAsync(ann, bob);

        // Pictures of rising brightness arrive in their order, sound in the order of its numbers.
        await ann.SeesAsync(pictures: 20);
        await bob.SeesAsync(pictures: 20);
        ann.AssertPicturesInOrder();
        bob.AssertPicturesInOrder();
        await bob.HearsAsync(packets: 50);
        bob.AssertSoundInOrder();
        JsonElement statistics = await ann.Page.HearAsync("statistics", message => message.GetProperty("receive_fps").GetDouble() > 0);
        Assert.True(statistics.GetProperty("send_kbps").GetDouble() > 0, $"{statistics}");
        Assert.True(statistics.GetProperty("stages_ms").GetProperty("encode").GetDouble() > 0, $"{statistics}");
        Assert.True(statistics.GetProperty("latency_ms").GetDouble() > 0, $"{statistics}");

        // The camera is switched off: black; the microphone: silence.
        await ann.Page.SendAsync(new { type = "camera", on = false });
        await ann.Page.SendAsync(new { type = "microphone", on = false });
        await bob.SeesBlackAsync();
        await bob.HearsNothingMoreAsync();
        await ann.Page.SendAsync(new { type = "camera", on = true });
        await bob.SeesAgainAsync();

        await ann.Page.SendAsync(new { type = "hangup" });
        Assert.Equal("you-hung-up", (await ann.Page.HearStateAsync("ended")).GetProperty("reason").GetString());
        Assert.Equal("they-hung-up", (await bob.Page.HearStateAsync("ended")).GetProperty("reason").GetString());

        await MeetAsync(ann, bob);
        bob.Forget();
        await bob.SeesAsync(pictures: 5);
    }

    [Fact]
    public async Task The_network_lab_loses_packets_of_the_live_call_and_stops_when_it_is_told()
    {
        await using Seat ann = await Seat.TakeAsync(_ann, greyStep: 0);
        await using Seat bob = await Seat.TakeAsync(_bob, greyStep: 1);
        await MeetAsync(ann, bob);
        await bob.SeesAsync(pictures: 5);

        await ann.Page.SendAsync(new { type = "lab", loss_percent = 20, delay_ms = 60, rate_kbps = 0 });
        JsonElement worse = await bob.Page.HearAsync("statistics", message => message.GetProperty("rtt_ms").GetDouble() > 100 && message.GetProperty("receive_loss_percent").GetDouble() > 3);
        Assert.True(worse.GetProperty("sound_packets_lost").GetInt64() > 0, $"{worse}");
        bob.Forget();
        await bob.SeesAsync(pictures: 10);  // it goes on nevertheless

        await ann.Page.SendAsync(new { type = "lab", loss_percent = 0, delay_ms = 0, rate_kbps = 0 });
        await bob.Page.HearAsync("statistics", message => message.GetProperty("rtt_ms").GetDouble() < 60 && message.GetProperty("receive_loss_percent").GetDouble() == 0);
    }

    [Fact]
    public async Task A_page_that_is_reloaded_finds_its_call_and_one_that_stays_away_ends_it()
    {
        await using Seat ann = await Seat.TakeAsync(_ann, greyStep: 0);
        await using Seat bob = await Seat.TakeAsync(_bob, greyStep: 1);
        await MeetAsync(ann, bob);

        await ann.Page.OpenControlAsync();  // the cookie is still there; the older socket is told
        await ann.Page.HearAsync("ready");
        await ann.Page.HearStateAsync("connected");
        await ann.Page.SendAsync(new { type = "hangup" });
        await bob.Page.HearStateAsync("ended");

        await MeetAsync(ann, bob);
        await ann.DisposeAsync();
        Assert.Equal("they-hung-up", (await bob.Page.HearStateAsync("ended")).GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_third_is_told_that_the_room_is_full()
    {
        await using Seat ann = await Seat.TakeAsync(_ann, greyStep: 0);
        await using Seat bob = await Seat.TakeAsync(_bob, greyStep: 1);
        await MeetAsync(ann, bob);
        await using TestClient late = await TestClient.StartAsync();
        await using Seat third = await Seat.TakeAsync(late, greyStep: 0);
        await third.JoinAsync($"{_server.LocalAddress}");
        Assert.Equal("room-full", (await third.Page.HearAsync("error")).GetProperty("code").GetString());
    }

    [Fact]
    public async Task One_side_can_be_the_server_and_tells_how_to_come()
    {
        await using Seat ann = await Seat.TakeAsync(_ann, greyStep: 0);
        await using Seat bob = await Seat.TakeAsync(_bob, greyStep: 1);
        await ann.JoinAsync(JoinRequest.Host);
        JsonElement waiting = await ann.Page.HearStateAsync("waiting");
        await bob.JoinAsync(waiting.GetProperty("invitation").GetString()!);
        await ann.Page.HearStateAsync("connected");
        await bob.SeesAsync(pictures: 3);
    }

    private async Task MeetAsync(Seat ann, Seat bob)
    {
        await ann.JoinAsync($"{_server.LocalAddress}");
        await ann.Page.HearStateAsync("waiting");
        await bob.JoinAsync($"{_server.LocalAddress}");
        await ann.Page.HearStateAsync("connected");
        await bob.Page.HearStateAsync("connected");
    }

    /// <summary>One person: a page that sends grey pictures and numbered sound in real time, and notes what it sees and hears.</summary>
    private sealed class Seat : IAsyncDisposable
    {
        private readonly List<(int Grey, ulong At)> _seen = [];
        private readonly List<(int Number, ulong At, bool Lost)> _heard = [];
        private readonly SemaphoreSlim _news = new(0);
        private readonly CancellationTokenSource _end = new();
        private Task _filming = Task.CompletedTask;

        private Seat(TestPage page) => Page = page;

        public TestPage Page { get; }

        /// <param name="greyStep">Which of two series of greys is shown.</param>
        public static async Task<Seat> TakeAsync(TestClient client, int greyStep)
        {
            Seat seat = new(await client.OpenPageAsync());
            await seat.Page.HearAsync("ready");
            await seat.Page.WatchAsync(seat.Take);
            seat._filming = seat.FilmAsync(greyStep);
            return seat;
        }

        public Task JoinAsync(string server) => Page.SendAsync(new { type = "join", name = "x", server, room = "test", token = "", width = Width, height = Height, fps = Rate, kbps = 100, video = "page", audio = "page" });

        public void Forget()
        {
            lock (_seen)
            {
                _seen.Clear();
                _heard.Clear();
            }
        }

        public Task SeesAsync(int pictures) => UntilAsync(() => _seen.Count >= pictures);

        public Task HearsAsync(int packets) => UntilAsync(() => _heard.Count >= packets);

        public Task SeesBlackAsync() => UntilAsync(() => _seen.Count > 3 && _seen[^3..].All(static picture => picture.Grey is < 24 and > 8));

        public Task SeesAgainAsync() => UntilAsync(() => _seen[^1].Grey > 40);

        /// <summary>Several pictures pass without a sound.</summary>
        public async Task HearsNothingMoreAsync()
        {
            while (true)
            {
                int heard = _heard.Count;
                int seen = _seen.Count;
                await UntilAsync(() => _seen.Count >= seen + 5);
                if (_heard.Count == heard)
                {
                    return;
                }
            }
        }

        /// <summary>The greys climb from picture to picture, but for the one step back at the end of a series.</summary>
        public void AssertPicturesInOrder()
        {
            lock (_seen)
            {
                int[] greys = [.. _seen.Select(static picture => picture.Grey)];
                int falls = greys.Zip(greys.Skip(1)).Count(static pair => pair.Second < pair.First - 3);
                int restarts = greys.Zip(greys.Skip(1)).Count(static pair => pair.Second < pair.First - 60);
                Assert.True(falls == restarts, $"{falls} pictures darker than the one before, {restarts} series begun: {string.Join(' ', greys)}");
                Assert.True(greys.Max() - greys.Min() > 30, string.Join(' ', greys));
                Assert.Equal(_seen.Select(static picture => picture.At).Order(), _seen.Select(static picture => picture.At));
            }
        }

        public void AssertSoundInOrder()
        {
            lock (_seen)
            {
                (int Number, ulong At, bool Lost)[] present = [.. _heard.Where(static sound => !sound.Lost)];
                Assert.All(present.Zip(present.Skip(1)), static pair => Assert.True(((pair.Second.Number - pair.First.Number + 256) % 256) is > 0 and < 128, $"{pair.Second.Number} after {pair.First.Number}"));
                Assert.Equal(_heard.Select(static sound => sound.At).Order(), _heard.Select(static sound => sound.At));
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (!_end.IsCancellationRequested)
            {
                await _end.CancelAsync();
                await _filming.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                await Page.DisposeAsync();
            }
        }

        private void Take(MediaItem item, byte[] payload)
        {
            lock (_seen)
            {
                if (item.Kind == MediaItemKind.Picture)
                {
                    Assert.Equal(Width * Height * 3 / 2, payload.Length);
                    _seen.Add(((int)payload.AsSpan(0, Width * Height).ToArray().Average(static sample => (double)sample), item.Microseconds));
                }
                else
                {
                    _heard.Add((payload.Length > 1 ? payload[1] : -1, item.Microseconds, (item.Flags & MediaItem.Lost) != 0));
                }
            }

            _news.Release();
        }

        private async Task UntilAsync(Func<bool> done)
        {
            using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            patience.CancelAfter(ClientPair.Patience);
            while (true)
            {
                lock (_seen)
                {
                    if (done())
                    {
                        return;
                    }
                }

                await _news.WaitAsync(patience.Token);
            }
        }

        /// <summary>A picture per frame interval, brighter by 4 each, from 60 (or 62) to 180 and again; three packets of sound of 20 ms each per picture, near enough.</summary>
        private async Task FilmAsync(int greyStep)
        {
            byte[] picture = new byte[Width * Height * 3 / 2];
            using PeriodicTimer pace = new(TimeSpan.FromSeconds(1.0 / Rate));
            long begun = Stopwatch.GetTimestamp();
            ulong sounds = 0;
            for (int number = 0; await pace.WaitForNextTickAsync(_end.Token); number++)
            {
                ulong now = (ulong)Stopwatch.GetElapsedTime(begun).TotalMicroseconds;
                Array.Fill(picture, (byte)(60 + (greyStep * 2) + (number % 30 * 4)), 0, Width * Height);
                Array.Fill(picture, (byte)128, Width * Height, Width * Height / 2);
                await Page.CaptureAsync(new MediaItem(MediaItemKind.Picture, 0, Width, Height, now), picture);
                for (; sounds * 20_000 < now; sounds++)
                {
                    await Page.CaptureAsync(new MediaItem(MediaItemKind.Sound, 0, 0, 0, sounds * 20_000), new byte[] { 1 << 3, (byte)sounds, 2, 3 });  // SILK, 20 ms
                }
            }
        }
    }
}
