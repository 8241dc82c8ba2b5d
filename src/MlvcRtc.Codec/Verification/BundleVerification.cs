using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Inference;
using MlvcRtc.Codec.References;
using MlvcRtc.Media;

namespace MlvcRtc.Codec.Verification;

/// <summary>
/// Runs a bundle's graphs and compares them with the model they were exported from, and with each other:
/// <code>
/// 1 sizes with a known answer: every frame starts from PyTorch's state (teacher-forced), so one flipped symbol does not cascade
///   a encoder graph on the stored picture      -> symbols against the stored ones
///   b decoder graph on the stored symbols      -> picture against the stored mean; its state is the next reference
/// 2 all sizes: decoder graph on the encoder graph's own symbols -> its state against the encoder graph's, byte for byte
/// </code>
/// </summary>
public static class BundleVerification
{
    /// <summary>Frames of the sizes without a known answer: the zero state, one step, and one step from a state that two graphs made.</summary>
    private const int PlainFrames = 3;

    private const int PlainQp = 32;

    // Where states lie in the two stores: references and results, side by side.
    private const int Reference = 1;
    private const int Result = 2;
    private const int Cross = 3;

    /// <param name="bundle">An opened bundle: its hashes are verified already.</param>
    /// <param name="engine">The engine that will run it.</param>
    /// <param name="progress">Told frames done and frames in all; may be null.</param>
    /// <param name="cancel">Stops between frames.</param>
    /// <exception cref="BundleException">A known answer cannot be read.</exception>
    /// <exception cref="InvalidDataException">A graph cannot be loaded.</exception>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public static VerificationReport Run(ModelBundle bundle, INeuralEngine engine, IProgress<(int Done, int Total)>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        ArgumentNullException.ThrowIfNull(engine);
        List<(ModelVariant Model, ParityAnswer? Answer)> sizes =
            [.. bundle.Models.Select(model => (model, model.ParityPath is { } path ? ParityAnswer.Read(path, model) : null))];
        int total = sizes.Sum(size => size.Answer?.Frames.Count ?? PlainFrames);
        int done = 0;
        List<SizeVerification> results = [];
        foreach ((ModelVariant model, ParityAnswer? answer) in sizes)
        {
            using RecurrentNetwork encoder = RecurrentNetwork.LoadEncoder(model, engine);
            using RecurrentNetwork decoder = RecurrentNetwork.LoadDecoder(model, engine);
            results.Add(Verify(model, answer, encoder, decoder, () =>
            {
                cancel.ThrowIfCancellationRequested();
                progress?.Report((++done, total));
            }));
        }

        return new VerificationReport(results);
    }

    /// <summary>One size, with networks that the caller keeps.</summary>
    internal static SizeVerification Verify(ModelVariant model, ParityAnswer? answer, RecurrentNetwork encoder, RecurrentNetwork decoder, Action frameDone)
    {
        double worstSymbols = 0;
        double worstMean = 0;
        int differing = 0;
        int frames = answer?.Frames.Count ?? PlainFrames;
        encoder.States.TensorOf(Reference).Clear();
        decoder.States.TensorOf(Reference).Clear();
        for (int frame = 0; frame < frames; frame++)
        {
            ParityFrame? expected = answer?.Frames[frame];
            int shifted = expected?.ShiftedIndex ?? model.QpScale.ShiftedIndex(model.QpScale.QIndexOf(PlainQp), frame);
            WritePicture(encoder, expected, frame);
            encoder.Run(Reference, Result, shifted);
            encoder.Symbols.ReadTensors();

            // 2 the decoder graph on the encoder's own symbols
            encoder.Symbols.Z.CopyTo(decoder.Symbols.Z);
            encoder.Symbols.Y0.CopyTo(decoder.Symbols.Y0);
            encoder.Symbols.Y1.CopyTo(decoder.Symbols.Y1);
            decoder.Symbols.TryWriteTensors();
            decoder.Run(Reference, Cross, shifted);
            differing += StateComparison.AreEqual(encoder.States.TensorOf(Result), decoder.States.TensorOf(Cross)) ? 0 : 1;
            NativeTensor next = decoder.States.TensorOf(Cross);

            if (expected is not null)
            {
                // 1 a and b
                ReadSymbols(expected, decoder.Symbols);
                worstSymbols = Math.Max(worstSymbols, Mismatch(encoder.Symbols, decoder.Symbols));
                decoder.Symbols.TryWriteTensors();
                decoder.Run(Reference, Result, shifted);
                worstMean = Math.Max(worstMean, Math.Abs(MeanOf(decoder.Picture) - expected.PictureMean));
                next = decoder.States.TensorOf(Result);
            }

            next.Bytes.CopyTo(encoder.States.TensorOf(Reference).Bytes);
            next.Bytes.CopyTo(decoder.States.TensorOf(Reference).Bytes);
            frameDone();
        }

        return new SizeVerification(
            model.Numerics == Numerics.Int8 ? $"{model.Key} int8" : model.Key, frames, answer is not null, worstSymbols, answer?.SymbolMismatchBound ?? 0, worstMean, answer?.PictureMeanBound ?? 0, differing);
    }

    private static void WritePicture(RecurrentNetwork encoder, ParityFrame? expected, int frame)
    {
        if (expected is null)
        {
            encoder.Layout.Write(TestPattern(encoder.Model.Width, encoder.Model.Height, frame), encoder.Picture);
            return;
        }

        if (encoder.Model.InterfaceType != InterfaceType.PackedI420 || expected.Picture.Length != encoder.Picture.ByteLength)
        {
            throw new BundleException($"The known answer's picture has {expected.Picture.Length} bytes; the model's is packed 4:2:0 of {encoder.Picture.ByteLength}.");
        }

        expected.Picture.CopyTo(encoder.Picture.Bytes);
    }

    private static void ReadSymbols(ParityFrame expected, SymbolTensors symbols)
    {
        ParityFrame.CopySymbols(expected.Z, symbols.Z, "z");
        ParityFrame.CopySymbols(expected.Y0, symbols.Y0, "y0");
        ParityFrame.CopySymbols(expected.Y1, symbols.Y1, "y1");
    }

    /// <summary>Share of differing symbols, 0..1.</summary>
    private static double Mismatch(SymbolTensors found, SymbolTensors expected)
    {
        int differing = Count(found.Z, expected.Z) + Count(found.Y0, expected.Y0) + Count(found.Y1, expected.Y1);
        return (double)differing / (found.Z.Length + found.Y0.Length + found.Y1.Length);

        static int Count(ReadOnlySpan<int> left, ReadOnlySpan<int> right)
        {
            int count = 0;
            for (int k = 0; k < left.Length; k++)
            {
                count += left[k] == right[k] ? 0 : 1;
            }

            return count;
        }
    }

    private static double MeanOf(NativeTensor bytes)
    {
        long sum = 0;
        foreach (byte sample in bytes.Bytes)
        {
            sum += sample;
        }

        return (double)sum / bytes.ElementCount;
    }

    /// <summary>A moving pattern with edges and slopes: enough to make every part of the graphs work.</summary>
    private static VideoFrame TestPattern(int width, int height, int frame)
    {
        VideoFrame picture = new(width, height);
        for (int k = 0; k < picture.Y.Length; k++)
        {
            int x = k % width + 3 * frame;
            int y = k / width + 2 * frame;
            picture.Y[k] = (byte)(((x >> 5) ^ (y >> 5)) % 2 * 90 + 40 + (x + 2 * y) / 4 % 80);
        }

        for (int k = 0; k < picture.U.Length; k++)
        {
            picture.U[k] = (byte)(110 + k % 32);
            picture.V[k] = (byte)(140 - k % 16);
        }

        return picture;
    }
}
