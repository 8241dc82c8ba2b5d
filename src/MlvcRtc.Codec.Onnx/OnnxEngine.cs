using Microsoft.ML.OnnxRuntime;
using MlvcRtc.Codec.Inference;

namespace MlvcRtc.Codec.Onnx;

/// <summary>
/// Graphs on ONNX Runtime. Sessions share nothing: tensors of one model file are small beside the intermediate results, and
/// ONNX Runtime maps <c>weights.bin</c> instead of copying it. Its telemetry is off.
/// </summary>
public sealed class OnnxEngine : INeuralEngine
{
    private readonly OnnxEngineOptions _options;

    /// <exception cref="ArgumentOutOfRangeException">Fewer than one thread.</exception>
    public OnnxEngine(OnnxEngineOptions? options = null)
    {
        _options = options ?? new OnnxEngineOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.IntraOpThreads, 1, nameof(options));
    }

    /// <summary>ONNX Runtime's own version, such as "1.29.0".</summary>
    /// <exception cref="DllNotFoundException">ONNX Runtime's native library is not there; the message says what to do.</exception>
    public static string RuntimeVersion => NativeLibraryGuard.Run(() => Telemetry.Environment.GetVersionString());

    /// <inheritdoc/>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="DllNotFoundException">ONNX Runtime's native library is not there; the message says what to do.</exception>
    public INeuralSession Load(string graphPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(graphPath);
        if (!File.Exists(graphPath))
        {
            throw new FileNotFoundException($"The graph {graphPath} does not exist.", graphPath);
        }

        return NativeLibraryGuard.Run(() => Open(graphPath));
    }

    private OnnxSession Open(string graphPath)
    {
        InferenceSession session;
        _ = Telemetry.Environment;
        try
        {
            using SessionOptions options = BuildOptions();
            session = new InferenceSession(graphPath, options);
        }
        catch (OnnxRuntimeException cause)
        {
            throw new InvalidDataException($"ONNX Runtime cannot load the graph {graphPath}: {cause.Message}", cause);
        }
        catch (NotSupportedException cause)
        {
            throw new InvalidDataException($"{_options.Provider} {ExecutionProviders.HowToGet(_options.Provider)}.", cause);
        }

        try
        {
            return new OnnxSession(session, graphPath);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private SessionOptions BuildOptions()
    {
        SessionOptions options = new()
        {
            IntraOpNumThreads = _options.IntraOpThreads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = _options.Optimization switch
            {
                GraphOptimization.None => GraphOptimizationLevel.ORT_DISABLE_ALL,
                GraphOptimization.Basic => GraphOptimizationLevel.ORT_ENABLE_BASIC,
                GraphOptimization.Extended => GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
                _ => GraphOptimizationLevel.ORT_ENABLE_ALL,
            },
            EnableCpuMemArena = _options.KeepIntermediates,
            EnableMemoryPattern = _options.KeepIntermediates,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };

        // A thread that spins while it waits takes the core that the other direction of the call needs.
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        options.AddSessionConfigEntry("session.inter_op.allow_spinning", "0");

        if (!ByteDotProducts.AreThere)
        {
            // Graphs in integers: x86's quick kernel without them saturates in 16 bits; this takes the exact one.
            options.AddSessionConfigEntry("session.x64quantprecision", "1");
        }

        ExecutionProviders.Append(options, _options.Provider);
        return options;
    }
}
