using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Onnx;
using MlvcRtc.Codec.Verification;

namespace MlvcRtc.IntegrationTests.Codec;

/// <summary>The self-test on the real model, whole and damaged.</summary>
public sealed class DamagedModelTests : IDisposable
{
    private static readonly TimeSpan AnyTime = TimeSpan.FromHours(1);

    private readonly Bundles _bundles = new();

    public void Dispose() => _bundles.Dispose();

    [Fact]
    public void The_processor_gives_the_known_answer_of_the_model_of_this_repository()
    {
        EngineChoice choice = Choose(_bundles.Xs);

        Assert.Equal("cpu", choice.Best?.Name);
        Assert.True(choice.Best!.Answer!.HasKnownAnswer);
        Assert.True(choice.Best.EncodeMs > 0 && choice.Best.DecodeMs > 0);
    }

    [Fact]
    public void A_model_whose_weights_were_damaged_on_the_disk_is_caught_before_a_call()
    {
        string weights = Path.Combine(Path.GetDirectoryName(_bundles.Xs.Models[0].DecoderGraphPath)!, "weights.bin");
        byte[] bytes = File.ReadAllBytes(weights);
        bytes.AsSpan(bytes.Length / 2, 65_536).Fill(0x3C);  // sixteen thousand weights become 0.01
        File.WriteAllBytes(weights, bytes);

        EngineChoice choice = Choose(_bundles.Xs);

        Assert.Null(choice.Best);
        Assert.Contains("The model is damaged", choice.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_whose_graph_was_cut_off_is_caught_before_a_call()
    {
        EngineTask task = EngineTask.For(_bundles.Xs, 320, 192, AnyTime);
        using (FileStream graph = File.OpenWrite(task.Known.EncoderGraphPath))
        {
            graph.SetLength(graph.Length / 2);
        }

        EngineChoice choice = Choose(_bundles.Xs);

        Assert.Null(choice.Best);
        Assert.Contains("No device can run the model", choice.Problem, StringComparison.Ordinal);
        Assert.Contains("models verify", choice.Problem, StringComparison.Ordinal);
    }

    private static EngineChoice Choose(ModelBundle bundle) =>
        EngineChoice.Make([new EngineCandidate("cpu", new OnnxEngine())], EngineTask.For(bundle, 320, 192, AnyTime), TimeProvider.System);
}
