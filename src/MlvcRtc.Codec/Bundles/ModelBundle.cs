namespace MlvcRtc.Codec.Bundles;

/// <summary>A model ready to load: verified, its tables read, its graphs unpacked. Immutable, safe to share.</summary>
public sealed class ModelBundle
{
    private ModelBundle(string path, BundleContent content, IReadOnlyList<ModelVariant> models)
    {
        Path = path;
        Version = content.Manifest.Version;
        Name = content.Manifest.Name;
        Sha256 = content.Sha256;
        ModelTag = content.ModelTag;
        Models = models;
    }

    private ModelBundle(ModelVersion version, string name, uint modelTag, IReadOnlyList<ModelVariant> models)
    {
        Path = string.Empty;
        Version = version;
        Name = name;
        Sha256 = string.Empty;
        ModelTag = modelTag;
        Models = models;
    }

    /// <summary>The archive this came from; empty when it came from none.</summary>
    public string Path { get; }

    /// <summary>What a stream's sequence parameter set must say to be decoded with this.</summary>
    public ModelVersion Version { get; }

    /// <summary><c>bundle_name</c> of the manifest.</summary>
    public string Name { get; }

    /// <summary>SHA-256 of the archive, lower-case hexadecimal; empty without an archive.</summary>
    public string Sha256 { get; }

    /// <summary>MODEL_TAG of the RTP payload descriptor.</summary>
    public uint ModelTag { get; }

    /// <summary>The sizes, in ordinal order of "WxH"; at least one.</summary>
    public IReadOnlyList<ModelVariant> Models { get; }

    /// <summary>A bundle of models that lie outside an archive: altered copies of a model's graphs, or graphs of an engine of one's own.</summary>
    /// <param name="version">The stream contract that the models obey.</param>
    /// <param name="name">For people.</param>
    /// <param name="modelTag">MODEL_TAG of the contract.</param>
    /// <param name="models">At least one, in ordinal order of their keys.</param>
    /// <param name="int8">The same model in integers.</param>
    public static ModelBundle Of(ModelVersion version, string name, uint modelTag, IReadOnlyList<ModelVariant> models, ModelBundle? int8 = null)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentOutOfRangeException.ThrowIfZero(models.Count);
        return new ModelBundle(version, name, modelTag, models) { Int8 = int8 };
    }

    /// <summary>Reads, verifies and unpacks a bundle.</summary>
    /// <param name="tarPath">The archive.</param>
    /// <param name="cacheFolder">Where unpacked graphs are kept, one folder per archive; created when missing.</param>
    /// <exception cref="BundleException">The bundle cannot be used; the message says why and what to do.</exception>
    public static ModelBundle Open(string tarPath, string cacheFolder)
    {
        ArgumentException.ThrowIfNullOrEmpty(tarPath);
        ArgumentException.ThrowIfNullOrEmpty(cacheFolder);
        using BundleArchive archive = BundleArchive.Open(tarPath);
        BundleContent content = BundleContent.Verify(archive);
        IEnumerable<string> files = content.Sizes
            .SelectMany(size => new[] { size.Manifest.Graphs, size.Manifest.Int8 })
            .OfType<GraphPair>()
            .SelectMany(pair => new[] { pair.Encoder, pair.Decoder })
            .SelectMany(part => new[] { part.ModelPath, part.WeightsPath })
            .OfType<string>()
            .Concat(content.Sizes.Select(size => ParityName(size.Manifest.Key)).Where(archive.Contains))
            .Distinct(StringComparer.Ordinal);
        string folder = GraphCache.Unpack(archive, content.Sha256, files, cacheFolder);
        ModelBundle Of(Numerics numerics) => new(tarPath, content, [.. content.Sizes.Select(size => ToVariant(archive, size, folder, numerics))])
        {
            Int8 = numerics == Numerics.Float && content.Sizes.All(size => size.Manifest.Int8 is not null) ? Of(Numerics.Int8) : null,
        };
        return Of(Numerics.Float);
    }

    /// <summary>The same model in integers: other graphs of the same version, sizes and tag. Null = the bundle has none.</summary>
    public ModelBundle? Int8 { get; private init; }

    /// <summary>The size a stream was coded with; null when the bundle lacks it.</summary>
    public ModelVariant? Find(int width, int height) => Models.FirstOrDefault(model => model.Width == width && model.Height == height);

    private static string ParityName(string key) => $"parity_{key}.json";

    private static ModelVariant ToVariant(BundleArchive archive, SizeContent size, string folder, Numerics numerics) => new()
    {
        Numerics = numerics,
        EncoderGraphPath = GraphCache.PathOf(folder, (numerics == Numerics.Int8 ? size.Manifest.Int8! : size.Manifest.Graphs).Encoder.ModelPath),
        DecoderGraphPath = GraphCache.PathOf(folder, (numerics == Numerics.Int8 ? size.Manifest.Int8! : size.Manifest.Graphs).Decoder.ModelPath),
        ParityPath = archive.Contains(ParityName(size.Manifest.Key)) ? GraphCache.PathOf(folder, ParityName(size.Manifest.Key)) : null,
        InterfaceType = size.Manifest.InterfaceType,
        Metadata = size.Metadata,
        LatentShape = size.Shape,
        QpScale = size.QpScale,
        Gaussian = size.Gaussian,
        ContextLogits = size.ContextLogits,
        BitEstimator = size.BitEstimator,
    };
}
