using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Reports;
using MlvcRtc.Call.Threads;
using MlvcRtc.Codec;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Onnx;
using MlvcRtc.Media;

namespace MlvcRtc.App.Bench;

/// <summary>One run of 'bench': codec and bare graphs in turns, each direction on a thread of its own.</summary>
internal sealed class BenchRun(ModelBundle bundle, OnnxEngine engine, BenchSettings settings, BenchMaterial material)
{
    /// <summary>Long enough for the JIT to reach its last tier and for clocks to settle.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    /// <summary>Codec and bare graphs take turns this often.</summary>
    private const int Turns = 5;

    private int _stateBytes;
    private double _peakResidentMb;

    public async Task<BenchReport> RunAsync(CancellationToken cancel)
    {
        using Encoder encoder = new(bundle, engine);
        using Decoder decoder = new([bundle], engine);
        BenchLane encoding = new(EncodeWith(encoder), settings.FramesPerSecond);
        BenchLane decoding = new(DecodeWith(decoder), settings.FramesPerSecond);
        await RunTogether(encoding, decoding, WarmUp, cancel);
        encoding.Reset();
        decoding.Reset();
        _stateBytes = Math.Max(encoder.StateBytes, decoder.StateBytes);
        _peakResidentMb = ProcessMemory.PeakResidentMb();

        ModelVariant model = ModelSelection.Choose(bundle.Models, settings.Size.Width, settings.Size.Height).Model;
        using BareGraph encoderGraph = new(engine, model.EncoderGraphPath);
        using BareGraph decoderGraph = new(engine, model.DecoderGraphPath);
        BenchLane bareEncoding = new(_ => encoderGraph.Run(), settings.FramesPerSecond);
        BenchLane bareDecoding = new(_ => decoderGraph.Run(), settings.FramesPerSecond);
        await RunTogether(bareEncoding, bareDecoding, WarmUp / 2, cancel);
        bareEncoding.Reset();
        bareDecoding.Reset();

        // Turn by turn, so that what else the machine does meanwhile falls on both alike.
        for (int turn = 0; turn < Turns; turn++)
        {
            await RunTogether(encoding, decoding, TimeSpan.FromSeconds(settings.Seconds) / Turns, cancel);
            await RunTogether(bareEncoding, bareDecoding, TimeSpan.FromSeconds(settings.Seconds) / Turns, cancel);
        }

        return Summary(model, encoding, decoding, bareEncoding, bareDecoding);
    }

    private Task RunTogether(BenchLane encoding, BenchLane decoding, TimeSpan duration, CancellationToken cancel)
    {
        List<(string Name, Action<CancellationToken> Body)> threads = [];
        if (settings.Encodes)
        {
            threads.Add(("bench encode", stop => encoding.Run(duration, stop)));
        }

        if (settings.Decodes)
        {
            threads.Add(("bench decode", stop => decoding.Run(duration, stop)));
        }

        return DedicatedThread.RunTogetherAsync(cancel, [.. threads]);
    }

    private Func<long, StageTimes> EncodeWith(Encoder encoder)
    {
        EncodedFrame coded = new();
        return index =>
        {
            EncodeStatus status = encoder.Encode(material.PictureAt(index), new EncodeRequest(settings.Qp), coded);
            return status == EncodeStatus.Ok ? encoder.LastTimes : throw new UserError(ExitCode.Failed, $"The encoder refused a picture ({status}).");
        };
    }

    private Func<long, StageTimes> DecodeWith(Decoder decoder)
    {
        VideoFrame picture = new();
        return index =>
        {
            DecodeStatus status = decoder.Decode(material.Stream[(int)(index % material.Stream.Count)], picture);
            return status == DecodeStatus.Ok ? decoder.LastTimes : throw new UserError(ExitCode.Failed, $"The decoder refused a frame ({status}): {decoder.LastError}");
        };
    }

    private BenchReport Summary(ModelVariant model, BenchLane encoding, BenchLane decoding, BenchLane bareEncoding, BenchLane bareDecoding)
    {
        BenchLane[] lanes = [.. new[] { encoding, decoding }.Where(lane => lane.Frames > 0)];
        double bareMs = bareEncoding.MeanMs + bareDecoding.MeanMs;
        return new()
        {
            Width = settings.Size.Width,
            Height = settings.Size.Height,
            ModelWidth = model.Width,
            ModelHeight = model.Height,
            Mode = settings.Mode.ToString().ToLowerInvariant(),
            TargetFps = settings.FramesPerSecond,
            Seconds = settings.Seconds,
            Qp = settings.Qp,
            EncodeFps = settings.Encodes ? Math.Round(encoding.FramesPerSecond, 2) : null,
            DecodeFps = settings.Decodes ? Math.Round(decoding.FramesPerSecond, 2) : null,
            EncodeMs = settings.Encodes ? encoding.FrameMs : null,
            DecodeMs = settings.Decodes ? decoding.FrameMs : null,
            StageMs = lanes.Select(lane => lane.StageMs).Aggregate((sum, next) => sum + next),
            EncodeStageMs = settings.Encodes ? encoding.StageMs : null,
            DecodeStageMs = settings.Decodes ? decoding.StageMs : null,
            AllocatedBytesPerFrame = lanes.Max(lane => lane.AllocatedBytesPerFrame),
            FrameIntervalP99DeviationMs = lanes.Max(lane => lane.IntervalP99DeviationMs),
            BareEncodeMs = settings.Encodes ? bareEncoding.FrameMs : null,
            BareDecodeMs = settings.Decodes ? bareDecoding.FrameMs : null,
            RatioToBare = Math.Round((encoding.MeanMs + decoding.MeanMs) / bareMs, 3),
            StateBytes = _stateBytes,
            PeakResidentMb = _peakResidentMb,
        };
    }
}
