namespace MlvcRtc.WebRtc.SipSorcery;

/// <summary>What one peer has sent and received over all its connections: an ICE restart does not begin anew. Fields for <see cref="Interlocked"/>.</summary>
internal sealed class TransportCounters
{
    public long PacketsSent, BytesSent, PacketsReceived, BytesReceived, Discarded;
    public int PathsSelected;

    /// <summary>The library does not tell its ciphers.</summary>
    public PeerStatistics With(TimeSpan? roundTrip, string? localType, string? remoteType) =>
        new(PacketsSent, BytesSent, PacketsReceived, BytesReceived, Discarded, roundTrip, localType, remoteType, PathsSelected, DtlsCipher: null, SrtpCipher: null);
}
