using System.Globalization;
using MlvcRtc.WebRtc;

namespace MlvcRtc.App.Calls;

/// <summary>Tells, now and then, that datagrams arrive that are not of this call: what was refused and why (docs/security.md). Time comes in.</summary>
internal sealed class RefusalNotices
{
    /// <summary>Between two notices at least: whoever floods us must not flood the terminal.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>Fewer than so many are nothing to speak of: second answers to repeated checks, stragglers of a path that was left.</summary>
    private const long WorthTelling = 10;

    private DiscardedPackets _told = new();
    private TimeSpan? _toldAt;

    /// <summary>A notice; null = nothing new, or not yet.</summary>
    /// <param name="discarded">Since the start of the call; null = the transport does not tell.</param>
    public string? Next(DiscardedPackets? discarded, TimeSpan now)
    {
        if (discarded is null || discarded.Total - _told.Total < WorthTelling || now - _toldAt < Interval)
        {
            return null;
        }

        (string What, long Count)[] reasons =
        [
            ("from strangers", discarded.Strangers - _told.Strangers),
            ("unsigned checks", discarded.StunRequests - _told.StunRequests),
            ("answers to nothing we asked", discarded.StunResponses - _told.StunResponses),
            ("malformed", discarded.Malformed - _told.Malformed),
            ("forged or damaged", discarded.Forged - _told.Forged),
            ("replayed", discarded.Replayed - _told.Replayed),
            ("out of turn", discarded.Unexpected - _told.Unexpected),
        ];
        string list = string.Join(", ", reasons.Where(static reason => reason.Count > 0).Select(static reason => string.Create(CultureInfo.InvariantCulture, $"{reason.Count} {reason.What}")));
        string notice = string.Create(CultureInfo.InvariantCulture, $"refused {discarded.Total - _told.Total} datagrams that are not of this call ({list}); the call goes on");
        (_told, _toldAt) = (discarded, now);
        return notice;
    }
}
