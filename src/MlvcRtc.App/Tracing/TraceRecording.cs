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

    /// <summary>Adds motion, network and entropy coding of each frame.</summary>
    public void Follow(SendPipeline pipeline, IVideoEncoder encoder, TraceTrack track)
    {
        if (encoder is Encoder codec)
        {
            pipeline.FrameEncoded += frame =>
            {
                StageTimes times = codec.LastTimes;
                Add(track, frame.FrameId, times, times.Pixels, (TraceLane.EncodeMotion, times.Motion), (TraceLane.EncodeNetwork, times.Network), (TraceLane.EncodeEntropy, times.Entropy));
            };
        }
    }

    /// <summary>Adds entropy decoding, motion and network of each frame.</summary>
    public void Follow(ReceivePipeline pipeline, IVideoDecoder decoder, TraceTrack track)
    {
        if (decoder is Decoder codec)
        {
            pipeline.FrameDecoded += frame =>
            {
                StageTimes times = codec.LastTimes;
                Add(track, frame.FrameId, times, times.Bitstream, (TraceLane.DecodeEntropy, times.Entropy), (TraceLane.DecodeMotion, times.Motion), (TraceLane.DecodeNetwork, times.Network));
            };
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

    /// <param name="track">The call's.</param>
    /// <param name="frame">FRAME_ID.</param>
    /// <param name="times">When the work began.</param>
    /// <param name="before">Ticks from then to the first stage.</param>
    /// <param name="stages">In their order, each behind the one before; one that the frame did not have leaves no mark.</param>
    private void Add(TraceTrack track, ushort frame, in StageTimes times, long before, params ReadOnlySpan<(TraceLane Lane, long Ticks)> stages)
    {
        TimeSpan from = MediaClock.Now(time) - Stopwatch.GetElapsedTime(times.Begun) + Stopwatch.GetElapsedTime(0, before);
        foreach ((TraceLane lane, long ticks) in stages)
        {
            TimeSpan to = from + Stopwatch.GetElapsedTime(0, ticks);
            if (ticks > 0)
            {
                track.Span(lane, frame, from, to);
            }

            from = to;
        }
    }
}
