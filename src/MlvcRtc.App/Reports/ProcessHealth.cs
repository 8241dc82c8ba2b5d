using System.Diagnostics;

namespace MlvcRtc.App.Reports;

/// <summary>What a process holds at one instant: what grows in it is a leak.</summary>
/// <param name="ManagedHeapMb">Live and dead objects of the last collection's count, 2^20 bytes.</param>
/// <param name="ResidentMb">2^20 bytes.</param>
/// <param name="Threads">Of the system, all kinds.</param>
/// <param name="Sockets">Open sockets of any kind; null where the system does not tell.</param>
/// <param name="Handles">Open files, sockets and whatever else the system counts as such.</param>
internal sealed record ProcessHealth(double ManagedHeapMb, double ResidentMb, int Threads, int? Sockets, int Handles)
{
    private const double Mb = 1 << 20;

    public static ProcessHealth Now()
    {
        using Process process = Process.GetCurrentProcess();
        return new(
            Math.Round(GC.GetTotalMemory(forceFullCollection: false) / Mb, 1),
            Math.Round(process.WorkingSet64 / Mb, 1),
            process.Threads.Count,
            CountSockets(),
            process.HandleCount);
    }

    private static int? CountSockets()
    {
        const string linuxDescriptors = "/proc/self/fd";
        return Directory.Exists(linuxDescriptors)
            ? new DirectoryInfo(linuxDescriptors).EnumerateFiles().Count(static file => file.LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true)
            : null;
    }
}
