using System.Runtime.InteropServices;

namespace MlvcRtc.App.Devices.SipSorcery;

/// <summary>Where FFmpeg's shared libraries are. SIPSorceryMedia.FFmpeg itself looks beside the program only, which is right on Windows alone.</summary>
internal static class FFmpegLibraries
{
    /// <summary>Names a folder that is looked into first.</summary>
    private const string Variable = "MLVCRTC_FFMPEG_LIBRARIES";

    /// <summary>Null: as the library itself finds them.</summary>
    public static string? Find()
    {
        string architecture = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "aarch64" : "x86_64";
        string?[] folders = [Environment.GetEnvironmentVariable(Variable), "/usr/local/lib", $"/usr/lib/{architecture}-linux-gnu", "/usr/lib64", "/usr/lib", "/opt/homebrew/lib"];
        return Array.Find(folders, static folder => Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*avcodec*").Any());
    }
}
