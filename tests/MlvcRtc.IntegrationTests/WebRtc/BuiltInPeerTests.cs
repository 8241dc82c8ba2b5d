using MlvcRtc.WebRtc;
using MlvcRtc.WebRtc.BuiltIn;

namespace MlvcRtc.IntegrationTests.WebRtc;

/// <summary>The built-in peer over real sockets, held to the contract.</summary>
public sealed class BuiltInPeerTests : PeerContract
{
    protected override IRtcPeerFactory Factory { get; } = new BuiltInPeerFactory(TimeProvider.System);
}
