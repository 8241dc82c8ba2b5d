using MlvcRtc.App.Calls;
using MlvcRtc.WebRtc;

namespace MlvcRtc.IntegrationTests.App.Calls;

/// <summary>What a caller reads about datagrams that are not of the call.</summary>
public sealed class RefusalNoticesTests
{
    private readonly RefusalNotices _notices = new();

    [Fact]
    public void A_notice_tells_how_many_and_why()
    {
        DiscardedPackets discarded = new() { Replayed = 120, Forged = 12, StunRequests = 3 };
        Assert.Equal(
            "refused 135 datagrams that are not of this call (3 unsigned checks, 12 forged or damaged, 120 replayed); the call goes on",
            _notices.Next(discarded, TimeSpan.FromSeconds(1)));
        Assert.Null(_notices.Next(discarded, TimeSpan.FromHours(1)));
    }

    [Fact]
    public void A_few_stragglers_are_not_worth_a_word_and_a_transport_that_does_not_tell_has_none()
    {
        Assert.Null(_notices.Next(new() { StunResponses = 5, Strangers = 4 }, TimeSpan.FromSeconds(1)));
        Assert.Null(_notices.Next(null, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void A_flood_costs_one_line_in_ten_seconds()
    {
        int lines = 0;
        for (int tick = 1; tick <= 400; tick++)
        {
            lines += _notices.Next(new() { Forged = 1000 * tick }, TimeSpan.FromSeconds(0.25 * tick)) is null ? 0 : 1;
        }

        Assert.Equal(10, lines);
    }
}
