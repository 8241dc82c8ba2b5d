using MlvcRtc.App.CommandLine;
using MlvcRtc.WebRtc;
using MlvcRtc.WebRtc.BuiltIn;

namespace MlvcRtc.App.Calls;

/// <summary>The implementations of <see cref="IRtcPeer"/> in this build.</summary>
internal static class PeerTransports
{
    public const string BuiltIn = "builtin";
    public const string SipSorcery = "sipsorcery";

    /// <param name="wanted">Null = the preferred one: SIPSorcery where it is in the build.</param>
    /// <param name="time">The one clock.</param>
    /// <exception cref="UserError">It is not in this build.</exception>
    public static IRtcPeerFactory Choose(string? wanted, TimeProvider time)
    {
#if PUBLIC_FEED
        if (wanted is null or SipSorcery)
        {
            return new WebRtc.SipSorcery.SipSorceryPeerFactory(time);
        }
#else
        if (wanted == SipSorcery)
        {
            throw new UserError(ExitCode.BadInput, "SIPSorcery is not in this build. Build with -p:PublicFeed=true where its package restores, or leave --transport away.");
        }
#endif
        return new BuiltInPeerFactory(time);
    }
}
