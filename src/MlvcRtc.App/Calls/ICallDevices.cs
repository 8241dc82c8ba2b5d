using Microsoft.Extensions.Hosting;
using MlvcRtc.App.Devices;
using MlvcRtc.Call.Receiving;
using MlvcRtc.Media;
using MlvcRtc.WebRtc;

namespace MlvcRtc.App.Calls;

/// <summary>What a call sees, shows, hears and codes with. It outlives the call.</summary>
internal interface ICallDevices
{
    IPictureSource Source { get; }

    /// <summary>How pictures of <see cref="Source"/> are taken.</summary>
    CaptureOptions Capturing { get; }

    /// <summary>Where the other side's pictures go.</summary>
    IVideoSink Screen { get; }

    IVideoEncoder Encoder { get; }

    IVideoDecoder Decoder { get; }

    /// <summary>Of <see cref="Encoder"/>.</summary>
    CodecFrameBudget Budget { get; }

    /// <summary>What speaks on an agreed channel; null = no sound is sent.</summary>
    /// <param name="start">First sequence number and RTP time.</param>
    ISpeaking? Speak(MediaChannel audio, (ushort Number, uint Timestamp) start, TimeProvider time);

    /// <summary>What hears on an agreed channel.</summary>
    /// <param name="step">Keeps what is heard in step with the pictures.</param>
    IHearing Hear(MediaChannel audio, PlayedInStep step, TimeProvider time);
}

/// <summary>Sends sound while it runs.</summary>
internal interface ISpeaking : IHostedService, IDisposable
{
    long PacketsSent { get; }

    /// <summary>Ends with the source of the sound, or by failure.</summary>
    Task Completion { get; }

    /// <summary>RTP time of what is captured at an instant, for sender reports; null = not known: sound leaves as it is captured.</summary>
    uint? RtpTimeAt(TimeSpan instant) => null;
}

/// <summary>Receives sound while it runs.</summary>
internal interface IHearing : IHostedService, IDisposable
{
    /// <summary>Duplicates included.</summary>
    long PacketsReceived { get; }

    long PacketsLost { get; }

    /// <summary>Ends by failure, or when it is stopped.</summary>
    Task Completion { get; }
}
