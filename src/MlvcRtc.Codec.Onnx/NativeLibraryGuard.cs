using System.Runtime.InteropServices;

namespace MlvcRtc.Codec.Onnx;

/// <summary>Turns the loader's many ways of failing into one message that says what to do.</summary>
internal static class NativeLibraryGuard
{
    /// <exception cref="DllNotFoundException">The native library is missing, or made for another machine.</exception>
    public static T Run<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception cause) when (IsLoaderFailure(cause))
        {
            throw new DllNotFoundException(
                $"ONNX Runtime's native library could not be loaded for {RuntimeInformation.RuntimeIdentifier}. It belongs beside the program ({AppContext.BaseDirectory}); " +
                "build again for this machine (dotnet build -r <runtime identifier>), or with -p:PublicFeed=true where the npm-borne library has no build for it. " +
                (OperatingSystem.IsWindows() ? "On Windows it needs Microsoft's Visual C++ runtime, too: https://aka.ms/vs/17/release/vc_redist.x64.exe (on ARM: vc_redist.arm64.exe). " : "") +
                $"Cause: {Innermost(cause).Message}",
                cause);
        }
    }

    /// <summary>The C# API loads the library in a static constructor, hence the wrapped forms.</summary>
    private static bool IsLoaderFailure(Exception failure) =>
        Innermost(failure) is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException;

    private static Exception Innermost(Exception failure)
    {
        while (failure is TypeInitializationException { InnerException: { } inner })
        {
            failure = inner;
        }

        return failure;
    }
}
