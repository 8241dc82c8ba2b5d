using System.Runtime.InteropServices;
using MlvcRtc.Codec.Onnx;

namespace MlvcRtc.IntegrationTests.Codec;

/// <summary>ONNX Runtime reports to its maker unless an environment variable, as native code sees it, says otherwise.</summary>
public sealed partial class OnnxTelemetryTests
{
    [Fact]
    public void Running_a_network_tells_nobody()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "getenv(3) of the C library; Windows has one environment for all");
        Assert.NotEmpty(OnnxEngine.RuntimeVersion);

        Assert.Equal("1", Marshal.PtrToStringUTF8(Variable("ORT_DISABLE_TELEMETRY")));
    }

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Variable(string name);
}
