using MlvcRtc.App.CommandLine;

namespace MlvcRtc.IntegrationTests.App;

/// <summary>Runs the command-line program inside the test, with its output caught.</summary>
internal sealed record Program(int ExitCode, string Out, string Error)
{
    public static Task<Program> RunAsync(params string[] arguments) => RunUntilAsync(arguments, TestContext.Current.CancellationToken);

    /// <summary>Runs until the token is cancelled, as by Ctrl-C.</summary>
    public static async Task<Program> RunUntilAsync(string[] arguments, CancellationToken cancel)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        Surroundings surroundings = new(
            new(TextWriter.Synchronized(output), TextWriter.Synchronized(error), IsInteractive: false),
            TimeProvider.System,
            Environment.GetEnvironmentVariable,
            AppContext.BaseDirectory);
        int exitCode = await Cli.RunAsync(arguments, surroundings, cancel);
        return new(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>The run failed with this code and one error line that contains all of these words.</summary>
    public void AssertFails(MlvcRtc.App.CommandLine.ExitCode code, params string[] words)
    {
        Assert.True((int)code == ExitCode, $"exit code {ExitCode}, expected {(int)code}; it said: {Error}");
        string line = Assert.Single(Error.Split('\n'), text => text.StartsWith("error: ", StringComparison.Ordinal));
        Assert.All(words, word => Assert.Contains(word, line, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
        Assert.DoesNotContain("defect", Error, StringComparison.Ordinal);
    }

    public Program AssertSucceeds()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}; it said: {Error}");
        return this;
    }
}
