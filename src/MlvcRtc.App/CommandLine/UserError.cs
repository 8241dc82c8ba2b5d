namespace MlvcRtc.App.CommandLine;

/// <summary>Ends a verb with one line that names the cause and the remedy. The program prints the message and returns the code; no stack trace.</summary>
internal sealed class UserError : Exception
{
    public UserError(ExitCode code, string message, Exception? inner = null)
        : base(message, inner) => Code = code;

    public ExitCode Code { get; }
}
