using MlvcRtc.App.CommandLine;

namespace MlvcRtc.App.Devices;

/// <summary>Opens files to read, with messages a person can act on.</summary>
internal static class InputFile
{
    /// <exception cref="UserError">It is not there, a folder, or not readable.</exception>
    public static FileStream Open(string file)
    {
        if (Directory.Exists(file))
        {
            throw new UserError(ExitCode.BadInput, $"{file} is a folder; give one file.");
        }

        try
        {
            return new(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16, FileOptions.SequentialScan);
        }
        catch (Exception cause) when (cause is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UserError(ExitCode.BadInput, $"{file} does not exist. Check the path.", cause);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new UserError(ExitCode.BadInput, $"{file} cannot be read: {cause.Message}", cause);
        }
    }
}
