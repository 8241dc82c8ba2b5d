using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.Rtp.Playout;

/// <summary>What a sender report names, and when we play it.</summary>
/// <param name="Said">Wall clock of the sender, the same for all its streams.</param>
/// <param name="Played">On our clock, were this stream played alone.</param>
public readonly record struct PlayedReport(NtpTime Said, TimeSpan Played);

/// <summary>
/// Plays sound and pictures in step by sender reports, which tie the RTP time of each stream to one wall clock (RFC 3550 §6.4.1): whichever would be ahead is held, a picture by no more than
/// leaves its sound unnoticeably late. Nothing is ever hurried, so the delay of the slower stream is not made longer. Neither our clock nor the sender's needs to be right. Pure; time comes in. One thread at a time.
/// </summary>
public sealed class LipSync
{
    /// <summary>Less is not noticed, and every change costs the sound a seam: a quarter of the 45 ms by which sound may lead unnoticed (ITU-R BT.1359-1).</summary>
    private static readonly TimeSpan Lead = TimeSpan.FromMilliseconds(12);

    /// <summary>A picture is not held for the last of its sound's lag: a quarter of the 125 ms that go unnoticed (ITU-R BT.1359-1; people are used to sound being slower than light).</summary>
    private static readonly TimeSpan Lag = TimeSpan.FromMilliseconds(31);

    /// <summary>Held at most: a sender whose reports are nonsense delays nobody for longer. As much as either stream may be delayed by itself.</summary>
    private static readonly TimeSpan MostHold = TimeSpan.FromMilliseconds(200);

    /// <summary>100 ms in a second, libwebrtc's pace for pictures: seen as a slower second rather than as a halt.</summary>
    private const double RisePerSecond = 0.1;

    /// <summary>10 ms in a second, as the sound's delay falls while somebody speaks (<see cref="SoundPlayout"/>).</summary>
    private const double SoundFallPerSecond = 0.01;

    /// <summary>40 ms in a second, as the pictures' own delay falls (<see cref="PlayoutClock"/>).</summary>
    private const double PictureFallPerSecond = 0.04;

    private TimeSpan? _updated;

    /// <summary>0 .. 200 ms on top of the pictures' own delay.</summary>
    public TimeSpan PictureHold { get; private set; }

    /// <summary>0 .. 200 ms on top of the sound's own delay.</summary>
    public TimeSpan SoundHold { get; private set; }

    /// <summary>How far the sound would come after the picture of the same instant, were nothing held; negative = before it. Null before the first update.</summary>
    public TimeSpan? Unheld { get; private set; }

    /// <summary>Where both streams stand; as often as one likes.</summary>
    /// <param name="now">Not before that of the previous call.</param>
    public void Update(TimeSpan now, in PlayedReport picture, in PlayedReport sound)
    {
        TimeSpan apart = (sound.Played - picture.Played) - sound.Said.Since(picture.Said);
        TimeSpan passed = now - (_updated ?? now);
        (_updated, Unheld) = (now, apart);
        PictureHold = Towards(PictureHold, apart + SoundHold - Lag, passed, PictureFallPerSecond);
        if ((apart + SoundHold).Duration() > Lead)
        {
            SoundHold = Towards(SoundHold, -apart, passed, SoundFallPerSecond);
        }
    }

    private static TimeSpan Towards(TimeSpan hold, TimeSpan wanted, TimeSpan passed, double fallPerSecond)
    {
        TimeSpan goal = wanted < TimeSpan.Zero ? TimeSpan.Zero : wanted > MostHold ? MostHold : wanted;
        TimeSpan step = goal > hold ? passed * RisePerSecond : passed * fallPerSecond;
        return (goal - hold).Duration() <= step ? goal : goal > hold ? hold + step : hold - step;
    }
}
