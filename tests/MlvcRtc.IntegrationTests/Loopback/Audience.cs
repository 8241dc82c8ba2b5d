using MlvcRtc.Call.Receiving;
using MlvcRtc.Media;

namespace MlvcRtc.IntegrationTests.Loopback;

/// <summary>Notes what is on the screen, and when. Read it after the call.</summary>
internal sealed class Audience : IVideoSink
{
    public List<PresentedFrame> Shown { get; } = [];

    /// <summary>Pictures that do not have the size of the call's.</summary>
    public int WrongPictures { get; private set; }

    /// <summary>FRAME_IDs in the order of showing, unwrapped from the first.</summary>
    public int[] Ids => [.. Shown.Select(frame => (int)frame.FrameId)];

    public void Present(VideoFrame picture, in PresentedFrame info)
    {
        WrongPictures += (picture.Width, picture.Height) == (CallPlan.Width, CallPlan.Height) ? 0 : 1;
        Shown.Add(info);
    }

    /// <summary>
    /// The longest time without a new picture between two instants, less what the machine itself stood still meanwhile. The last stretch counts too, up to
    /// <paramref name="to"/>.
    /// </summary>
    public TimeSpan LongestGap(MachineWatch machine, TimeSpan from, TimeSpan to)
    {
        TimeSpan longest = TimeSpan.Zero;
        TimeSpan last = from;
        foreach (TimeSpan shown in Shown.Select(frame => frame.PresentedAt).Where(at => at > from && at < to).Append(to))
        {
            TimeSpan gap = shown - last - machine.StoodStill(last, shown);
            longest = gap > longest ? gap : longest;
            last = shown;
        }

        return longest;
    }
}
