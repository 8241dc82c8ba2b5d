using System.Net;
using MlvcRtc.Signaling.Limits;
using MlvcRtc.Signaling.Serving;
using MlvcRtc.Signaling.Turn;

namespace MlvcRtc.UnitTests.Signaling;

public sealed class LimitsTests
{
    [Fact]
    public void A_bucket_gives_its_burst_at_once_and_then_its_rate()
    {
        TokenBucket bucket = new(perSecond: 10, burst: 5);
        TimeSpan now = TimeSpan.FromSeconds(3);
        Assert.Equal(5, Enumerable.Range(0, 100).Count(_ => bucket.TryTake(1, now)));
        now += TimeSpan.FromSeconds(0.31);
        Assert.Equal(3, Enumerable.Range(0, 100).Count(_ => bucket.TryTake(1, now)));
        now += TimeSpan.FromHours(1);
        Assert.Equal(5, Enumerable.Range(0, 100).Count(_ => bucket.TryTake(1, now)));
    }

    [Fact]
    public void Rooms_are_counted_once_however_often_they_are_entered()
    {
        Allowance allowance = new(Allotment.OfAddress with { Rooms = 2 });
        Assert.True(allowance.TryEnter("a"));
        Assert.True(allowance.TryEnter("a"));
        Assert.True(allowance.TryEnter("b"));
        Assert.False(allowance.TryEnter("c"));
        allowance.Leave("a");
        Assert.False(allowance.TryEnter("c"));
        allowance.Leave("a");
        Assert.True(allowance.TryEnter("c"));
    }

    [Fact]
    public void Whoever_reconnects_does_not_get_a_fresh_bucket()
    {
        VirtualTime time = new();
        AllowanceTable table = new(Allotment.OfAddress with { JoinsPerSecond = 0.1 }, time);
        for (int i = 0; i < 5; i++)
        {
            Allowance allowance = table.TryConnect("x")!;
            Assert.Equal(i == 0, allowance.TryJoin(time.GetElapsedTime(0)));
            allowance.Disconnect(time.GetElapsedTime(0));
            table.Forget();
        }

        time.Advance(TimeSpan.FromSeconds(11));
        table.Forget();
        Assert.True(table.TryConnect("x")!.TryJoin(time.GetElapsedTime(0)));
    }

    [Fact]
    public void Two_joins_a_minute_are_two_a_minute_however_long_one_stays_away_between_them()
    {
        VirtualTime time = new();
        AllowanceTable table = new(Allotment.OfAddress with { JoinsPerSecond = 2 / 60.0 }, time);
        int joins = 0;
        for (int second = 0; second < 600; second += 12)
        {
            Allowance allowance = table.TryConnect("x")!;
            joins += allowance.TryJoin(time.GetElapsedTime(0)) ? 1 : 0;
            allowance.Disconnect(time.GetElapsedTime(0));
            time.Advance(TimeSpan.FromSeconds(12));
            table.Forget();
        }

        Assert.InRange(joins, 16, 21);
    }

    [Fact]
    public void An_IPv6_subscriber_is_one_address_and_a_mapped_IPv4_address_is_itself()
    {
        Assert.Equal(Key("2001:db8:1:2::1"), Key("2001:db8:1:2:ffff::9"));
        Assert.NotEqual(Key("2001:db8:1:2::1"), Key("2001:db8:1:3::1"));
        Assert.Equal(Key("192.0.2.1"), Key("::ffff:192.0.2.1"));
    }

    /// <summary>Expected value computed with: printf '1700000600:alice' | openssl dgst -sha1 -hmac north -binary | base64</summary>
    [Fact]
    public void TURN_credentials_are_what_coturn_computes()
    {
        TurnCredentials credentials = TurnCredentials.Make("north", "alice", DateTimeOffset.FromUnixTimeSeconds(1_700_000_000), TurnCredentials.DefaultLifetime);
        Assert.Equal("1700000600:alice", credentials.Username);
        Assert.Equal("gthUwOpcRoLI0MMCziCEBOWYnpo=", credentials.Password);
    }

    [Fact]
    public void Settings_that_contradict_themselves_are_named_with_their_remedy()
    {
        Assert.Contains("Set JwtSecret", Assert.Single(new SignalingServerOptions().Problems()), StringComparison.Ordinal);
        Assert.Empty(new SignalingServerOptions { Open = true }.Problems());
        string[] problems = [.. new SignalingServerOptions
        {
            Open = true,
            JwtSecret = "short",
            TurnUrls = ["turn:relay", "http://relay"],
            TurnLifetime = TimeSpan.FromSeconds(5),
            PerToken = Allotment.OfToken with { BytesPerSecond = 10, Rooms = 0 },
        }.Problems()];
        Assert.Equal(7, problems.Length);
    }

    private static string Key(string address) => AllowanceTable.KeyOf(IPAddress.Parse(address));
}
