using MlvcRtc.App.CommandLine;

namespace MlvcRtc.App.Devices;

/// <summary>
/// A file that appears whole or not at all: written under a neighbouring name and renamed by <see cref="Complete"/>. Disposing without it
/// removes what was written.
/// </summary>
internal sealed class OutputFile : IDisposable
{
    private readonly string _path;
    private readonly FileStream _stream;
    private bool _completed;

    /// <exception cref="UserError">The folder is missing or not writable.</exception>
    public OutputFile(string path)
    {
        _path = path;
        try
        {
            _stream = new(PartPathOf(path), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 16);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(path, cause);
        }
    }

    public long Length => _stream.Position;

    /// <summary>The neighbouring name; it keeps the ending, by which some writers choose the format. A device such as /dev/stdout is its own.</summary>
    public static string PartPathOf(string path) =>
        IsDevice(path)
            ? path
            : Path.Combine(Path.GetDirectoryName(path) ?? string.Empty, $".{Path.GetFileNameWithoutExtension(path)}.part{Path.GetExtension(path)}");

    /// <summary>Puts a finished neighbour in place.</summary>
    public static void Publish(string path)
    {
        if (!IsDevice(path))
        {
            File.Move(PartPathOf(path), path, overwrite: true);
        }
    }

    /// <summary>Removes an unfinished neighbour.</summary>
    public static void Abandon(string path)
    {
        if (IsDevice(path))
        {
            return;
        }

        try
        {
            File.Delete(PartPathOf(path));
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            // Nothing more can be done here; the failure that led here is the one to report.
        }
    }

    /// <summary>For writers of formats; wrap their calls in <see cref="Guard"/>.</summary>
    public Stream Stream => _stream;

    /// <exception cref="UserError">No space, or the like.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _stream.Write(bytes);
        }
        catch (IOException cause)
        {
            throw CannotWrite(_path, cause);
        }
    }

    /// <summary>Writes by way of <see cref="Stream"/>.</summary>
    /// <exception cref="UserError">No space, or the like.</exception>
    public void Guard(Action write)
    {
        try
        {
            write();
        }
        catch (IOException cause)
        {
            throw CannotWrite(_path, cause);
        }
    }

    /// <exception cref="UserError">No space, or the like.</exception>
    public void Complete()
    {
        try
        {
            _stream.Flush();
            _stream.Dispose();
            Publish(_path);
            _completed = true;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(_path, cause);
        }
    }

    public void Dispose()
    {
        if (_completed)
        {
            return;
        }

        try
        {
            _stream.Dispose();
        }
        catch (IOException)
        {
            // The last buffer found no space; the file goes away below, and the write that failed first has been reported.
        }

        Abandon(_path);
    }

    public static UserError CannotWrite(string path, Exception cause) =>
        CannotWrite(path, cause.Message.Split(" : '")[0], cause);

    public static UserError CannotWrite(string path, string cause, Exception? inner = null)
    {
        bool full = cause.Contains("space", StringComparison.OrdinalIgnoreCase) || cause.Contains("disk is full", StringComparison.OrdinalIgnoreCase);
        string remedy = full ? "Free some space or write to another disk; no partial file was left." : "Check that the folder exists and may be written.";
        return new(ExitCode.OutputFailed, $"{path} could not be written: {cause.Trim().TrimEnd('.')}. {remedy}", inner);
    }

    private static bool IsDevice(string path) => !OperatingSystem.IsWindows() && Path.GetFullPath(path).StartsWith("/dev/", StringComparison.Ordinal);
}
