using System.Diagnostics;

namespace MlvcRtc.App.Reports;

/// <summary>Memory of this process, child processes not included.</summary>
internal static class ProcessMemory
{
    /// <summary>Largest resident memory so far, 2^20 bytes.</summary>
    public static double PeakResidentMb()
    {
        using Process process = Process.GetCurrentProcess();
        return Math.Round(Math.Max(process.PeakWorkingSet64, process.WorkingSet64) / 1048576.0, 1);
    }
}
