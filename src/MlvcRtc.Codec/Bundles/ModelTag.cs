using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MlvcRtc.Codec.Motion;

namespace MlvcRtc.Codec.Bundles;

/// <summary>Computes MODEL_TAG of the RTP payload descriptor: two ends with equal tags can read each other's integers (docs/model-bundle.md).</summary>
internal static class ModelTag
{
    /// <param name="version">The bundle's version.</param>
    /// <param name="tableFiles">Bytes of the Gaussian table files, then of the bit estimator files, each once, in order of the sizes.</param>
    /// <param name="sizes">Every size's metadata, in ordinal order of "WxH".</param>
    /// <returns>First four bytes of the SHA-256, big endian.</returns>
    public static uint Compute(ModelVersion version, IEnumerable<byte[]> tableFiles, IEnumerable<ModelMetadata> sizes)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.ASCII.GetBytes(version.ToString()));
        foreach (byte[] file in tableFiles)
        {
            hash.AppendData(file);
        }

        foreach (ModelMetadata m in sizes)
        {
            hash.AppendData(Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"{m.ModelWidth}x{m.ModelHeight}:{m.FeatureChannels},{m.LatentChannels},{m.HyperpriorChannels},{m.DownsampleFeature},{m.DownsampleLatent},{m.DownsampleHyperprior},{m.YScaleRepeat}{(m.MotionCompensation == MotionCompensationKind.Overlapped16 ? ",overlapped16" : string.Empty)};")));
        }

        return BinaryPrimitives.ReadUInt32BigEndian(hash.GetHashAndReset());
    }
}
