using MlvcRtc.Signaling.Client;

namespace MlvcRtc.UnitTests.Signaling;

public sealed class PerfectNegotiationTests
{
    [Fact]
    public void When_offers_cross_the_polite_side_withdraws_its_own_and_the_impolite_side_ignores_the_other()
    {
        PerfectNegotiation polite = new(polite: true);
        PerfectNegotiation impolite = new(polite: false);
        Assert.True(polite.TryBeginOffer());
        Assert.True(impolite.TryBeginOffer());

        Assert.False(impolite.TakeOffer());
        Assert.False(impolite.TakeCandidate());  // it belongs to the ignored offer
        Assert.True(polite.TakeOffer());
        Assert.False(polite.OfferPending);
        Assert.True(polite.TakeCandidate());

        Assert.True(impolite.TakeAnswer());
        Assert.True(impolite.TakeCandidate());
        Assert.False(impolite.OfferPending);
    }

    [Fact]
    public void An_answer_to_a_withdrawn_offer_is_not_taken()
    {
        PerfectNegotiation polite = new(polite: true);
        polite.TryBeginOffer();
        polite.TakeOffer();
        Assert.False(polite.TakeAnswer());
    }

    [Fact]
    public void A_restart_wished_for_during_an_exchange_is_remembered_until_it_can_be_made()
    {
        PerfectNegotiation negotiation = new(polite: false);
        Assert.True(negotiation.TryBeginOffer());
        Assert.False(negotiation.TryBeginOffer());
        Assert.True(negotiation.TakeAnswer());
        Assert.True(negotiation.OfferWanted);
        Assert.True(negotiation.TryBeginOffer());
        Assert.False(negotiation.OfferWanted);
    }

    [Fact]
    public void Without_a_collision_both_take_what_comes()
    {
        PerfectNegotiation impolite = new(polite: false);
        Assert.True(impolite.TakeOffer());
        Assert.True(impolite.TryBeginOffer());
        Assert.True(impolite.TakeAnswer());
    }
}
