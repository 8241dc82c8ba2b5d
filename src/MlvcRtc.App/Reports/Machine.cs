using System.Runtime.InteropServices;

namespace MlvcRtc.App.Reports;

/// <summary>The computer a figure was measured on.</summary>
/// <param name="Cpu">Model name as its system gives it.</param>
/// <param name="Cores">Logical processors this process may use.</param>
/// <param name="Os">System and version.</param>
internal sealed record Machine(string Cpu, int Cores, string Os)
{
    public static Machine This() => new(CpuName(), Environment.ProcessorCount, $"{RuntimeInformation.OSDescription} {RuntimeInformation.ProcessArchitecture}");

    private static string CpuName()
    {
        const string linuxTable = "/proc/cpuinfo";
        if (File.Exists(linuxTable))
        {
            string? line = File.ReadLines(linuxTable).FirstOrDefault(text => text.StartsWith("model name", StringComparison.Ordinal));
            if (line is not null)
            {
                return line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
            }
        }

        return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
