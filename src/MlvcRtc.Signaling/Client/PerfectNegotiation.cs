namespace MlvcRtc.Signaling.Client;

/// <summary>
/// Who yields when two offers cross ("glare"): the rule of perfect negotiation (W3C webrtc-pc §10.7). The polite side withdraws its offer (rollback) and answers; the impolite side ignores the
/// colliding offer and the candidates that belong to it. Pure; not synchronised: call it from the loop that handles signaling events, and tell it of an own offer
/// before awaiting its creation.
/// </summary>
/// <param name="polite">True for the one who came later (<see cref="Messages.Joined.Polite"/>).</param>
public sealed class PerfectNegotiation(bool polite)
{
    private bool _ignoring;

    public bool Polite => polite;

    /// <summary>An offer of ours is being made or awaits its answer. Do not make another one now: see <see cref="OfferWanted"/>.</summary>
    public bool OfferPending { get; private set; }

    /// <summary>A wish to offer (an ICE restart) came while another exchange was under way: make the offer when this is set and <see cref="OfferPending"/> is not, after an answer was taken or given.</summary>
    public bool OfferWanted { get; private set; }

    /// <summary>We wish to offer. True: do it now (and send it). False: an exchange is under way; it is remembered in <see cref="OfferWanted"/>.</summary>
    public bool TryBeginOffer()
    {
        OfferWanted = OfferPending;
        if (OfferPending)
        {
            return false;
        }

        OfferPending = true;
        return true;
    }

    /// <summary>An offer arrived. True: hand it to the peer (which withdraws our own offer, if there is one) and send the answer. False: ignore it, ours is under way and wins.</summary>
    public bool TakeOffer()
    {
        _ignoring = OfferPending && !polite;
        if (_ignoring)
        {
            return false;
        }

        // Ours is withdrawn for good: all that an offer of ours can want is a first exchange or an ICE restart, and the other's offer is one.
        OfferPending = false;
        OfferWanted = false;
        return true;
    }

    /// <summary>An answer arrived. True: hand it to the peer. False: it answers an offer that was withdrawn.</summary>
    public bool TakeAnswer()
    {
        bool wanted = OfferPending;
        OfferPending = false;
        _ignoring = false;
        return wanted;
    }

    /// <summary>A candidate arrived. False: it belongs to an offer that was ignored.</summary>
    public bool TakeCandidate() => !_ignoring;

    /// <summary>Making our offer failed: nothing awaits an answer.</summary>
    public void OfferFailed() => OfferPending = false;
}
