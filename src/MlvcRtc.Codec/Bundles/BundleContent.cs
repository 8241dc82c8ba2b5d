using System.Security.Cryptography;
using MlvcRtc.Codec.Entropy;
using MlvcRtc.Codec.Motion;

namespace MlvcRtc.Codec.Bundles;

/// <summary>One size of a verified bundle, its graphs still inside the archive.</summary>
internal sealed record SizeContent(
    SizeManifest Manifest, ModelMetadata Metadata, LatentShape Shape, QpScale QpScale, FrequencyTables Gaussian, ContextLogits? ContextLogits, FrequencyTables BitEstimator);

/// <summary>Everything a bundle says, read and verified: keys, shapes, tables, and the SHA-256 of every graph.</summary>
internal sealed record BundleContent(BundleManifest Manifest, string Sha256, uint ModelTag, IReadOnlyList<SizeContent> Sizes)
{
    /// <exception cref="BundleException">Something is wrong; the message says what and what to do.</exception>
    public static BundleContent Verify(BundleArchive archive)
    {
        BundleManifest manifest = BundleManifest.Read(archive);
        foreach (RegistryEntry entry in manifest.Registry)
        {
            VerifySha256(archive, entry);
        }

        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var gaussian = new Dictionary<string, (FrequencyTables Tables, ContextLogits? Logits)>(StringComparer.Ordinal);
        var bitEstimators = new Dictionary<(string, int, int), FrequencyTables>();
        List<SizeContent> sizes = [.. manifest.Sizes.Select(size => ReadSize(archive, size, files, gaussian, bitEstimators))];
        uint tag = Bundles.ModelTag.Compute(
            manifest.Version,
            sizes.Select(size => size.Manifest.GaussianPath).Distinct(StringComparer.Ordinal)
                .Concat(sizes.Select(size => size.Manifest.BitEstimatorPath).Distinct(StringComparer.Ordinal))
                .Select(path => files[path]),
            sizes.Select(size => size.Metadata));
        return new BundleContent(manifest, archive.Sha256(), tag, sizes);
    }

    private static SizeContent ReadSize(
        BundleArchive archive,
        SizeManifest size,
        Dictionary<string, byte[]> files,
        Dictionary<string, (FrequencyTables Tables, ContextLogits? Logits)> gaussian,
        Dictionary<(string, int, int), FrequencyTables> bitEstimators)
    {
        ModelMetadata metadata = size.Metadata ?? MetadataJson.Read(Json(size.MetadataPath), size.Key);
        if (!gaussian.TryGetValue(size.GaussianPath, out (FrequencyTables Tables, ContextLogits? Logits) ofY))
        {
            gaussian[size.GaussianPath] = ofY = TablesJson.ReadGaussian(Json(size.GaussianPath));
        }

        var key = (size.BitEstimatorPath, metadata.HyperpriorChannels, metadata.QpNum);
        if (!bitEstimators.TryGetValue(key, out FrequencyTables? bitEstimator))
        {
            bitEstimators[key] = bitEstimator = TablesJson.ReadBitEstimator(Json(size.BitEstimatorPath), metadata);
        }

        try
        {
            LatentShape shape = metadata.ToLatentShape();
            LatentCoder.Check(shape, ofY.Tables, bitEstimator, ofY.Logits);
            if (metadata.MotionCompensation != MotionCompensationKind.None && ofY.Logits is null)
            {
                throw new InvalidDataException("motion_compensation, but no choice_logits to code vectors with. Fetch a newer bundle of the model, or use an older program.");
            }

            return new SizeContent(size, metadata, shape, metadata.ToQpScale(), ofY.Tables, ofY.Logits, bitEstimator);
        }
        catch (InvalidDataException contradiction)
        {
            throw new BundleException($"{archive.Path}: metadata of {size.Key}: {contradiction.Message}", contradiction);
        }

        BundleJson Json(string path)
        {
            if (!files.TryGetValue(path, out byte[]? bytes))
            {
                files[path] = bytes = archive.ReadAll(path);
            }

            return BundleJson.Parse($"{archive.Path}: {path}", bytes);
        }
    }

    private static void VerifySha256(BundleArchive archive, RegistryEntry entry)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        archive.Hash(entry.ModelPath, hash);
        if (entry.WeightsPath is { } weights)
        {
            archive.Hash(weights, hash);
        }

        string actual = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (!string.Equals(actual, entry.Sha256, StringComparison.OrdinalIgnoreCase))
        {
            string files = entry.WeightsPath is null ? entry.ModelPath : $"{entry.ModelPath} + {entry.WeightsPath}";
            throw new BundleException($"{archive.Path}: SHA-256 of {files} is {actual}, expected {entry.Sha256}. The bundle is damaged or was changed; fetch it again.");
        }
    }
}
