namespace MlvcRtc.Signaling.Limits;

/// <summary>A rate with a burst: the bucket holds <paramref name="burst"/> units and is refilled at <paramref name="perSecond"/>. Pure; not synchronised.</summary>
internal sealed class TokenBucket(double perSecond, double burst)
{
    private double _missing;  // units that the bucket lacks
    private TimeSpan _at;

    public bool TryTake(double amount, TimeSpan now)
    {
        if (now > _at)
        {
            _missing = Math.Max(0, _missing - ((now - _at).TotalSeconds * perSecond));
            _at = now;
        }

        if (_missing + amount > burst)
        {
            return false;
        }

        _missing += amount;
        return true;
    }
}
