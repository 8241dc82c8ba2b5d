namespace MlvcRtc.WebRtc.Ice;

/// <summary>
/// Whether the other side still wants what we send (RFC 7675), and whether the path still works. Checks leave every 5 s or so while datagrams arrive; when
/// nothing does, they leave at once and often, so that a dead path is known long before consent expires and ICE can be restarted in time for the
/// picture to be back within 3 s. Pure: time comes in.
/// </summary>
/// <param name="now">When the first check of the path was answered.</param>
/// <param name="random">For intervals that no two peers share.</param>
internal sealed class Consent(TimeSpan now, Random random)
{
    /// <summary>RFC 7675 §5.1: consent expires that long after the last answered check was sent.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    /// <summary>RFC 7675 §5.1: basic interval, randomised by 0.8 .. 1.2.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>In a call something arrives at least every 250 ms (feedback is repeated so often); after twice that we ask.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);

    /// <summary>Between questions into the silence: three of them fit before it counts.</summary>
    private static readonly TimeSpan Impatience = TimeSpan.FromMilliseconds(300);

    /// <summary>Half of the 3 s in which the picture has to be back; the rest is for signaling, checks and a frame.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(1500);

    /// <summary>Datagrams arrive but no answers: our own direction is dead, and has been for a whole interval.</summary>
    private static readonly TimeSpan Deaf = TimeSpan.FromSeconds(5);

    /// <summary>Fewer unanswered questions may have been chance.</summary>
    private const int EnoughQuestions = 3;

    private TimeSpan _answeredCheckSent = now;
    private TimeSpan _answered = now;
    private TimeSpan _lastSent = now;
    private TimeSpan _interval = NextInterval(random);
    private TimeSpan _roundTrip;
    private TimeSpan _firstUnanswered;
    private int _unanswered;
    private bool _lost;

    public bool IsExpired(TimeSpan now) => now - _answeredCheckSent >= Lifetime;

    /// <summary>The path does not work at present.</summary>
    /// <param name="now">The present.</param>
    /// <param name="lastArrival">The last datagram of the path.</param>
    public bool IsSilent(TimeSpan now, TimeSpan lastArrival) =>
        _lost
        || (_unanswered >= EnoughQuestions && now >= SilentFrom(lastArrival))
        || (_unanswered > 0 && now - _firstUnanswered >= Deaf);

    /// <summary>Nothing has come for long enough to ask.</summary>
    public bool IsQuiet(TimeSpan now, TimeSpan lastArrival) => _lost || now - Heard(lastArrival) >= Quiet;

    /// <summary>When the next check is to be sent.</summary>
    public TimeSpan Due(TimeSpan lastArrival)
    {
        TimeSpan regular = _lastSent + (_unanswered > 0 ? Quiet : _interval);
        TimeSpan asking = Max(_lost ? _lastSent : Heard(lastArrival) + Quiet, _lastSent + (_unanswered > 2 * EnoughQuestions ? Quiet : Impatience));
        return regular < asking ? regular : asking;
    }

    /// <summary>When <see cref="IsSilent"/> or <see cref="IsExpired"/> may change next.</summary>
    public TimeSpan Verdict(TimeSpan now, TimeSpan lastArrival)
    {
        TimeSpan expiry = _answeredCheckSent + Lifetime;
        TimeSpan silent = SilentFrom(lastArrival);
        return silent > now && silent < expiry ? silent : expiry;
    }

    public void Sent(TimeSpan now)
    {
        _firstUnanswered = _unanswered == 0 ? now : _firstUnanswered;
        _unanswered++;
        _lastSent = now;
        _interval = NextInterval(random);
    }

    /// <param name="sent">When the answered check left.</param>
    /// <param name="now">When the answer came.</param>
    public void Answered(TimeSpan sent, TimeSpan now)
    {
        _answeredCheckSent = Max(_answeredCheckSent, sent);
        _answered = now;
        _roundTrip = now - sent;
        _unanswered = 0;
        _lost = false;
    }

    /// <summary>The system says that the path is gone: no route, or no such address any more.</summary>
    public void Lost() => _lost = true;

    private TimeSpan SilentFrom(TimeSpan lastArrival) => Heard(lastArrival) + Max(Silence, Quiet + Impatience + (2 * _roundTrip));

    private TimeSpan Heard(TimeSpan lastArrival) => Max(lastArrival, _answered);

    private static TimeSpan NextInterval(Random random) => Interval * (0.8 + (0.4 * random.NextDouble()));

    private static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;
}
