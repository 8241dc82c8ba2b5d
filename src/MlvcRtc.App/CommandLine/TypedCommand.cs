using System.CommandLine;

namespace MlvcRtc.App.CommandLine;

internal static class TypedCommand
{
    /// <summary>The words that the user typed after the program's name, for the "command" field of reports.</summary>
    public static IReadOnlyList<string> Typed(this ParseResult parsed) => [.. parsed.Tokens.Select(token => token.Value)];
}
