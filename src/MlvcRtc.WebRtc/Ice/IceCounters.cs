namespace MlvcRtc.WebRtc.Ice;

/// <summary>What arrived and was refused; counted under the agent's lock or with interlocked steps.</summary>
internal sealed class IceCounters
{
    private long _strangers;
    private long _refusedRequests;
    private long _refusedResponses;
    private long _refusedCandidates;
    private long _multicastDnsNames;
    private long _malformed;

    /// <summary>Datagrams that are no STUN, from addresses that never answered a check.</summary>
    public long Strangers => Interlocked.Read(ref _strangers);

    /// <summary>Checks for another peer or generation, or not signed with our password.</summary>
    public long RefusedRequests => Interlocked.Read(ref _refusedRequests);

    /// <summary>Answers to no question of ours, not signed, or from elsewhere.</summary>
    public long RefusedResponses => Interlocked.Read(ref _refusedResponses);

    /// <summary>Candidate lines that are malformed, unsupported, of another generation, or too many.</summary>
    public long RefusedCandidates => Interlocked.Read(ref _refusedCandidates);

    public long MulticastDnsNames => Interlocked.Read(ref _multicastDnsNames);

    /// <summary>Neither STUN nor anything else of RFC 7983.</summary>
    public long Malformed => Interlocked.Read(ref _malformed);

    /// <summary>All datagrams among them.</summary>
    public DiscardedPackets Discarded => new() { Strangers = Strangers, StunRequests = RefusedRequests, StunResponses = RefusedResponses, Malformed = Malformed };

    public void Stranger() => Interlocked.Increment(ref _strangers);

    public void RefusedRequest() => Interlocked.Increment(ref _refusedRequests);

    public void RefusedResponse() => Interlocked.Increment(ref _refusedResponses);

    public void RefusedCandidate() => Interlocked.Increment(ref _refusedCandidates);

    public void MulticastDnsName() => Interlocked.Increment(ref _multicastDnsNames);

    public void MalformedDatagram() => Interlocked.Increment(ref _malformed);
}
