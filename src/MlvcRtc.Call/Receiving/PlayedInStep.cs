using MlvcRtc.Rtp.Playout;
using MlvcRtc.Rtp.Reports;

namespace MlvcRtc.Call.Receiving;

/// <summary>Keeps sound and pictures of one sender in step (<see cref="LipSync"/>): asked by whoever plays the sound, it holds the pictures or says how long to hold the sound. One thread at a time.</summary>
/// <param name="pictures">When pictures are shown; they are held here.</param>
/// <param name="ofPictures">Reports on the pictures' stream.</param>
/// <param name="ofSound">Reports on the sound's stream.</param>
public sealed class PlayedInStep(SharedPlayoutClock pictures, StreamReports ofPictures, StreamReports ofSound)
{
    private readonly LipSync _sync = new();

    /// <summary>Sets <see cref="SoundPlayout.Hold"/> and that of the pictures. Without reports on both streams nothing changes.</summary>
    /// <param name="loudspeaker">What lies between a packet that is due and its sound.</param>
    public void Hold(SoundPlayout sound, TimeSpan loudspeaker, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(sound);
        if (ofPictures.RemoteSender is { } seen && ofSound.RemoteSender is { } heard
            && pictures.PlayedAt(seen.RtpTime) is { } shown && sound.PlayedAt(heard.RtpTime) is { } played)
        {
            _sync.Update(now, new(seen.Ntp, shown), new(heard.Ntp, played + loudspeaker));
            pictures.Hold = _sync.PictureHold;
            sound.Hold = _sync.SoundHold;
        }
    }
}
