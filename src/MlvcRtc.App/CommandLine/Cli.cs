using System.CommandLine;
using System.CommandLine.Parsing;
using MlvcRtc.App.Verbs;

namespace MlvcRtc.App.CommandLine;

/// <summary>The whole program as a function of its arguments; tests call it with writers of their own.</summary>
internal static class Cli
{
    private const string Description = """
        Video calls with a neural codec that survive packet loss.

        Exit codes: 0 ok; 1 failed; 2 wrong usage or unusable input; 3 damaged stream or bundle (what could be saved was saved);
        4 no bundle for the model version; 5 the output could not be written; 130 interrupted.

        Start with:
          mlvcrtc                     a call in a window of your browser
          mlvcrtc demo
          mlvcrtc encode talk.mp4 talk.mlvc --kbps 300
          mlvcrtc decode talk.mlvc talk-decoded.mp4
        """;

    /// <summary>Time that a verb has to clean up after Ctrl-C: child processes and partial files.</summary>
    private static readonly TimeSpan CleanUpTime = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, Surroundings surroundings, CancellationToken cancel = default)
    {
        RootCommand root = Root(surroundings);
        ParseResult parsed = root.Parse(arguments.Count == 0 ? ["client"] : arguments);
        if (parsed.Errors.Count > 0)
        {
            Terminal terminal = surroundings.Terminal;
            foreach (ParseError error in parsed.Errors)
            {
                await terminal.Error.WriteLineAsync($"error: {error.Message}");
            }

            string path = string.Join(' ', Path(parsed.CommandResult));
            await terminal.Error.WriteLineAsync($"Try '{path} --help'.");
            return (int)ExitCode.BadInput;
        }

        (parsed.CommandResult.Command as ExplainedCommand)?.Explain();
        return await parsed.InvokeAsync(
            new InvocationConfiguration
            {
                Output = surroundings.Terminal.Out,
                Error = surroundings.Terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = CleanUpTime,
            },
            cancel);
    }

    private static RootCommand Root(Surroundings surroundings) => new(Description)
    {
        SharedOptions.Verbose(),
        ClientVerb.Create(surroundings),
        DemoVerb.Create(surroundings),
        CallVerb.Create(surroundings),
        EncodeVerb.Create(surroundings),
        DecodeVerb.Create(surroundings),
        InfoVerb.Create(surroundings),
        BenchVerb.Create(surroundings),
        DevicesVerb.Create(surroundings),
        EvaluateVerb.Create(surroundings),
        InteropVerb.Create(surroundings),
        LabVerb.Create(surroundings),
        TraceVerb.Create(surroundings),
        ModelsVerb.Create(surroundings),
    };

    private static IEnumerable<string> Path(SymbolResult? result) =>
        result is CommandResult command
            ? Path(command.Parent).Append(command.Command is RootCommand ? "mlvcrtc" : command.Command.Name)
            : [];
}
