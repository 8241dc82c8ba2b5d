using MlvcRtc.Call.Sending;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Media;

namespace MlvcRtc.Lab.Experiments;

/// <summary>What the lab codes with: the socket for the real codec, which the lab does not know, and for the test codec.</summary>
public interface IExperimentCodec
{
    /// <summary>"real" or "test".</summary>
    string Name { get; }

    /// <summary>Taken for every frame, in place of the machine's real time; below one frame interval.</summary>
    TimeSpan EncodeTime { get; }

    /// <inheritdoc cref="EncodeTime"/>
    TimeSpan DecodeTime { get; }

    /// <summary>The pictures, from the first; the same for every run.</summary>
    IClipReader OpenSource();

    /// <summary>A fresh codec with empty references and its rate control. The caller disposes encoder and decoder.</summary>
    /// <param name="kbps">Coded video, kbit/s.</param>
    /// <param name="rate">Frames offered.</param>
    ExperimentCoders Open(double kbps, FrameRate rate);

    /// <summary>How like the source a displayed picture is, dB.</summary>
    double Quality(VideoFrame displayed, VideoFrame source);
}

/// <summary>Both ends of one run.</summary>
public sealed record ExperimentCoders(IVideoEncoder Encoder, IVideoDecoder Decoder, IFrameBudget Budget);
