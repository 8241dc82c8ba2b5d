using System.CommandLine;
using MlvcRtc.Call.Threads;
using MlvcRtc.Codec.Bundles;

namespace MlvcRtc.App.CommandLine;

/// <summary>Ties a command to its work: on a thread of its own, since the work is long and blocks, with every failure turned into one line and an exit code.</summary>
internal static class Verb
{
    public static void Runs(this Command command, Surroundings surroundings, Func<ParseResult, CancellationToken, ExitCode> work) =>
        command.SetAction((parsed, cancel) => Task.Factory.StartNew(
            () => (int)Guarded(surroundings.Terminal, parsed, work, cancel),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default));

    private static ExitCode Guarded(Terminal terminal, ParseResult parsed, Func<ParseResult, CancellationToken, ExitCode> work, CancellationToken cancel)
    {
        try
        {
            return work(parsed, cancel);
        }
        catch (PipelineFailedException failure) when (failure.InnerException is UserError error)
        {
            return Report(terminal, parsed, error.Code, error.Message, failure);
        }
        catch (UserError error)
        {
            return Report(terminal, parsed, error.Code, error.Message, error);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            terminal.Error.WriteLine("Interrupted; no partial output was left.");
            return ExitCode.Interrupted;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or DllNotFoundException or PipelineFailedException)
        {
            return Report(terminal, parsed, ExitCode.Failed, error.Message, error);
        }
        catch (Exception error) when (error is InvalidDataException or BundleException)
        {
            return Report(terminal, parsed, ExitCode.Damaged, error.Message, error);
        }
#pragma warning disable CA1031 // The last door: whatever happened, the user gets a line and not a stack trace.
        catch (Exception error)
#pragma warning restore CA1031
        {
            return Report(terminal, parsed, ExitCode.Failed, $"{error.Message} ({error.GetType().Name}; this is a defect of mlvcrtc, run again with --verbose and report it)", error);
        }
    }

    private static ExitCode Report(Terminal terminal, ParseResult parsed, ExitCode code, string message, Exception error)
    {
        terminal.Error.WriteLine($"error: {message}");
        if (parsed.GetValue<bool>("--verbose"))
        {
            terminal.Error.WriteLine(error);
        }

        return code;
    }
}
