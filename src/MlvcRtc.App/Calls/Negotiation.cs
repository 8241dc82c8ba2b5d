using MlvcRtc.Signaling.Client;
using MlvcRtc.Signaling.Messages;
using MlvcRtc.WebRtc;

namespace MlvcRtc.App.Calls;

/// <summary>
/// Offers, answers and candidates between signaling and a peer, by the rule of perfect negotiation. Called from one loop; only candidates come from other threads. A candidate never overtakes the
/// description that its generation belongs to.
/// </summary>
/// <param name="peer">Stays the caller's.</param>
/// <param name="polite">Our part.</param>
/// <param name="send">To the other side; false = nobody is there.</param>
internal sealed class Negotiation(IRtcPeer peer, bool polite, Func<NumberedMessage, bool> send) : IDisposable
{
    private readonly PerfectNegotiation _rule = new(polite);
    private readonly Lock _guard = new();
    private readonly List<TrickledCandidate> _held = [];
    private bool _holds;

    /// <summary>Begins: the impolite side offers.</summary>
    /// <param name="restart">There was a connection before: look for a path anew.</param>
    public async Task StartAsync(bool restart, CancellationToken cancel)
    {
        peer.CandidateGathered += OnCandidate;
        if (!polite)
        {
            await OfferAsync(restart, cancel);
        }
    }

    /// <summary>Looks for a path anew: the present one went silent, or the network changed.</summary>
    public Task RestartAsync(CancellationToken cancel) => OfferAsync(restart: true, cancel);

    /// <summary>A message of the other side.</summary>
    /// <exception cref="FormatException">Its description makes no sense; the message names the line.</exception>
    public async Task TakeAsync(NumberedMessage message, CancellationToken cancel)
    {
        switch (message)
        {
            case Offer offer when _rule.TakeOffer():
                await DescribeAsync(async () => new Answer((await peer.AcceptOfferAsync(new(DescriptionKind.Offer, offer.Sdp), cancel)).Sdp));
                break;
            case Answer answer when _rule.TakeAnswer():
                await peer.AcceptAnswerAsync(new(DescriptionKind.Answer, answer.Sdp), cancel);
                break;
            case Candidate candidate when _rule.TakeCandidate():
                await peer.AddCandidateAsync(new(candidate.Line, candidate.Mid ?? "0", candidate.Ufrag), cancel);
                break;
            case EndOfCandidates end when _rule.TakeCandidate():
                await peer.AddCandidateAsync(new("", end.Mid ?? "0", end.Ufrag), cancel);
                break;
        }

        if (_rule.OfferWanted && !_rule.OfferPending)
        {
            await OfferAsync(restart: true, cancel);
        }
    }

    public void Dispose() => peer.CandidateGathered -= OnCandidate;

    private async Task OfferAsync(bool restart, CancellationToken cancel)
    {
        if (!_rule.TryBeginOffer())
        {
            return;
        }

        try
        {
            await DescribeAsync(async () => new Offer((await peer.CreateOfferAsync(restart, cancel)).Sdp));
        }
        catch
        {
            _rule.OfferFailed();
            throw;
        }
    }

    /// <summary>Sends a description as soon as it is made, and the candidates after it.</summary>
    private async Task DescribeAsync(Func<Task<NumberedMessage>> describe)
    {
        lock (_guard)
        {
            _holds = true;
        }

        try
        {
            send(await describe());
        }
        finally
        {
            lock (_guard)
            {
                _holds = false;
                _held.ForEach(Send);
                _held.Clear();
            }
        }
    }

    private void OnCandidate(TrickledCandidate candidate)
    {
        lock (_guard)
        {
            if (_holds)
            {
                _held.Add(candidate);
            }
            else
            {
                Send(candidate);
            }
        }
    }

    private void Send(TrickledCandidate candidate) => send(candidate.Candidate.Length == 0
        ? new EndOfCandidates { Mid = candidate.Mid, Ufrag = candidate.UsernameFragment }
        : new Candidate(candidate.Candidate) { Mid = candidate.Mid, Ufrag = candidate.UsernameFragment });
}
