namespace MlvcRtc.Lab.Network;

/// <summary>What a link decided about one packet when it was sent.</summary>
/// <param name="SentAt">Given to the link.</param>
/// <param name="QueueDelay">Waited for the bottleneck, before its own transmission.</param>
/// <param name="Arrival">When it arrives; for a lost packet, when it would have.</param>
/// <param name="Lost">By the loss model or by the bottleneck's full queue.</param>
public readonly record struct PacketFate(TimeSpan SentAt, TimeSpan QueueDelay, TimeSpan Arrival, bool Lost);

/// <summary>Watches a link. The bytes are valid during the call, which must not send.</summary>
public delegate void PacketJudged(ReadOnlySpan<byte> packet, in PacketFate fate);
