namespace MlvcRtc.WebRtc.Srtp;

/// <summary>State per source of one direction, never given up while the keys live: forgetting a source would forget which of its packets were seen.</summary>
internal sealed class SrtpStreams<T>
    where T : class, new()
{
    /// <summary>
    /// A call has two media with one source each, sometimes a few more (RTX, restarts of a sender). The bound stops a peer that holds the keys from filling memory by counting up SSRCs;
    /// without the keys no state can be made at all, since it is made after the tag was checked.
    /// </summary>
    public const int Max = 64;

    private readonly Dictionary<uint, T> _streams = new(Max);

    /// <summary>Null for a source not yet known.</summary>
    public T? Find(uint ssrc) => _streams.GetValueOrDefault(ssrc);

    public bool IsFull => _streams.Count >= Max;

    /// <summary>Keeps the state of a new source; call only while not <see cref="IsFull"/>.</summary>
    public void Add(uint ssrc, T stream) => _streams.Add(ssrc, stream);
}
