using System.Diagnostics;
using MlvcRtc.WebRtc.Dtls;
using MlvcRtc.WebRtc.Srtp;

namespace MlvcRtc.UnitTests.WebRtc.Dtls;

public sealed class DtlsHandshakeTests
{
    [Fact]
    public async Task Two_endpoints_agree_on_keys_that_open_each_others_packets()
    {
        using DtlsPair pair = new();
        long begun = Stopwatch.GetTimestamp();
        (DtlsOutcome client, DtlsOutcome server) = await pair.Handshake();
        TestContext.Current.TestOutputHelper!.WriteLine($"{Stopwatch.GetElapsedTime(begun).TotalMilliseconds:0} ms");
        Assert.Equal(SrtpProfile.AeadAes128Gcm, client.Profile);
        Assert.Equal(client.Profile, server.Profile);
        Assert.Equal(client.Local.MasterKey.ToArray(), server.Remote.MasterKey.ToArray());
        Assert.Equal(client.Local.MasterSalt.ToArray(), server.Remote.MasterSalt.ToArray());
        Assert.Equal(server.Local.MasterKey.ToArray(), client.Remote.MasterKey.ToArray());
        Assert.Equal(server.Local.MasterSalt.ToArray(), client.Remote.MasterSalt.ToArray());
        Assert.NotEqual(client.Local.MasterKey.ToArray(), client.Remote.MasterKey.ToArray());
        Assert.Equal("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", client.CipherSuite);
    }
}
