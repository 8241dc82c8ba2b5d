namespace MlvcRtc.WebRtc.Ice;

/// <summary>When to give up: not before both sides have told all candidates, all checks are done, and a grace time for late ones has passed. Pure.</summary>
internal sealed class CheckFailure
{
    /// <summary>Both sides ended their lists; a check from behind a NAT may still come (RFC 8863 §4 asks for patience).</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>A side that never ends its list, as some do, gets as long as a transaction takes (RFC 8863 §4: 39.5 s).</summary>
    private static readonly TimeSpan LongGrace = TimeSpan.FromSeconds(39.5);

    private TimeSpan? _idleSince;
    private TimeSpan _grace = LongGrace;

    public bool HasFailed(TimeSpan now) => _idleSince is { } since && now - since >= _grace;

    public TimeSpan Due(TimeSpan now) => _idleSince is { } since && since + _grace > now ? since + _grace : TimeSpan.MaxValue;

    /// <summary>Something new came: candidates, or a check of the other side.</summary>
    public void Progress(TimeSpan now) => _idleSince = _idleSince is null ? null : now;

    public void Update(TimeSpan now, bool selected, bool working, bool bothEnded)
    {
        _grace = bothEnded ? Grace : LongGrace;
        _idleSince = selected || working ? null : _idleSince ?? now;
    }
}
