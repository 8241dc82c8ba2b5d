using System.ComponentModel;
using System.Diagnostics;
using MlvcRtc.App.CommandLine;

namespace MlvcRtc.App.Devices;

/// <summary>
/// A program that we feed or read through pipes. Its stderr is always drained, so it cannot block on it, and only the last lines are kept.
/// Disposing ends it: nothing is left running.
/// </summary>
internal sealed class ChildProcess : IDisposable
{
    /// <summary>Lines of stderr kept; the cause of a failure stands in the last few.</summary>
    private const int KeptLines = 12;

    /// <summary>Lines kept when the report itself is wanted (<see cref="Capture"/>); a file of many streams prints some hundreds.</summary>
    private const int KeptReportLines = 1000;

    private readonly Process _process;
    private readonly Queue<string> _tail = new();
    private readonly int _keptLines;

    public ChildProcess(string program, IReadOnlyList<string> arguments, bool feed = false, int keptLines = KeptLines)
    {
        _keptLines = keptLines;
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardInput = feed,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        _process = new() { StartInfo = start };
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        try
        {
            _process.Start();
        }
        catch (Win32Exception cause)
        {
            _process.Dispose();
            throw new UserError(ExitCode.Failed, $"{program} could not be started ({cause.Message}). Install ffmpeg, or name a working one in MLVCRTC_FFMPEG.", cause);
        }

        _process.BeginErrorReadLine();
    }

    public Stream Input => _process.StandardInput.BaseStream;

    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>The last lines on stderr, oldest first.</summary>
    public string[] Tail
    {
        get
        {
            lock (_tail)
            {
                return [.. _tail];
            }
        }
    }

    /// <summary>Waits for the end; both pipes must be closed or drained by now.</summary>
    /// <returns>The exit code.</returns>
    public int WaitForExit()
    {
        _process.WaitForExit();
        return _process.ExitCode;
    }

    /// <summary>Ends the program at once; a reader of <see cref="Output"/> then sees the end of the stream.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // Ended already.
        }
        catch (Win32Exception)
        {
            // Ending right now.
        }
    }

    public void Dispose()
    {
        Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>Runs a program to its end and returns all it printed, stdout then stderr; for short outputs such as a version.</summary>
    public static string Capture(string program, IReadOnlyList<string> arguments)
    {
        using ChildProcess child = new(program, arguments, keptLines: KeptReportLines);
        using StreamReader reader = new(child.Output);
        string printed = reader.ReadToEnd();
        child.WaitForExit();
        return printed + string.Join('\n', child.Tail);
    }

    private void Keep(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }

        lock (_tail)
        {
            if (_tail.Count == _keptLines)
            {
                _tail.Dequeue();
            }

            _tail.Enqueue(line.Trim());
        }
    }
}
