using MlvcRtc.Call.Receiving;

namespace MlvcRtc.UnitTests.Call.Receiving;

public sealed class KeyFrameRequesterTests
{
    private readonly KeyFrameRequester _requester = new();

    [Theory]
    [InlineData(20, 100)]    // never more often than every 100 ms
    [InlineData(250, 250)]   // nor than once per round trip
    public void A_request_is_repeated_until_a_key_frame_arrives(int roundTripMs, int everyMs)
    {
        _requester.RoundTripTime = TimeSpan.FromMilliseconds(roundTripMs);
        Assert.Equal([], Requests(0, 1000));
        _requester.NetworkIs(broken: true);
        Assert.Equal([1000, 1000 + everyMs, 1000 + (2 * everyMs)], Requests(1000, 1001 + (2 * everyMs)));
        _requester.KeyFrameArrived();
        Assert.Equal([], Requests(3000, 5000));
    }

    [Fact]
    public void A_key_frame_that_fails_to_decode_is_asked_for_again()
    {
        _requester.FrameFailed();
        Assert.True(_requester.TryRequest(TimeSpan.Zero));
        _requester.KeyFrameArrived();
        _requester.KeyFrameTaken(decoded: false);
        Assert.True(_requester.TryRequest(TimeSpan.FromSeconds(1)));
        _requester.KeyFrameArrived();
        _requester.KeyFrameTaken(decoded: true);
        Assert.False(_requester.TryRequest(TimeSpan.FromSeconds(2)));
        Assert.Null(_requester.NextRequest);
    }

    private List<int> Requests(int fromMs, int toMs) =>
        [.. Enumerable.Range(fromMs, toMs - fromMs).Where(ms => _requester.TryRequest(TimeSpan.FromMilliseconds(ms)))];
}
