using System.Diagnostics;
using MlvcRtc.App.Devices;
using MlvcRtc.Call.Receiving;
using MlvcRtc.Call.Sending;
using MlvcRtc.Call.Tracing;
using MlvcRtc.Codec;
using MlvcRtc.Media;

namespace MlvcRtc.App.Tracing;

/// <summary>What --trace asks for: a call's pipelines write into it, the codec's stages are added here, where codec and call meet, and the file is written at the end.</summary>
/// <param name="path">Of the file.</param>
/// <param name="time">The pipelines' clock.</param>
internal sealed class TraceRecording(string path, TimeProvider time)
{
    private readonly FrameTrace _trace = new();

    /// <summary>Null when no file is wanted.</summary>
    public static TraceRecording? To(string? path, TimeProvider time) => path is null ? null : new(path, time);

    /// <inheritdoc cref="FrameTrace.Track"/>
    public TraceTrack Track(string name) => _trace.Track(name);

    /// <summary>Adds network and entropy coding of each frame.</summary>
    public void Follow(SendPipeline pipeline, IVideoEncoder encoder, TraceTrack track)
    {
        if (encoder is Encoder codec)
        {
            pipeline.FrameEncoded += frame => Add(
                track, frame.FrameId, codec.LastTimes, (TraceLane.EncodeNetwork, codec.LastTimes.Pixels), (TraceLane.EncodeEntropy, codec.LastTimes.Pixels + codec.LastTimes.Network));
        }
    }

    /// <summary>Adds network and entropy decoding of each frame.</summary>
    public void Follow(ReceivePipeline pipeline, IVideoDecoder decoder, TraceTrack track)
    {
        if (decoder is Decoder codec)
        {
            pipeline.FrameDecoded += frame => Add(
                track, frame.FrameId, codec.LastTimes, (TraceLane.DecodeNetwork, codec.LastTimes.Bitstream + codec.LastTimes.Entropy), (TraceLane.DecodeEntropy, codec.LastTimes.Bitstream));
        }
    }

    /// <summary>The pipelines must have stopped.</summary>
    /// <returns>The file.</returns>
    /// <exception cref="CommandLine.UserError">It cannot be written.</exception>
    public string Write()
    {
        using OutputFile file = new(path);
        file.Guard(() => TraceFile.Write(_trace, file.Stream));
        file.Complete();
        return path;
    }

    /// <param name="network">Lane, and ticks from the beginning of the frame's work.</param>
    /// <param name="entropy">The same.</param>
    private void Add(TraceTrack track, ushort frame, in StageTimes times, (TraceLane Lane, long After) network, (TraceLane Lane, long After) entropy)
    {
        TimeSpan begun = MediaClock.Now(time) - Stopwatch.GetElapsedTime(times.Begun);
        Span(network, times.Network);
        Span(entropy, times.Entropy);

        void Span((TraceLane Lane, long After) stage, long ticks)
        {
            TimeSpan from = begun + Stopwatch.GetElapsedTime(0, stage.After);
            track.Span(stage.Lane, frame, from, from + Stopwatch.GetElapsedTime(0, ticks));
        }
    }
}
