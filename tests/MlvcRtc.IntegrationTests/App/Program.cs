using MlvcRtc.App.CommandLine;

namespace MlvcRtc.IntegrationTests.App;

/// <summary>Runs the command-line program inside the test, with its output caught.</summary>
internal sealed record Program(int ExitCode, string Out, string Error)
{
    public static async Task<Program> RunAsync(params string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        TextWriter synchronisedOutput = TextWriter.Synchronized(output);
        TextWriter synchronisedError = TextWriter.Synchronized(error);
        Surroundings surroundings = new(
            new(synchronisedOutput, synchronisedError, IsInteractive: false),
            TimeProvider.System,
            Environment.GetEnvironmentVariable,
            AppContext.BaseDirectory);
        int exitCode = await Cli.RunAsync(arguments, surroundings, TestContext.Current.CancellationToken);
        return new(exitCode, output.ToString(), error.ToString());
    }
}
