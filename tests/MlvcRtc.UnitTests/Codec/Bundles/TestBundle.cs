using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace MlvcRtc.UnitTests.Codec.Bundles;

/// <summary>A small, valid bundle with made-up graph bytes, to be spoilt in one place; written with the framework's tar writer. Owns a temporary folder.</summary>
internal sealed class TestBundle : IDisposable
{
    private static readonly int[] QpMapping =
        [.. Enumerable.Range(0, 52).Select(qp => Math.Clamp((int)Math.Round(63 - ((qp - 18) * 55.0 / 26), MidpointRounding.ToEven), 0, 63))];

    public TestBundle(params string[] sizes)
    {
        Folder = Directory.CreateTempSubdirectory("mlvcrtc-test-").FullName;
        sizes = sizes.Length > 0 ? sizes : ["320x192", "640x368"];
        Files["weights.bin"] = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];
        Files["gaussian_pmf.json"] = Encoding.UTF8.GetBytes("""{"pmf_lengths":[3,3],"pmf_offsets":[1,1],"pmf_table":[10,65000,526,100,60000,5436],"scale_min":0.11,"scale_max":16,"scale_levels":2,"index_space":true}""");
        WriteBitEstimator(tables: 288);
        Manifest = new JsonObject
        {
            ["mlvc_version"] = new JsonObject { ["major"] = 0, ["minor"] = 201 },
            ["bundle_name"] = "test",
            ["timestamp"] = "now",
            ["model_type"] = "onnx",
            ["target_device"] = "generic",
            ["model_registry"] = new JsonObject(),
            ["model_manifests"] = new JsonObject(),
            ["model_metadata"] = new JsonObject(),
            ["extra_params"] = new JsonObject(),
        };
        foreach (string size in sizes)
        {
            AddSize(size);
        }
    }

    public string Folder { get; }

    public string Cache => Path.Combine(Folder, "cache");

    public JsonObject Manifest { get; }

    public Dictionary<string, byte[]> Files { get; } = [];

    public JsonObject Metadata(string size) => Manifest["model_metadata"]![size]!.AsObject();

    public JsonObject Size(string size) => Manifest["model_manifests"]![size]!.AsObject();

    /// <summary>Writes the archive and returns its path.</summary>
    public string Write(string name = "bundle.tar")
    {
        string path = Path.Combine(Folder, name);
        using FileStream file = File.Create(path);
        using var tar = new TarWriter(file, TarEntryFormat.Ustar);
        Add(tar, "bundle_manifest.json", Encoding.UTF8.GetBytes(Manifest.ToJsonString()));
        foreach ((string entry, byte[] bytes) in Files)
        {
            Add(tar, entry, bytes);
        }

        return path;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    public static void Add(TarWriter tar, string name, byte[] bytes) =>
        tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(bytes) });

    /// <summary>Gives the model logits, all zero; a list of null is left out.</summary>
    public void SetLogits(params (string Name, int? Count)[] lists)
    {
        JsonObject gaussian = JsonNode.Parse(Files["gaussian_pmf.json"])!.AsObject();
        foreach ((string name, int? count) in lists)
        {
            gaussian[name] = count is { } some ? new JsonArray([.. Enumerable.Repeat(0, some).Select(n => (JsonNode)n)]) : null;
        }

        Files["gaussian_pmf.json"] = Encoding.UTF8.GetBytes(gaussian.ToJsonString());
    }

    /// <summary>Adds graphs in integers for a size.</summary>
    public void AddInt8(string size)
    {
        AddGraphs($"{size}_int8");
        Size(size)["int8_model_parts"] = Parts($"{size}_int8");
    }

    private void WriteBitEstimator(int tables)
    {
        var bitEstimator = new JsonObject
        {
            ["qp_num"] = 72,
            ["channels"] = 4,
            ["pmf_lengths"] = new JsonArray([.. Enumerable.Repeat(3, tables).Select(n => (JsonNode)n)]),
            ["pmf_offsets"] = new JsonArray([.. Enumerable.Repeat(1, tables).Select(n => (JsonNode)n)]),
            ["pmf_table"] = new JsonArray([.. Enumerable.Range(0, tables * 3).Select(i => (JsonNode)(i % 3 == 1 ? 60000 : 2768))]),
        };
        Files["bit_estimator_pmf.json"] = Encoding.UTF8.GetBytes(bitEstimator.ToJsonString());
    }

    private static JsonObject Parts(string suffix) => new()
    {
        ["MLVCEncoder"] = new JsonObject { ["registry_id"] = $"MLVCEncoder_{suffix}.onnx", ["function_name"] = null },
        ["MLVCDecoder"] = new JsonObject { ["registry_id"] = $"MLVCDecoder_{suffix}.onnx" },
    };

    private void AddGraphs(string suffix)
    {
        foreach (string part in new[] { "MLVCEncoder", "MLVCDecoder" })
        {
            string graph = $"{part}_{suffix}.onnx";
            Files[graph] = Encoding.UTF8.GetBytes($"graph {graph}");
            Manifest["model_registry"]![graph] = new JsonObject
            {
                ["model_path"] = graph,
                ["weights_path"] = "weights.bin",
                ["sha256"] = Convert.ToHexStringLower(SHA256.HashData([.. Files[graph], .. Files["weights.bin"]])),
            };
        }
    }

    private void AddSize(string size)
    {
        string[] sides = size.Split('x');
        AddGraphs(size);
        Manifest["model_manifests"]![size] = new JsonObject
        {
            ["metadata_path"] = $"metadata_{size}.json",
            ["gaussian_pmf_path"] = "gaussian_pmf.json",
            ["bit_estimator_pmf_path"] = "bit_estimator_pmf.json",
            ["model_parts"] = Parts(size),
            ["encoder_interface_type"] = "fp32_packed420_scale_sending_1p",
            ["decoder_interface_type"] = "fp32_packed420_scale_sending_1p",
        };
        JsonObject metadata = new()
        {
            ["model_width"] = int.Parse(sides[0], System.Globalization.CultureInfo.InvariantCulture),
            ["model_height"] = int.Parse(sides[1], System.Globalization.CultureInfo.InvariantCulture),
            ["pixel_range"] = 1.0,
            ["qp_num"] = 64,
            ["total_qp_num"] = 72,
            ["frame_index_map"] = new JsonArray(0, 1, 0, 2, 0, 2, 0, 2),
            ["qp_shift"] = new JsonArray(0, 8, 4),
            ["feature_channels"] = 12,
            ["latent_channels"] = 8,
            ["hyperprior_channels"] = 4,
            ["downsample_feature"] = 8,
            ["downsample_latent"] = 16,
            ["downsample_hyperprior"] = 4,
            ["y_scale_repeat"] = 2,
            ["ltr_period"] = null,
            ["qp_mapping"] = new JsonArray([.. QpMapping.Select(q => (JsonNode)q)]),
        };
        Manifest["model_metadata"]![size] = metadata;
        Files[$"metadata_{size}.json"] = Encoding.UTF8.GetBytes(metadata.ToJsonString());
    }
}
