using MlvcRtc.WebRtc.Dtls;
using MlvcRtc.WebRtc.Ice;
using MlvcRtc.WebRtc.Sdp;

namespace MlvcRtc.WebRtc.BuiltIn;

/// <summary>What a description says of the one transport that all its lines share.</summary>
/// <param name="Lite">The other side only answers checks, so we control (RFC 8445 §6.1.1).</param>
internal sealed record RemoteTransport(IceCredentials Ice, Fingerprint Fingerprint, SdpSetup Setup, bool Lite, IReadOnlyList<string> Candidates, bool EndOfCandidates)
{
    /// <summary>Reads it from the lines that both sides want, one at least.</summary>
    /// <exception cref="FormatException">Something lacks that we need; names the m-line.</exception>
    public static RemoteTransport Of(SdpSession description, IReadOnlyCollection<SdpMedia> wanted)
    {
        foreach (SdpMedia line in wanted)
        {
            Require(line, line.Mid.Length > 0, "a=mid (RFC 5888)");
            Require(line, description.Bundle.Contains(line.Mid), "a=group:BUNDLE with its mid, since all lines share one transport (RFC 9143)");
            Require(line, line.RtcpMux, "a=rtcp-mux (RFC 5761)");
        }

        // RFC 9143 §7.1.3: the attributes of the tagged line, the first of the bundle, hold for all.
        SdpMedia tagged = wanted.FirstOrDefault(line => line.Ice is not null) ?? wanted.First();
        Require(tagged, tagged.Ice is not null, "a=ice-ufrag and a=ice-pwd (RFC 8839)");
        Require(tagged, tagged.Fingerprint is not null, "a=fingerprint:sha-256 (RFC 8122)");
        Require(tagged, tagged.Setup is not null, "a=setup (RFC 5763)");
        return new(tagged.Ice!, tagged.Fingerprint!, tagged.Setup!.Value, description.IceLite, tagged.Candidates, tagged.EndOfCandidates);
    }

    private static void Require(SdpMedia line, bool fulfilled, string what)
    {
        if (!fulfilled)
        {
            throw new SdpError(line.Line, $"expected {what} with m={line.Kind}, found none").ToException();
        }
    }
}
