namespace MlvcRtc.WebRtc;

public enum MediaKind
{
    Video = 0,
    Audio = 1,
}

/// <summary>One codec as an m-line offers it (RFC 8866 §6.6, RFC 4585 §4.2).</summary>
/// <param name="PayloadType">96..127; an answer takes over the number of the offer.</param>
/// <param name="Name">The subtype of the media type, "MLVC" or "opus".</param>
/// <param name="ClockRate">Hz: 90000 for video, 48000 for Opus.</param>
/// <param name="Channels">2 for Opus (RFC 7587 §7), else 1.</param>
/// <param name="Parameters">The value of <c>a=fmtp</c>, "" = none: what the side that wrote it can receive.</param>
/// <param name="Feedback">Values of <c>a=rtcp-fb</c>: "nack", "nack pli", "transport-cc", "nack app mlvc"...</param>
public sealed record MediaFormat(byte PayloadType, string Name, int ClockRate, int Channels, string Parameters, IReadOnlyList<string> Feedback);

/// <summary>One m-line as it is offered: one format, one stream each way.</summary>
/// <param name="Kind">Video or audio.</param>
/// <param name="Format">The codec.</param>
/// <param name="HeaderExtensions">URI to identifier, 1..14 (RFC 8285); an answer takes over the identifiers of the offer.</param>
public sealed record MediaDescription(MediaKind Kind, MediaFormat Format, IReadOnlyDictionary<string, byte> HeaderExtensions)
{
    /// <summary>Answers an offer: from the other side's parameters to our own, or null to reject the m-line. Default: our own unchanged.</summary>
    public Func<string, string?>? AnswerParameters { get; init; }
}
