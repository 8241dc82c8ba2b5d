using System.Globalization;

namespace MlvcRtc.App.CommandLine;

/// <summary>
/// How far long work has come: one line rewritten in place for a person, an ordinary line every few seconds for a log. On stderr, so that
/// results can be piped on.
/// </summary>
internal sealed class ProgressLine(Terminal terminal, TimeProvider time, string verb, long? total) : IDisposable
{
    private static readonly TimeSpan InteractiveInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(10);

    private readonly long _begin = time.GetTimestamp();
    private TimeSpan _shownAt;
    private int _shownLength;

    /// <param name="frames">Frames done so far.</param>
    public void Show(long frames)
    {
        TimeSpan elapsed = time.GetElapsedTime(_begin);
        if (elapsed - _shownAt < (terminal.IsInteractive ? InteractiveInterval : LogInterval))
        {
            return;
        }

        _shownAt = elapsed;
        string of = total is { } all ? string.Create(CultureInfo.InvariantCulture, $" of {all} ({100.0 * frames / all:0} %)") : string.Empty;
        string line = string.Create(CultureInfo.InvariantCulture, $"{verb} {frames}{of} frames, {frames / elapsed.TotalSeconds:0.0} frames/s");
        if (terminal.IsInteractive)
        {
            terminal.Error.Write('\r' + line.PadRight(_shownLength));
            _shownLength = line.Length;
        }
        else
        {
            terminal.Error.WriteLine(line);
        }
    }

    public void Dispose()
    {
        if (_shownLength > 0)
        {
            terminal.Error.Write('\r' + new string(' ', _shownLength) + '\r');
        }
    }
}
