using System.Buffers.Binary;
using System.Text.Json;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Inference;
using MlvcRtc.Codec.Verification;

namespace MlvcRtc.UnitTests.Codec.Verification;

public sealed class BundleVerificationTests : IDisposable
{
    private const int Side = 64;
    private const int Blocks = Side / 16 * (Side / 16);
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"mlvcrtc-parity-{Guid.NewGuid():N}.json");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void AModelThatGivesItsKnownAnswerPasses()
    {
        List<(int, int)> progress = [];
        VerificationReport report = Verify(Answer(), new Listener(progress));

        SizeVerification size = Assert.Single(report.Sizes);
        Assert.True(report.Passed);
        Assert.Equal(("64x64", 4, true, 0.0, 0.0, 0), (size.Size, size.Frames, size.HasKnownAnswer, size.WorstSymbolMismatch, size.WorstPictureMeanError, size.DifferingStates));
        Assert.Equal([(1, 4), (2, 4), (3, 4), (4, 4)], progress);
    }

    [Fact]
    public void OneFlippedSymbolIsCountedInItsFrameAndDoesNotCascade()
    {
        List<object> frames = Answer();
        frames[1] = Frame(time: 1, wrongSymbols: 1);

        // Frame 2 starts from the state that the stored symbols made, as it did where the answer was written: its own symbols undo the error.
        frames[2] = Frame(time: 2, carriedError: 1);
        SizeVerification size = Assert.Single(Verify(frames).Sizes);

        Assert.Equal(1.0 / (2 + 2 * Blocks), size.WorstSymbolMismatch, 10);
        Assert.False(size.Passed);
    }

    [Fact]
    public void AWrongPictureFails()
    {
        List<object> frames = Answer();
        frames[3] = Frame(time: 3, meanError: 0.5);
        SizeVerification size = Assert.Single(Verify(frames).Sizes);

        Assert.Equal(0.5, size.WorstPictureMeanError, 6);
        Assert.False(size.Passed);
    }

    [Fact]
    public void ASizeWithoutAKnownAnswerStillComparesItsTwoGraphs()
    {
        VerificationReport report = BundleVerification.Run(FakeModel.Bundle((64, 64), (128, 80)), new FakeEngine(), cancel: TestContext.Current.CancellationToken);

        Assert.True(report.Passed);
        Assert.All(report.Sizes, size => Assert.False(size.HasKnownAnswer));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"width\":64,\"height\":64,\"frames\":[]}")]
    [InlineData("{\"width\":32,\"height\":64,\"frames\":[{\"x\":\"\",\"z\":\"\",\"y0\":\"\",\"y1\":\"\"}]}")]
    [InlineData("{\"width\":64,\"height\":64,\"frames\":[{\"x\":\"AA==\",\"z\":\"\",\"y0\":\"\",\"y1\":\"\"}]}")]
    [InlineData("{\"width\":64,\"height\":64,\"frames\":[{\"x\":\"?\",\"z\":\"\",\"y0\":\"\",\"y1\":\"\"}]}")]
    public void ADamagedKnownAnswerIsNamed(string json)
    {
        File.WriteAllText(_path, json);

        Assert.NotEmpty(Assert.Throws<BundleException>(() => Run()).Message);
    }

    [Fact]
    public void OnlyTheSignOfZeroMayDiffer()
    {
        using NativeTensor left = new(ElementType.Float32, 3);
        using NativeTensor right = new(ElementType.Float32, 3);
        new[] { 0.0f, 1, 2 }.CopyTo(left.As<float>());
        new[] { -0.0f, 1, 2 }.CopyTo(right.As<float>());
        Assert.True(StateComparison.AreEqual(left, right));

        right.As<float>()[2] = float.BitIncrement(2);
        Assert.False(StateComparison.AreEqual(left, right));
        right.As<float>()[2] = -2;
        Assert.False(StateComparison.AreEqual(left, right));
    }

    private static List<object> Answer() => [.. Enumerable.Range(0, 4).Select(time => Frame(time))];

    /// <summary>A flat picture of level 50 + 10·time, worked out by hand: y0 = step, luma = level, U = frames counted, V = the quality index.</summary>
    private static object Frame(int time, int wrongSymbols = 0, int carriedError = 0, double meanError = 0)
    {
        const int Shifted = 40;
        int level = 50 + 10 * time;
        short[] y0 = [.. Enumerable.Repeat((short)(time == 0 ? level : 10), Blocks)];
        double luma = level;
        for (int k = 0; k < wrongSymbols; k++)
        {
            y0[k]++;
            luma += 1.0 / Blocks;
        }

        for (int k = 0; k < carriedError; k++)
        {
            y0[k]--;
        }

        return new
        {
            shifted = Shifted,
            x = Enumerable.Repeat((byte)level, 96 * 8 * 8).ToArray(),
            z = Bytes([1, 1]),
            y0 = Bytes(y0),
            y1 = Bytes(new short[Blocks]),
            x_hat_mean = (64 * luma + 16 * (time + 1) + 16 * Shifted) / 96 + meanError,
        };
    }

    private static byte[] Bytes(short[] symbols)
    {
        byte[] bytes = new byte[2 * symbols.Length];
        for (int k = 0; k < symbols.Length; k++)
        {
            BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(2 * k), symbols[k]);
        }

        return bytes;
    }

    private VerificationReport Verify(List<object> frames, IProgress<(int, int)>? progress = null)
    {
        File.WriteAllText(_path, JsonSerializer.Serialize(new { width = Side, height = Side, qp = 32, bound_symbol_mismatch = 0.005, bound_picture_mean_abs = 0.05, frames }));
        return Run(progress);
    }

    private VerificationReport Run(IProgress<(int, int)>? progress = null) => BundleVerification.Run(
        ModelBundle.Of(FakeModel.Version, "fake", 1, [FakeModel.Variant(Side, Side, _path)]), new FakeEngine(), progress, TestContext.Current.CancellationToken);

    private sealed class Listener(List<(int, int)> heard) : IProgress<(int Done, int Total)>
    {
        public void Report((int Done, int Total) value) => heard.Add(value);
    }
}
