using System.Globalization;
using Spectre.Console;

namespace MlvcRtc.App.CommandLine;

/// <summary>Where a verb speaks: results on <see cref="Out"/>, notices and errors on <see cref="Error"/>.</summary>
/// <param name="Out">Standard output, or a test's writer.</param>
/// <param name="Error">Standard error, or a test's writer.</param>
/// <param name="IsInteractive">A person watches: lines may be rewritten in place.</param>
internal sealed record Terminal(TextWriter Out, TextWriter Error, bool IsInteractive)
{
    /// <summary>Columns of a table that nobody's window limits.</summary>
    private const int UnlimitedColumns = 160;

    public static Terminal OfProcess() =>
        new(Console.Out, Console.Error, !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("CI") is null);

    /// <summary>Spectre's view of <see cref="Out"/>.</summary>
    public IAnsiConsole Canvas()
    {
        IAnsiConsole canvas = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Out),
            Interactive = IsInteractive ? InteractionSupport.Yes : InteractionSupport.No,
            Ansi = IsInteractive ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = IsInteractive ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        });
        if (!IsInteractive)
        {
            canvas.Profile.Width = UnlimitedColumns;
        }

        return canvas;
    }

    public void Say(FormattableString line) => Out.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    /// <summary>Something the user should know that is no failure.</summary>
    public void Notice(string? text)
    {
        if (text is not null)
        {
            Error.WriteLine($"note: {text}");
        }
    }
}
