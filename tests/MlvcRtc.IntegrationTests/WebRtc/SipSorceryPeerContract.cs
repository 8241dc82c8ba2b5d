using MlvcRtc.WebRtc;
using MlvcRtc.WebRtc.BuiltIn;
using MlvcRtc.WebRtc.SipSorcery;

namespace MlvcRtc.IntegrationTests.WebRtc;

public sealed class SipSorceryPeerContract : PeerContract
{
    protected override IRtcPeerFactory Factory { get; } = new SipSorceryPeerFactory(TimeProvider.System);
}

/// <summary>A call between two builds, from here to there.</summary>
public sealed class SipSorceryCallsBuiltIn : PeerContract
{
    protected override IRtcPeerFactory Factory { get; } = new SipSorceryPeerFactory(TimeProvider.System);

    protected override IRtcPeerFactory AnsweringFactory { get; } = new BuiltInPeerFactory(TimeProvider.System);

    protected override string? WhyNoIceRestart =>
        "SIPSorcery cannot change its ICE credentials, so its restart asks for a new DTLS association, which the built-in peer refuses by name (RFC 8842 §4 allows both): call again.";
}

/// <summary>The same from there to here.</summary>
public sealed class BuiltInCallsSipSorcery : PeerContract
{
    protected override IRtcPeerFactory Factory { get; } = new BuiltInPeerFactory(TimeProvider.System);

    protected override IRtcPeerFactory AnsweringFactory { get; } = new SipSorceryPeerFactory(TimeProvider.System);

    protected override string? WhyAnswererKeepsCredentials => "SIPSorcery cannot change its ICE credentials; the restart works with the old ones.";
}
