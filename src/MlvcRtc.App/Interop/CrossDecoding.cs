using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.Codec;
using MlvcRtc.Lab.Metrics;
using MlvcRtc.Media;

namespace MlvcRtc.App.Interop;

/// <summary>A clip as one environment codes it.</summary>
/// <param name="Units">Access units.</param>
/// <param name="Bytes">Of all.</param>
internal sealed record CodedClip(IReadOnlyList<byte[]> Units, long Bytes);

/// <summary>What a decoder made of a coded clip, frame by frame.</summary>
/// <param name="Psnr">6:1:1 against the source, dB; a refused frame shows the picture before it.</param>
/// <param name="Hashes">Of every picture's samples.</param>
internal sealed record DecodedClip(IReadOnlyList<double> Psnr, IReadOnlyList<ulong> Hashes, int Failures);

/// <summary>Encodes in one environment, decodes in another.</summary>
internal sealed class CrossDecoding(int qp)
{
    /// <param name="keyFrames">A key frame every so many frames; null = the first only.</param>
    public CodedClip Encode(LoadedClip clip, NumericEnvironment environment, int? keyFrames, CancellationToken cancel)
    {
        using Encoder encoder = new(environment.Bundle, environment.Engine);
        EncodedFrame coded = new();
        List<byte[]> units = [];
        for (int i = 0; i < clip.Count; i++)
        {
            cancel.ThrowIfCancellationRequested();
            bool key = keyFrames is { } interval && i % interval == 0;
            EncodeStatus status = encoder.Encode(clip[i], new EncodeRequest(qp, KeyFrame: key), coded);
            if (status != EncodeStatus.Ok)
            {
                throw new UserError(ExitCode.Failed, $"The encoder refused picture {i} of {clip.Name} under {environment.Name} ({status}).");
            }

            units.Add(coded.Payload.ToArray());
        }

        return new(units, units.Sum(unit => (long)unit.Length));
    }

    public static DecodedClip Decode(LoadedClip clip, CodedClip coded, NumericEnvironment environment, CancellationToken cancel)
    {
        using Decoder decoder = new([environment.Bundle], environment.Engine);
        VideoFrame picture = new();
        picture.CopyFrom(clip[0]);
        picture.Samples.Fill(128);
        (double[] psnr, ulong[] hashes, int failures) = (new double[clip.Count], new ulong[clip.Count], 0);
        for (int i = 0; i < clip.Count; i++)
        {
            cancel.ThrowIfCancellationRequested();
            failures += decoder.Decode(coded.Units[i], picture) == DecodeStatus.Ok ? 0 : 1;
            psnr[i] = Psnr.Compare(picture, clip[i]).Weighted611;
            hashes[i] = Hash(picture.Samples);
        }

        return new(psnr, hashes, failures);
    }

    /// <summary>FNV-1a: equal pictures have equal ones, and others hardly ever.</summary>
    private static ulong Hash(ReadOnlySpan<byte> samples)
    {
        ulong hash = 14695981039346656037;
        foreach (byte sample in samples)
        {
            hash = (hash ^ sample) * 1099511628211;
        }

        return hash;
    }
}
