using MlvcRtc.WebRtc.BuiltIn;

namespace MlvcRtc.WebRtc.SipSorcery;

/// <summary>Makes peers on SIPSorcery, whose licence is BSD-3-Clause with an added use restriction (THIRD-PARTY-NOTICES.md). Servers named by turns: are left out: it verifies no certificate.</summary>
public sealed class SipSorceryPeerFactory(TimeProvider time) : IRtcPeerFactory
{
    public string Name { get; } = "SIPSorcery " + typeof(SIPSorcery.Net.RTCPeerConnection).Assembly.GetName().Version?.ToString(3);

    public IRtcPeer Create(RtcPeerOptions options)
    {
        BuiltInPeerFactory.Check(options);
        BuiltInPeerFactory.Refuse(options.BindAddresses is { Count: not 1 }, "BindAddresses: SIPSorcery binds one address or, with null, all; name one.");
        return new SipSorceryPeer(options, time, Name);
    }
}
