using System.CommandLine;

namespace MlvcRtc.App.CommandLine;

/// <summary>A command with one line for the list of commands, and the whole story, examples included, for its own help.</summary>
internal sealed class ExplainedCommand(string name, string summary, string details) : Command(name, summary)
{
    /// <summary>Called when this command is the one asked for.</summary>
    public void Explain() => Description += "\n" + details;
}
