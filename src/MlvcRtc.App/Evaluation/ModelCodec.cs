using System.Diagnostics;
using System.Globalization;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Models;
using MlvcRtc.Codec;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.RateControl;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;

namespace MlvcRtc.App.Evaluation;

/// <summary>Our codec with one bundle, as a call without losses runs it: one key frame, every other frame predicted from the one before, QP by place (<see cref="QpCascade"/>).</summary>
/// <param name="name">As reports name it.</param>
/// <param name="model">The model, and what runs it.</param>
/// <param name="rateFactors">Points of its curve, best first.</param>
internal sealed class ModelCodec(string name, RunningModel model, IReadOnlyList<int> rateFactors) : IRatedCodec
{
    public string Name => name;

    public IReadOnlyList<double> Settings { get; } = [.. rateFactors.Select(crf => (double)crf)];

    public double SettingStep => 1;

    public RatedRun Run(EvaluationClip clip, double setting, int? keep, CancellationToken cancel)
    {
        int crf = (int)setting;
        List<byte[]> units = [];
        (long bytes, int keyFrames, double encodeMs) = Encode(clip, crf, units, cancel);
        QualityMeter meter = new(clip.Pictures, keep);
        double decodeMs = Decode(units, meter, cancel);
        RatedPoint point = new(
            string.Create(CultureInfo.InvariantCulture, $"crf {crf}"),
            Math.Round(bytes * 8 / 1000.0 / clip.Seconds, 3),
            meter.Psnr611Db,
            meter.PsnrYDb,
            meter.Msssim,
            encodeMs,
            decodeMs,
            keyFrames);
        return new(point, meter.Kept);
    }

    private (long Bytes, int KeyFrames, double Ms) Encode(EvaluationClip clip, int crf, List<byte[]> units, CancellationToken cancel)
    {
        using Encoder encoder = new(model.Bundle, model.Engine);
        Packetizer packetizer = new(new(Ssrc: 0));
        byte[] packet = new byte[Packetizer.MaxPacketBytes];
        EncodedFrame coded = new();
        QpScale scale = ModelSelection.Choose(model.Bundle.Models, clip.Pictures[0].Width, clip.Pictures[0].Height).Model.QpScale;
        QpCascade cascade = new(scale);
        ProcessorTime time = new();
        (long bytes, int keyFrames) = (0, 0);
        foreach (VideoFrame picture in clip.Pictures)
        {
            cancel.ThrowIfCancellationRequested();
            EncodeStatus status = encoder.Encode(picture, new EncodeRequest(cascade.QpOf(scale.QIndexOf(crf), units.Count)), coded);
            int packets = Packetizer.CountPackets(coded);
            if (status != EncodeStatus.Ok || packets == 0)
            {
                throw new UserError(ExitCode.Failed, $"The encoder refused picture {units.Count} of {clip.Name} at rate factor {crf} ({status}, {coded.Payload.Length} bytes).");
            }

            // Access unit and descriptors; RTP headers are left out, as they are for the anchors.
            for (int i = 0; i < packets; i++)
            {
                bytes += packetizer.WritePacket(coded, i, packets, packet) - RtpPacket.HeaderBytes;
            }

            keyFrames += coded.Type == FrameType.Intra ? 1 : 0;
            units.Add(coded.Payload.ToArray());
            time.CountFrame();
        }

        return (bytes, keyFrames, time.MsPerFrame);
    }

    private double Decode(List<byte[]> units, QualityMeter meter, CancellationToken cancel)
    {
        using Decoder decoder = new([model.Bundle], model.Engine);
        ProcessorTime time = new();
        VideoFrame[] pictures = [.. units.Select(_ => new VideoFrame())];
        for (int i = 0; i < units.Count; i++)
        {
            cancel.ThrowIfCancellationRequested();
            if (decoder.Decode(units[i], pictures[i]) != DecodeStatus.Ok)
            {
                throw new UserError(ExitCode.Failed, $"Frame {i} could not be decoded again ({decoder.LastError}).");
            }

            time.CountFrame();
        }

        double ms = time.MsPerFrame;
        foreach (VideoFrame picture in pictures)
        {
            cancel.ThrowIfCancellationRequested();
            meter.Add(picture);
        }

        return ms;
    }

    /// <summary>Processor time of this process per frame, the first left out: it loads the networks. The system counts in steps of 10 ms, which a clip evens out.</summary>
    private sealed class ProcessorTime
    {
        private TimeSpan _begin;
        private int _frames;

        public double MsPerFrame => Math.Round((Now() - _begin).TotalMilliseconds / Math.Max(1, _frames - 1), 3);

        public void CountFrame()
        {
            if (_frames++ == 0)
            {
                _begin = Now();
            }
        }

        private static TimeSpan Now()
        {
            using Process process = Process.GetCurrentProcess();
            return process.TotalProcessorTime;
        }
    }
}
