using System.Globalization;

namespace MlvcRtc.Codec.Bundles;

/// <summary>One graph file, the external weights beside it, and the SHA-256 of both in a row.</summary>
internal sealed record RegistryEntry(string ModelPath, string? WeightsPath, string Sha256);

/// <summary>The two graphs of one size.</summary>
internal sealed record GraphPair(RegistryEntry Encoder, RegistryEntry Decoder);

/// <summary>Where the files of one size are.</summary>
/// <param name="Int8">The same graphs in integers; null = there are none.</param>
internal sealed record SizeManifest(
    string Key, string MetadataPath, string GaussianPath, string BitEstimatorPath, GraphPair Graphs, GraphPair? Int8, InterfaceType InterfaceType, ModelMetadata? Metadata);

/// <summary><c>bundle_manifest.json</c>, checked. Extra keys are ignored.</summary>
internal sealed record BundleManifest(ModelVersion Version, string Name, IReadOnlyList<RegistryEntry> Registry, IReadOnlyList<SizeManifest> Sizes)
{
    public const string FileName = "bundle_manifest.json";

    private static readonly string[] Devices = ["generic", "apple", "intel", "qualcomm"];

    /// <exception cref="BundleException">A key is missing, of the wrong type, or names something unknown.</exception>
    public static BundleManifest Read(BundleArchive archive)
    {
        BundleJson root = BundleJson.Parse($"{archive.Path}: {FileName}", archive.ReadAll(FileName));
        RequireOneOf(root, "model_type", root.Text("model_type"), ["onnx"], "Core ML bundles need Apple's runtime; take the onnx-generic bundle.");
        RequireOneOf(root, "target_device", root.Text("target_device"), Devices, "The bundle was made for an unknown device.");
        Dictionary<string, RegistryEntry> registry = root.Object("model_registry").Members().ToDictionary(
            member => member.Key, member => ReadRegistryEntry(member.Value), StringComparer.Ordinal);
        BundleJson metadata = root.Object("model_metadata");
        List<SizeManifest> sizes = [.. root.Object("model_manifests").Members()
            .OrderBy(member => member.Key, StringComparer.Ordinal)
            .Select(member => ReadSize(member.Key, member.Value, metadata.FindObject(member.Key), registry))];
        return sizes.Count > 0
            ? new BundleManifest(ReadVersion(root.Object("mlvc_version")), root.Text("bundle_name"), [.. registry.Values], sizes)
            : throw new BundleException($"{root.Place}.model_manifests: no sizes.");
    }

    private static ModelVersion ReadVersion(BundleJson version)
    {
        int major = version.Integer("major");
        int minor = version.Integer("minor");
        if (major is < 0 or > byte.MaxValue || minor is < 0 or > byte.MaxValue)
        {
            throw new BundleException($"{version.Place}: {major}.{minor}; both numbers must be from 0 to 255.");
        }

        return major == ModelVersion.SupportedMajor
            ? new ModelVersion(major, minor)
            : throw new BundleException($"{version.Place}: version {major}.{minor} has another bitstream syntax than this program knows ({ModelVersion.SupportedMajor}.x); update the program.");
    }

    private static RegistryEntry ReadRegistryEntry(BundleJson entry) => new(entry.Text("model_path"), entry.FindText("weights_path"), entry.Text("sha256"));

    private static SizeManifest ReadSize(string key, BundleJson size, BundleJson? metadata, Dictionary<string, RegistryEntry> registry)
    {
        InterfaceType type = ReadInterface(size, "encoder_interface_type");
        if (ReadInterface(size, "decoder_interface_type") != type)
        {
            throw new BundleException($"{size.Place}: encoder and decoder have different interface types.");
        }

        return new SizeManifest(
            key,
            size.Text("metadata_path"),
            size.Text("gaussian_pmf_path"),
            size.Text("bit_estimator_pmf_path"),
            ReadParts(size.Object("model_parts"), registry),
            size.FindObject("int8_model_parts") is { } int8 ? ReadParts(int8, registry) : null,
            type,
            metadata is { } inline ? MetadataJson.Read(inline, key) : null);
    }

    private static GraphPair ReadParts(BundleJson parts, Dictionary<string, RegistryEntry> registry) =>
        new(ReadPart(parts.Object("MLVCEncoder"), registry), ReadPart(parts.Object("MLVCDecoder"), registry));

    private static RegistryEntry ReadPart(BundleJson part, Dictionary<string, RegistryEntry> registry)
    {
        string id = part.Text("registry_id");
        return registry.TryGetValue(id, out RegistryEntry? entry)
            ? entry
            : throw new BundleException($"{part.Place}.registry_id: \"{id}\" is not in model_registry.");
    }

    private static InterfaceType ReadInterface(BundleJson size, string key) => size.Text(key) switch
    {
        "fp16_scale_sending_no_reset_1p" => InterfaceType.OfficialFp16,
        "fp32_packed420_scale_sending_1p" => InterfaceType.PackedI420,
        string other => throw new BundleException(
            $"{size.Place}.{key}: unknown interface type \"{other}\"; known are fp16_scale_sending_no_reset_1p and fp32_packed420_scale_sending_1p. The bundle is newer than this program; update it."),
    };

    private static void RequireOneOf(BundleJson place, string key, string found, string[] known, string remedy)
    {
        if (!known.Contains(found, StringComparer.Ordinal))
        {
            throw new BundleException(string.Create(CultureInfo.InvariantCulture, $"{place.Place}.{key}: expected {string.Join(" or ", known)}, found \"{found}\". {remedy}"));
        }
    }
}
