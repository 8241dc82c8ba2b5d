namespace MlvcRtc.App.Reports;

/// <summary>Threads of this process that calls started; those of the runtime come and go.</summary>
internal static class OwnThreads
{
    private const string LinuxThreads = "/proc/self/task";

    /// <summary>How many run now; null where the system does not tell their names.</summary>
    public static int? Count() => Directory.Exists(LinuxThreads) ? Directory.EnumerateDirectories(LinuxThreads).Count(static folder => IsOwn(Path.Combine(folder, "comm"))) : null;

    private static bool IsOwn(string file)
    {
        try
        {
            string name = File.ReadAllText(file);
            return name.StartsWith("mlvc ", StringComparison.Ordinal) || name.StartsWith("bench ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;  // it ended meanwhile
        }
    }
}
