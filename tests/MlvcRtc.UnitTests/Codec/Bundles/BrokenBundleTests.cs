using System.Formats.Tar;
using System.Text.Json.Nodes;
using MlvcRtc.Codec.Bundles;

namespace MlvcRtc.UnitTests.Codec.Bundles;

/// <summary>Whatever is wrong with a bundle, the message says where and what was expected, and nothing else happens.</summary>
public sealed class BrokenBundleTests
{
    [Fact]
    public void A_file_that_is_not_there_or_empty_or_no_archive()
    {
        using var made = new TestBundle();
        Assert.Contains("cannot be opened", Fails(Path.Combine(made.Folder, "none.tar"), made), StringComparison.Ordinal);
        Assert.Contains("cannot be opened", Fails(made.Folder, made), StringComparison.Ordinal);
        string path = Path.Combine(made.Folder, "other.tar");
        File.WriteAllBytes(path, []);
        Assert.Contains("0 bytes", Fails(path, made), StringComparison.Ordinal);
        File.WriteAllBytes(path, [.. Enumerable.Repeat((byte)'x', 2048)]);
        Assert.Contains("no tar header at byte 0", Fails(path, made), StringComparison.Ordinal);
        File.WriteAllBytes(path, new byte[2048]);
        Assert.Contains("bundle_manifest.json is missing", Fails(path, made), StringComparison.Ordinal);
    }

    [Fact]
    public void A_truncated_archive_is_refused_wherever_it_was_cut()
    {
        using var made = new TestBundle("320x192");
        byte[] whole = File.ReadAllBytes(made.Write());
        string path = Path.Combine(made.Folder, "cut.tar");
        for (int length = 0; length < whole.Length; length += 97)
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.Contains(path, Fails(path, made), StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(made.Cache));
    }

    [Fact]
    public void Changed_bytes_never_cause_more_than_a_message()
    {
        using var made = new TestBundle("320x192");
        byte[] whole = File.ReadAllBytes(made.Write());
        string path = Path.Combine(made.Folder, "changed.tar");
        var random = new Random(20);
        for (int round = 0; round < 600; round++)
        {
            byte[] changed = [.. whole];
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            }

            File.WriteAllBytes(path, changed);
            try
            {
                ModelBundle.Open(path, made.Cache);
            }
            catch (BundleException expected)
            {
                Assert.NotEmpty(expected.Message);
            }
        }
    }

    [Theory]
    [InlineData("../evil.onnx")]
    [InlineData("a/../../evil.onnx")]
    [InlineData("/etc/evil.onnx")]
    [InlineData("C:/evil.onnx")]
    [InlineData("a\\..\\evil.onnx")]
    [InlineData("a//b.onnx")]
    [InlineData("...")]
    [InlineData("nul\u0001.onnx")]
    public void A_name_that_could_leave_the_folder_is_refused(string name)
    {
        using var made = new TestBundle("320x192");
        made.Files[name] = [1];

        Assert.Contains("is not allowed", Fails(made.Write(), made), StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_occurs_twice_is_refused_in_any_case()
    {
        using var made = new TestBundle("320x192");
        made.Files["WEIGHTS.bin"] = [1];

        Assert.Contains("occurs twice", Fails(made.Write(), made), StringComparison.Ordinal);
    }

    [Fact]
    public void Folders_and_links_are_passed_over_and_a_leading_dot_is_harmless()
    {
        using var made = new TestBundle("320x192");
        string path = Path.Combine(made.Folder, "more.tar");
        using (FileStream file = File.Create(path))
        using (var tar = new TarWriter(file, TarEntryFormat.Ustar))
        {
            tar.WriteEntry(new UstarTarEntry(TarEntryType.Directory, "folder/"));
            tar.WriteEntry(new UstarTarEntry(TarEntryType.SymbolicLink, "../../link") { LinkName = "/etc/passwd" });
            TestBundle.Add(tar, "./bundle_manifest.json", System.Text.Encoding.UTF8.GetBytes(made.Manifest.ToJsonString()));
            foreach ((string name, byte[] bytes) in made.Files)
            {
                TestBundle.Add(tar, name, bytes);
            }
        }

        Assert.Single(ModelBundle.Open(path, made.Cache).Models);
    }

    [Theory]
    [InlineData("weights.bin")]
    [InlineData("MLVCDecoder_320x192.onnx")]
    public void A_graph_or_weight_that_differs_from_its_hash_is_named_with_both_hashes(string file)
    {
        using var made = new TestBundle("320x192");
        made.Files[file][3] ^= 1;
        string message = Fails(made.Write(), made);

        Assert.Contains(file, message, StringComparison.Ordinal);
        Assert.Matches("SHA-256 of .* is [0-9a-f]{64}, expected [0-9a-f]{64}", message);
        Assert.Contains("fetch it again", message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(made.Cache));
    }

    [Fact]
    public void Every_required_key_is_missed_by_name()
    {
        using var probe = new TestBundle("320x192");
        string[] optional = ["timestamp", "extra_params", "weights_path", "function_name", "ltr_period", "qp_mapping", "model_metadata.320x192"];
        List<string> places = [];
        Collect(probe.Manifest, string.Empty, places);
        foreach (string place in places.Where(place => !optional.Any(name => place.EndsWith(name, StringComparison.Ordinal))))
        {
            using var made = new TestBundle("320x192");
            string[] keys = place.Split('/', StringSplitOptions.RemoveEmptyEntries);
            JsonObject parent = keys.SkipLast(1).Aggregate(made.Manifest, (node, key) => node[key]!.AsObject());
            if (keys.Length == 2 && keys[0] is "model_registry" or "model_manifests" or "model_metadata")
            {
                continue;
            }

            parent.Remove(keys[^1]);
            string message = Fails(made.Write(), made);
            Assert.Contains($"\"{keys[^1]}\" is missing", message, StringComparison.Ordinal);

            parent[keys[^1]] = new JsonArray("no");
            Assert.Matches(@"expected .*, found|: \[", Fails(made.Write(), made));
        }
    }

    [Theory]
    [InlineData("model_type", "coreml", "expected onnx, found \"coreml\"")]
    [InlineData("model_type", "tflite", "expected onnx, found \"tflite\"")]
    [InlineData("target_device", "toaster", "found \"toaster\"")]
    public void An_unknown_kind_of_bundle_is_refused(string key, string value, string message)
    {
        using var made = new TestBundle("320x192");
        made.Manifest[key] = value;

        Assert.Contains(message, Fails(made.Write(), made), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_or_mixed_interface_type_is_refused()
    {
        using var made = new TestBundle("320x192");
        made.Size("320x192")["decoder_interface_type"] = "fp16_scale_sending_no_reset_1p";
        Assert.Contains("different interface types", Fails(made.Write(), made), StringComparison.Ordinal);

        made.Size("320x192")["decoder_interface_type"] = "fp64_telepathy_2p";
        Assert.Contains("unknown interface type \"fp64_telepathy_2p\"", Fails(made.Write(), made), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model_width", 322)]
    [InlineData("model_height", 0)]
    [InlineData("latent_channels", 6)]
    [InlineData("hyperprior_channels", 5)]
    [InlineData("y_scale_repeat", 3)]
    [InlineData("downsample_hyperprior", 0)]
    [InlineData("qp_num", 80)]
    [InlineData("qp_num", 40)]
    [InlineData("total_qp_num", 65)]
    [InlineData("feature_channels", -1)]
    [InlineData("latent_channels", 2147483647)]
    public void Numbers_that_contradict_each_other_are_refused(string key, int value)
    {
        using var made = new TestBundle("320x192");
        made.Metadata("320x192")[key] = value;

        Assert.Matches("320x192|bit_estimator_pmf.json", Fails(made.Write(), made));
    }

    [Theory]
    [InlineData("320x192", "block8", "expected \"overlapped16\", found \"block8\"")]
    [InlineData("320x192", "block16", "up to v0.207")]
    [InlineData("328x200", "overlapped16", "multiples of 16")]
    public void Motion_compensation_of_another_kind_or_of_broken_blocks_is_refused(string size, string kind, string message)
    {
        using var made = new TestBundle(size);
        made.Metadata(size)["motion_compensation"] = kind;

        Assert.Contains(message, Fails(made.Write(), made), StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_is_no_text_is_refused()
    {
        using var made = new TestBundle("320x192");
        foreach (string text in new[] { """{"a":"\ud800"}""", """{"\udfff":1}""" })
        {
            made.Files["gaussian_pmf.json"] = System.Text.Encoding.ASCII.GetBytes(text);
            Assert.Contains("gaussian_pmf.json: not valid JSON", Fails(made.Write(), made), StringComparison.Ordinal);
        }

        made.Files["gaussian_pmf.json"] = [.. "{\"a\":\""u8, 0xDE, .. "\"}"u8];
        Assert.Contains("gaussian_pmf.json: not valid JSON", Fails(made.Write(), made), StringComparison.Ordinal);
    }

    [Fact]
    public void Tables_that_break_a_rule_name_their_file()
    {
        using var made = new TestBundle("320x192");
        made.Files["gaussian_pmf.json"] = """{"pmf_lengths":[3],"pmf_offsets":[1],"pmf_table":[0,1,2],"scale_levels":1,"index_space":true}"""u8.ToArray();
        Assert.Contains("gaussian_pmf.json: Table 0, entry 0", Fails(made.Write(), made), StringComparison.Ordinal);

        made.Files["gaussian_pmf.json"] = """{"pmf_lengths":[3],"pmf_offsets":[1],"pmf_table":[1,1,2],"scale_levels":1,"index_space":false}"""u8.ToArray();
        Assert.Contains("index_space", Fails(made.Write(), made), StringComparison.Ordinal);

        made.Files["gaussian_pmf.json"] = "{"u8.ToArray();
        Assert.Contains("not valid JSON", Fails(made.Write(), made), StringComparison.Ordinal);
    }

    /// <summary>The counts for 8 channels of y, 4 of z, 2 scales and 9 groups of qualities, by the formulas of docs/bitstream.md §10 and §11.</summary>
    private const int OfY = 12 * ((2 * 10) + (8 * 26) + (8 * 30) + 2080 + (8 * 45) + (9 * 130) + 1248 + (8 * 20)), OfZ = (20 * ((4 * (36 + 9)) + (9 * 96) + 504 + 693)) + 4, OfFlags = 259 + 90, OfVectors = 9 + 403 + 305 + 1328 + 576 + 186;

    [Fact]
    public void A_model_with_logits_opens()
    {
        using var made = new TestBundle("320x192");
        made.SetLogits(AllLogits);

        Assert.Equal(OfY, ModelBundle.Open(made.Write(), made.Cache).Models[0].ContextLogits!.Symbols.Count);
    }

    /// <summary>Of the right lengths.</summary>
    internal static (string, int?)[] AllLogits => [("choice_logits", OfY), ("key_prediction", 28), ("hyper_logits", OfZ), ("flag_logits", OfFlags), ("vector_logits", OfVectors)];

    [Theory]
    [InlineData("choice_logits", OfY - 1, "choice_logits; expected 65832 for 8 channels of y, 4 of z, 2 scale levels and 9 groups of qualities. The bundle is damaged, fetch it again")]
    [InlineData("choice_logits", 0, "0 choice_logits; expected 65832")]
    [InlineData("choice_logits", null, "key_prediction without choice_logits. The bundle is damaged")]
    [InlineData("hyper_logits", OfZ + 1, "hyper_logits; expected 44824")]
    [InlineData("flag_logits", 7, "7 flag_logits; expected 349")]
    [InlineData("vector_logits", 7, "7 vector_logits; expected")]
    [InlineData("vector_logits", null, "choice_logits without vector_logits. The bundle is of an older format, or damaged: fetch a newer bundle of the model, or use an older program.")]
    [InlineData("hyper_logits", null, "choice_logits without hyper_logits.")]
    public void Logits_that_do_not_fit_together_are_refused(string list, int? count, string message)
    {
        using var made = new TestBundle("320x192");
        made.SetLogits([.. AllLogits, (list, count)]);

        Assert.Contains(message, Fails(made.Write(), made), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[1,2]", "2 weights of key_prediction; expected 28")]
    [InlineData("[99999,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]", "each -32767 to 32767")]
    [InlineData(null, "choice_logits without key_prediction")]
    public void A_prediction_that_is_none_is_named(string? weights, string message)
    {
        using var made = new TestBundle("320x192");
        made.SetLogits(AllLogits);
        JsonObject gaussian = JsonNode.Parse(made.Files["gaussian_pmf.json"])!.AsObject();
        gaussian["key_prediction"] = weights is null ? null : JsonNode.Parse(weights);
        made.Files["gaussian_pmf.json"] = System.Text.Encoding.UTF8.GetBytes(gaussian.ToJsonString());

        Assert.Contains(message, Fails(made.Write(), made), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[0,32768]", "gaussian_pmf.json: Logit 1 is 32768; expected -32767 to 32767")]
    [InlineData("[-32768]", "Logit 0 is -32768")]
    [InlineData("[0.5]", "gaussian_pmf.json.choice_logits[0]: expected an integer")]
    [InlineData("7", "expected a list of integers")]
    public void Logits_that_are_none_name_their_place(string logits, string message)
    {
        using var made = new TestBundle("320x192");
        made.SetLogits(AllLogits);
        JsonObject gaussian = JsonNode.Parse(made.Files["gaussian_pmf.json"])!.AsObject();
        gaussian["choice_logits"] = JsonNode.Parse(logits);
        gaussian["key_prediction"] = new JsonArray([.. Enumerable.Repeat(0, 28).Select(n => (JsonNode)n)]);
        made.Files["gaussian_pmf.json"] = System.Text.Encoding.UTF8.GetBytes(gaussian.ToJsonString());

        Assert.Contains(message, Fails(made.Write(), made), StringComparison.Ordinal);
    }

    private static void Collect(JsonObject node, string place, List<string> places)
    {
        foreach ((string key, JsonNode? value) in node)
        {
            places.Add($"{place}/{key}");
            if (value is JsonObject inner)
            {
                Collect(inner, $"{place}/{key}", places);
            }
        }
    }

    private static string Fails(string path, TestBundle made) => Assert.Throws<BundleException>(() => ModelBundle.Open(path, made.Cache)).Message;
}
