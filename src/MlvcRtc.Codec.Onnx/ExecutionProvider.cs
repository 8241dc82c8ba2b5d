using Microsoft.ML.OnnxRuntime;

namespace MlvcRtc.Codec.Onnx;

/// <summary>What ONNX Runtime computes with.</summary>
public enum ExecutionProvider
{
    /// <summary>The processor; in every build.</summary>
    Cpu = 0,

    /// <summary>Any graphics card on Windows.</summary>
    DirectMl = 1,

    /// <summary>NVIDIA graphics cards.</summary>
    Cuda = 2,

    /// <summary>Intel processors, graphics and NPUs.</summary>
    OpenVino = 3,

    /// <summary>NPUs of Qualcomm.</summary>
    Qnn = 4,

    /// <summary>Apple's Neural Engine and graphics.</summary>
    CoreMl = 5,
}

/// <summary>Which providers this build has, how the others are had, and how each is asked for.</summary>
public static class ExecutionProviders
{
    private const string OtherPackage = "needs another build of ONNX Runtime: dotnet build -p:PublicFeed=true -p:OnnxRuntimePackage=";

    /// <summary>All that are known, the processor first.</summary>
    public static IReadOnlyList<ExecutionProvider> All { get; } = Enum.GetValues<ExecutionProvider>();

    /// <summary>Those that ONNX Runtime's library was built with. Their devices may be missing all the same.</summary>
    /// <exception cref="DllNotFoundException">ONNX Runtime's native library is not there; the message says what to do.</exception>
    public static IReadOnlyList<ExecutionProvider> InThisBuild() => NativeLibraryGuard.Run(() =>
    {
        string[] names = Telemetry.Environment.GetAvailableProviders();
        return All.Where(provider => names.Contains(NameOf(provider), StringComparer.Ordinal)).ToArray();
    });

    /// <summary>What to do where <see cref="InThisBuild"/> lacks it.</summary>
    public static string HowToGet(ExecutionProvider provider) => provider switch
    {
        ExecutionProvider.DirectMl => "needs Windows and the build with -p:PublicFeed=true, which takes Microsoft.ML.OnnxRuntime.DirectML",
        ExecutionProvider.Cuda => OtherPackage + "Microsoft.ML.OnnxRuntime.Gpu (Linux or Windows on x64, with CUDA 12 and cuDNN 9)",
        ExecutionProvider.OpenVino => OtherPackage + "Intel.ML.OnnxRuntime.OpenVino (Windows on x64)",
        ExecutionProvider.Qnn => OtherPackage + "Microsoft.ML.OnnxRuntime.QNN (Windows on Arm)",
        ExecutionProvider.CoreMl => "needs macOS on Apple silicon; its build has it",
        _ => "is in every build",
    };

    internal static void Append(SessionOptions options, ExecutionProvider provider)
    {
        switch (provider)
        {
            case ExecutionProvider.Cpu:
                break;
            case ExecutionProvider.DirectMl:
                options.EnableMemoryPattern = false;  // DirectML refuses sessions with it
                options.AppendExecutionProvider_DML();
                break;
            case ExecutionProvider.Cuda:
                options.AppendExecutionProvider_CUDA();
                break;
            case ExecutionProvider.OpenVino:
                options.AppendExecutionProvider_OpenVINO();
                break;
            case ExecutionProvider.Qnn:
                options.AppendExecutionProvider("QNN", new Dictionary<string, string> { ["backend_path"] = "QnnHtp.dll" });
                break;
            default:
                options.AppendExecutionProvider("CoreML", []);
                break;
        }
    }

    private static string NameOf(ExecutionProvider provider) => provider switch
    {
        ExecutionProvider.DirectMl => "DmlExecutionProvider",
        ExecutionProvider.Cuda => "CUDAExecutionProvider",
        ExecutionProvider.OpenVino => "OpenVINOExecutionProvider",
        ExecutionProvider.Qnn => "QNNExecutionProvider",
        ExecutionProvider.CoreMl => "CoreMLExecutionProvider",
        _ => "CPUExecutionProvider",
    };
}
