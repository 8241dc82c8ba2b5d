namespace MlvcRtc.WebRtc;

/// <summary>A candidate as it travels by trickle ICE (RFC 8838, RFC 8840; W3C RTCIceCandidateInit).</summary>
/// <param name="Candidate">The value of the <c>a=candidate</c> attribute from "candidate:" on; empty = the end of candidates.</param>
/// <param name="Mid">Which m-line (RFC 5888); with BUNDLE the first.</param>
/// <param name="UsernameFragment">The ICE generation it belongs to; null = the current one.</param>
public sealed record TrickledCandidate(string Candidate, string Mid = "0", string? UsernameFragment = null);
