namespace MlvcRtc.UnitTests.WebRtc.Sdp;

/// <summary>What other stacks really write.</summary>
internal static class RecordedOffers
{
    /// <summary>Chromium 156: audio, a video track and a data channel.</summary>
    public static string Chromium => Read("chromium-156-offer.sdp");

    /// <summary>node-datachannel 0.33.4 (libdatachannel): one video line of MLVC.</summary>
    public static string NodeDataChannel => Read("node-datachannel-0.33-offer.sdp");

    private static string Read(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "vectors", "sdp", name));
}
