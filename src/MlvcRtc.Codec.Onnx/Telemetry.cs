using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace MlvcRtc.Codec.Onnx;

/// <summary>
/// ONNX Runtime from 1.29 on tells its maker over HTTPS what it runs on and what it loads, keeps an identifier of the machine in the user's cache folder, and crashes where the system has no
/// certificates. A call tells nobody anything. Its switch is an environment variable of the process, read once when the library starts (its docs/Privacy.md).
/// </summary>
internal static partial class Telemetry
{
    internal const string Switch = "ORT_DISABLE_TELEMETRY";

    private static readonly Lazy<OrtEnv> Quiet = new(StartQuietly);

    /// <summary>The library's environment, started with telemetry off.</summary>
    public static OrtEnv Environment => Quiet.Value;

    private static OrtEnv StartQuietly()
    {
        System.Environment.SetEnvironmentVariable(Switch, "1");
        if (!OperatingSystem.IsWindows())
        {
            // There .NET keeps variables to itself; native code reads those of the C library.
            _ = SetVariable(Switch, "1", overwrite: 1);
        }

        OrtEnv environment = OrtEnv.Instance();
        environment.DisableTelemetryEvents();  // those of Windows' own event tracing
        return environment;
    }

    /// <summary>POSIX setenv(3).</summary>
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
