using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.Rtp.Recovery;

/// <summary>
/// Tells reports of a new loss from reports of one that is mended already: those sent before the repairing frame arrived. A repairing frame that is lost too
/// is noticed when its round trip is over, or when the receiver speaks of a frame behind it.
/// </summary>
public sealed class RepairWatch
{
    /// <summary>Beyond the round trip: encoding, reassembly, decoding and the way of the report (webrtc-facts §6.2).</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(20);

    private ushort _frame;
    private TimeSpan? _departure;

    /// <summary>A frame that needs none of its predecessors leaves.</summary>
    /// <param name="frameId">Its FRAME_ID.</param>
    /// <param name="departure">When its last packet leaves.</param>
    public void Sent(ushort frameId, TimeSpan departure)
    {
        _frame = frameId;
        _departure = departure;
    }

    /// <summary>It was not sent after all.</summary>
    public void Unsent() => _departure = null;

    /// <summary>The report was made before the repairing frame could arrive.</summary>
    /// <param name="lastReceived">LAST_RECEIVED of the report.</param>
    /// <param name="roundTripTime">Not negative.</param>
    /// <param name="now">When the report came.</param>
    public bool Answers(ushort lastReceived, TimeSpan roundTripTime, TimeSpan now) =>
        SequenceNumber.IsNewer(_frame, lastReceived) && IsOnItsWay(roundTripTime, now);

    /// <summary>A repairing frame cannot have been confirmed yet.</summary>
    public bool IsOnItsWay(TimeSpan roundTripTime, TimeSpan now) => _departure is { } departure && now < departure + roundTripTime + Grace;
}
