using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;

namespace MlvcRtc.App.Streams;

/// <summary>Opens .mlvc files.</summary>
internal static class StreamFile
{
    /// <summary>A day of 2 Mbit/s video does not fit; an hour does. Keeps a wrong file from filling the memory.</summary>
    private const long LargestBytes = 1L << 30;

    /// <exception cref="UserError">Missing, empty, or no stream.</exception>
    public static AccessUnitReader Open(string file)
    {
        using FileStream stream = InputFile.Open(file);
        if (stream.Length > LargestBytes)
        {
            throw new UserError(ExitCode.BadInput, $"{file} is larger than 1 GiB, which no .mlvc stream that this program writes is. Give an .mlvc file.");
        }

        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        AccessUnitReader reader = new(bytes);
        return reader.StartsLikeAStream
            ? reader
            : throw new UserError(ExitCode.Damaged, $"{file} is not an .mlvc stream: it does not begin with a start code (00 00 00 01). Make one with 'mlvcrtc encode'.");
    }
}
