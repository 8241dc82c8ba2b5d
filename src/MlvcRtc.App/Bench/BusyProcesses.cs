using MlvcRtc.App.Devices;

namespace MlvcRtc.App.Bench;

/// <summary>Other programs that take every core until they are disposed of: what an endpoint meets when the machine has other things to do.</summary>
internal sealed class BusyProcesses : IDisposable
{
    /// <summary>Rounds of a shell's empty loop: more than a minute of any processor. So even an orphan ends.</summary>
    private const string Rounds = "100000000";

    private readonly List<ChildProcess> _running = [];

    /// <exception cref="CommandLine.UserError">The system's shell could not be started.</exception>
    public BusyProcesses()
    {
        (string shell, string[] arguments) = OperatingSystem.IsWindows()
            ? ("cmd", new[] { "/c", $"for /l %i in (1,1,{Rounds}) do @rem" })
            : ("sh", new[] { "-c", $"i=0; while [ $i -lt {Rounds} ]; do i=$((i+1)); done" });
        try
        {
            for (int core = 0; core < Environment.ProcessorCount; core++)
            {
                _running.Add(new(shell, arguments));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (ChildProcess process in _running)
        {
            process.Dispose();
        }
    }
}
