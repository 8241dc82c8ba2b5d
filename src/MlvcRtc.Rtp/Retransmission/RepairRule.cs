using MlvcRtc.Rtp.Reassembly;
using MlvcRtc.Rtp.Recovery;

namespace MlvcRtc.Rtp.Retransmission;

/// <summary>
/// Which lost frames are worth asking for again. A repair costs a round trip; it is asked for only where somebody gains by it:
/// <list type="number">
/// <item>it can be here before the frame is to be shown;</item>
/// <item>the frame is a key frame that is not whole, or nothing was decoded yet;</item>
/// <item>it is an ordinary frame of the base layer, or frames that are here are predicted from it, directly or over others that are lost: the repair, answered at once, is here up to a frame
/// interval before the recovery frame, which waits for the next capture, and without the price of its longer prediction. Not when three frames in a row are
/// lost: decoding what piled up would take longer than that;</item>
/// <item>there is no other remedy (<see cref="RecoveryTools.References"/> not in use): everything.</item>
/// </list>
/// In acknowledged-reference mode nothing is predicted from a lost frame, so that only the first rule ever holds. Frames of which no packet came
/// count as predicted from the one before.
/// </summary>
internal sealed class RepairRule(FrameAssembler assembler, RecoveryTools tools)
{
    /// <summary>Frames in a row that the third rule repairs at most.</summary>
    private const int LongestChain = 2;

    /// <summary>The decoder does not keep up as it is: no frame is repaired that cannot be shown in time.</summary>
    public bool DecoderIsCongested { get; set; }

    /// <param name="number">A frame that is not whole.</param>
    public bool IsWorth(long number, TimeSpan now)
    {
        FrameWindow window = assembler.Window;
        PartialFrame? frame = window.Find(number);
        if (frame is not null && frame.ReferenceNumber < window.Next && !window.Delivered.CanDecode(frame.Type, frame.ReferenceNumber))
        {
            return false;  // even whole it could not be decoded
        }

        bool inTime = assembler.RepairIsInTime(number, now);
        if (inTime || (tools & RecoveryTools.References) == 0)
        {
            return inTime || frame is not { Discardable: true };
        }

        return frame is { Type: Media.FrameType.Intra } || !window.Started || (!DecoderIsCongested && IsNeeded(number));
    }

    private static int LostInARow(FrameWindow window)
    {
        int longest = 0, row = 0;
        for (long number = window.Next; number < window.Newest; number++)
        {
            row = window.Find(number) is { Complete: true } ? 0 : row + 1;
            longest = Math.Max(longest, row);
        }

        return longest;
    }

    private bool IsNeeded(long number)
    {
        FrameWindow window = assembler.Window;
        if (LostInARow(window) > LongestChain)
        {
            return false;
        }

        bool inAcknowledgedMode = window.LastType == Media.FrameType.Recovery && window.Find(number) is { Type: Media.FrameType.Recovery };
        if (window.Find(number) is { Discardable: false } && !inAcknowledgedMode)
        {
            return true;  // the next frame of the base layer follows it
        }

        for (int lost = 1; lost <= LongestChain; lost++, number++)
        {
            for (long later = number + 1; later <= window.Newest; later++)
            {
                if (window.Find(later) is { } follower && follower.ReferenceNumber == number)
                {
                    return true;
                }
            }

            if (window.Find(number + 1) is not null)
            {
                return false;  // it does without
            }
        }

        return false;
    }
}
