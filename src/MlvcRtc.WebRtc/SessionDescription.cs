namespace MlvcRtc.WebRtc;

/// <summary>One half of an offer/answer exchange (RFC 3264, RFC 9429).</summary>
/// <param name="Kind">Offer or answer.</param>
/// <param name="Sdp">The text, lines ended by CR LF (RFC 8866).</param>
public sealed record SessionDescription(DescriptionKind Kind, string Sdp);

public enum DescriptionKind
{
    Offer = 0,
    Answer = 1,
}
