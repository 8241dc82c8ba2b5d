using System.Security.Cryptography;
using System.Text;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Entropy;
using MlvcRtc.Codec.Motion;

namespace MlvcRtc.UnitTests.Codec.Bundles;

/// <summary>A bundle opens with everything a runtime needs, and its graphs lie in the cache as the archive has them.</summary>
public sealed class ModelBundleTests
{
    [Fact]
    public void A_valid_bundle_opens_with_all_its_parts()
    {
        using var made = new TestBundle();
        made.Files["parity_320x192.json"] = "{}"u8.ToArray();
        string path = made.Write();

        ModelBundle bundle = ModelBundle.Open(path, made.Cache);

        Assert.Equal(new ModelVersion(0, 201), bundle.Version);
        Assert.Equal("test", bundle.Name);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))), bundle.Sha256);
        Assert.Equal(["320x192", "640x368"], bundle.Models.Select(model => model.Key));
        ModelVariant small = bundle.Find(320, 192)!;
        Assert.Equal((320, 192, InterfaceType.PackedI420), (small.Width, small.Height, small.InterfaceType));
        Assert.Equal((8, 12, 20, 4, 3, 5), (small.LatentShape.YChannels, small.LatentShape.YHeight, small.LatentShape.YWidth, small.LatentShape.ZChannels, small.LatentShape.ZHeight, small.LatentShape.ZWidth));
        Assert.Null(small.Metadata.LtrPeriod);
        Assert.Equal("{}", File.ReadAllText(small.ParityPath!));
        Assert.Null(bundle.Find(640, 368)!.ParityPath);
        Assert.Null(bundle.Find(64, 64));
        Assert.Same(small.Gaussian, bundle.Find(640, 368)!.Gaussian);
        Assert.Same(small.BitEstimator, bundle.Find(640, 368)!.BitEstimator);
    }

    [Fact]
    public void Graphs_and_weights_lie_side_by_side_under_the_archives_hash()
    {
        using var made = new TestBundle();
        ModelBundle bundle = ModelBundle.Open(made.Write(), made.Cache);

        string folder = Path.Combine(made.Cache, bundle.Sha256[..16]);
        Assert.Equal(
            ["MLVCDecoder_320x192.onnx", "MLVCDecoder_640x368.onnx", "MLVCEncoder_320x192.onnx", "MLVCEncoder_640x368.onnx", "weights.bin"],
            Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(Path.Combine(folder, "MLVCEncoder_320x192.onnx"), bundle.Models[0].EncoderGraphPath);
        Assert.Equal("graph MLVCDecoder_640x368.onnx", File.ReadAllText(bundle.Models[1].DecoderGraphPath));
        Assert.Equal(made.Files["weights.bin"], File.ReadAllBytes(Path.Combine(folder, "weights.bin")));
    }

    [Fact]
    public void Graphs_in_integers_are_the_same_model_once_more()
    {
        using var made = new TestBundle();
        made.AddInt8("320x192");
        made.AddInt8("640x368");
        ModelBundle bundle = ModelBundle.Open(made.Write(), made.Cache);

        ModelBundle int8 = bundle.Int8!;
        Assert.Equal((bundle.Version, bundle.ModelTag, bundle.Sha256), (int8.Version, int8.ModelTag, int8.Sha256));
        Assert.Equal(bundle.Models.Select(model => model.Key), int8.Models.Select(model => model.Key));
        Assert.All(bundle.Models, model => Assert.Equal(Numerics.Float, model.Numerics));
        Assert.All(int8.Models, model => Assert.Equal(Numerics.Int8, model.Numerics));
        Assert.Equal("graph MLVCDecoder_640x368.onnx", File.ReadAllText(bundle.Models[1].DecoderGraphPath));
        Assert.Equal("graph MLVCDecoder_640x368_int8.onnx", File.ReadAllText(int8.Models[1].DecoderGraphPath));
        Assert.Null(int8.Int8);
    }

    [Fact]
    public void A_bundle_with_graphs_in_integers_for_some_sizes_only_runs_in_floats()
    {
        using var made = new TestBundle();
        made.AddInt8("320x192");

        Assert.Null(ModelBundle.Open(made.Write(), made.Cache).Int8);
    }

    [Fact]
    public void A_damaged_cache_is_repaired()
    {
        using var made = new TestBundle();
        string path = made.Write();
        string graph = ModelBundle.Open(path, made.Cache).Models[0].EncoderGraphPath;
        byte[] good = File.ReadAllBytes(graph);
        byte[] sameLength = [.. good];
        sameLength[0] ^= 1;
        foreach (byte[] bad in new[] { [], good[..5], sameLength, [.. good, 0] })
        {
            File.WriteAllBytes(graph, bad);
            ModelBundle.Open(path, made.Cache);
            Assert.Equal(good, File.ReadAllBytes(graph));
        }
    }

    [Fact]
    public void Several_openings_at_once_all_find_whole_files()
    {
        using var made = new TestBundle();
        string path = made.Write();
        Parallel.For(0, 8, _ =>
        {
            ModelBundle bundle = ModelBundle.Open(path, made.Cache);
            Assert.Equal("graph MLVCEncoder_320x192.onnx", File.ReadAllText(bundle.Models[0].EncoderGraphPath));
        });
        Assert.Empty(Directory.GetFiles(made.Cache, "*.tmp", SearchOption.AllDirectories));
    }

    [Fact]
    public void The_model_tag_follows_the_written_rule()
    {
        using var made = new TestBundle();
        byte[] hash = SHA256.HashData(
        [
            .. "0.201"u8,
            .. made.Files["gaussian_pmf.json"],
            .. made.Files["bit_estimator_pmf.json"],
            .. "320x192:12,8,4,8,16,4,2;640x368:12,8,4,8,16,4,2;"u8,
        ]);

        Assert.Equal((uint)((hash[0] << 24) | (hash[1] << 16) | (hash[2] << 8) | hash[3]), ModelBundle.Open(made.Write(), made.Cache).ModelTag);
    }

    [Fact]
    public void A_model_that_moves_the_previous_picture_says_so_and_has_another_tag()
    {
        using var made = new TestBundle("320x192");
        Assert.Equal(MotionCompensationKind.None, ModelBundle.Open(made.Write(), made.Cache).Models[0].Metadata.MotionCompensation);
        made.Metadata("320x192")["motion_compensation"] = "overlapped16";
        Assert.Contains("no choice_logits to code vectors with", Assert.Throws<BundleException>(() => ModelBundle.Open(made.Write("bare.tar"), made.Cache)).Message, StringComparison.Ordinal);
        made.SetLogits(BrokenBundleTests.AllLogits);
        byte[] hash = SHA256.HashData([.. "0.201"u8, .. made.Files["gaussian_pmf.json"], .. made.Files["bit_estimator_pmf.json"], .. "320x192:12,8,4,8,16,4,2,overlapped16;"u8]);

        ModelBundle moving = ModelBundle.Open(made.Write("moving.tar"), made.Cache);

        Assert.Equal(MotionCompensationKind.Overlapped16, moving.Models[0].Metadata.MotionCompensation);
        Assert.Equal((uint)((hash[0] << 24) | (hash[1] << 16) | (hash[2] << 8) | hash[3]), moving.ModelTag);
    }

    [Fact]
    public void Metadata_only_in_its_own_file_is_read_from_there()
    {
        using var made = new TestBundle();
        made.Manifest["model_metadata"]!.AsObject().Remove("320x192");

        Assert.Equal(12, ModelBundle.Open(made.Write(), made.Cache).Find(320, 192)!.Metadata.FeatureChannels);
    }

    [Fact]
    public void An_official_interface_type_is_recognised()
    {
        using var made = new TestBundle("320x192");
        made.Size("320x192")["encoder_interface_type"] = "fp16_scale_sending_no_reset_1p";
        made.Size("320x192")["decoder_interface_type"] = "fp16_scale_sending_no_reset_1p";

        Assert.Equal(InterfaceType.OfficialFp16, ModelBundle.Open(made.Write(), made.Cache).Models[0].InterfaceType);
    }

    [Fact]
    public void A_cache_folder_that_cannot_be_made_is_named_in_the_message()
    {
        using var made = new TestBundle();
        string path = made.Write();
        string blocked = Path.Combine(made.Folder, "a-file");
        File.WriteAllText(blocked, string.Empty);

        BundleException failure = Assert.Throws<BundleException>(() => ModelBundle.Open(path, blocked));
        Assert.Contains(blocked, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mlvc-xs-onnx-generic-v0.209.tar", "0.209", InterfaceType.PackedI420, 6)]
    public void The_committed_model_opens(string file, string version, InterfaceType type, int sizes)
    {
        using var made = new TestBundle();
        ModelBundle bundle = ModelBundle.Open(Path.Combine(Repository.Root, "models", "bundles", file), made.Cache);

        Assert.Equal(version, bundle.Version.ToString());
        Assert.Equal(sizes, bundle.Models.Count);
        Assert.All(bundle.Models, model => Assert.Equal(type, model.InterfaceType));
        Assert.Equal(128, bundle.Models[0].Gaussian.Count);
        Assert.Equal(72 * bundle.Models[0].LatentShape.ZChannels, bundle.Models[0].BitEstimator.Count);
        Assert.NotNull(bundle.Models[0].ContextLogits);
    }

    [Fact]
    public void The_tag_that_the_exporter_wrote_into_the_committed_model_is_the_one_we_compute()
    {
        using var made = new TestBundle();
        string path = Path.Combine(Repository.Root, "models", "bundles", "mlvc-xs-onnx-generic-v0.209.tar");
        ModelBundle bundle = ModelBundle.Open(path, made.Cache);

        Assert.Contains($"\"model_tag\":\"{bundle.ModelTag:x8}\"", Encoding.Latin1.GetString(File.ReadAllBytes(path), 0, 16384), StringComparison.Ordinal);
    }
}
