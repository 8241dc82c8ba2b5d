using System.Globalization;
using MlvcRtc.Codec;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Inference;
using MlvcRtc.Codec.Onnx;
using MlvcRtc.Codec.Verification;
using MlvcRtc.Media;

namespace MlvcRtc.IntegrationTests.Codec;

/// <summary>Both committed bundles on ONNX Runtime.</summary>
public sealed class BundleRunsTests(Bundles bundles, ITestOutputHelper output) : IClassFixture<Bundles>
{
    [Theory]
    [InlineData("xs")]
    [InlineData("official layout")]
    public void A_bundle_runs_as_its_training_framework_did_and_its_two_graphs_agree(string which)
    {
        VerificationReport report = BundleVerification.Run(Named(which), new OnnxEngine(), cancel: TestContext.Current.CancellationToken);

        foreach (SizeVerification size in report.Sizes)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{size.Size}: {size.Frames} frames, symbols {size.WorstSymbolMismatch:P3} (allowed {size.SymbolMismatchBound:P3}), mean {size.WorstPictureMeanError:F4} (allowed {size.PictureMeanBound:F4}), {size.DifferingStates} differing states"));
        }

        Assert.True(report.Passed);
        Assert.Equal(Named(which).Models.Count, report.Sizes.Count);
    }

    [Fact]
    public void Graphs_in_integers_stay_within_their_bounds_and_agree_with_each_other()
    {
        Assert.SkipWhen(bundles.Xs.Int8 is null, "the newest xs bundle has no graphs in integers");
        VerificationReport report = BundleVerification.Run(bundles.Xs.Int8!, new OnnxEngine(), cancel: TestContext.Current.CancellationToken);

        output.WriteLine(string.Join('\n', report.Sizes));
        Assert.True(report.Passed);
        SizeVerification known = report.Sizes.Single(size => size.HasKnownAnswer);
        Assert.True(known.WorstSymbolMismatch > 0.0005, "what is in integers differs somewhere from floats, or floats ran");
    }

    [Fact]
    public void An_official_bundle_encodes_and_decodes_with_equal_states()
    {
        using Encoder encoder = new(bundles.Official, new OnnxEngine());
        using Decoder decoder = new([bundles.Official], new OnnxEngine());
        EncodedFrame coded = new();
        VideoFrame shown = new();
        VideoFrame picture = new(300, 180);
        for (int frame = 0; frame < 12; frame++)
        {
            for (int k = 0; k < picture.Samples.Length; k++)
            {
                picture.Samples[k] = (byte)((k + 9 * frame) % 300 / 2 + k / 3000);
            }

            Assert.Equal(EncodeStatus.Ok, encoder.Encode(picture, new EncodeRequest(30), coded));
            Assert.Equal(DecodeStatus.Ok, decoder.Decode(coded.Payload, shown));

            Assert.Equal((300, 180), (shown.Width, shown.Height));
            Assert.True(StateComparison.AreEqual(encoder.LastState, decoder.LastState, ElementType.Float16));
        }
    }

    [Fact]
    public void A_damaged_graph_file_is_named()
    {
        string path = Path.Combine(bundles.Folder, "damaged.onnx");
        File.WriteAllText(path, "this is no graph");

        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => new OnnxEngine().Load(path));

        Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_graph_file_is_named()
    {
        string path = Path.Combine(bundles.Folder, "missing.onnx");

        FileNotFoundException refusal = Assert.Throws<FileNotFoundException>(() => new OnnxEngine().Load(path));

        Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_of_the_wrong_shape_is_refused_before_anything_runs()
    {
        using INeuralSession session = new OnnxEngine().Load(bundles.Official.Models[0].DecoderGraphPath);
        using NativeTensor wrong = new(ElementType.Float16, 1, 2, 3);
        (string, NativeTensor)[] inputs = [.. session.Inputs.Select(spec => (spec.Name, wrong))];

        ArgumentException refusal = Assert.Throws<ArgumentException>(() => session.Bind(inputs, []));

        Assert.Contains("the graph needs", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_engines_options_are_checked()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new OnnxEngine(new OnnxEngineOptions { IntraOpThreads = 0 }));
        Assert.NotEmpty(OnnxEngine.RuntimeVersion);
    }

    private ModelBundle Named(string which) => which == "xs" ? bundles.Xs : bundles.Official;
}
