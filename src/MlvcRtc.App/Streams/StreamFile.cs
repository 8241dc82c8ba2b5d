using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.Codec.Bitstream;

namespace MlvcRtc.App.Streams;

/// <summary>An .mlvc file, access unit by access unit.</summary>
internal sealed class StreamFile : IDisposable
{
    private readonly FileStream _file;
    private readonly AccessUnitSplitter _splitter;
    private readonly string _name;

    /// <exception cref="UserError">Missing or not readable.</exception>
    public StreamFile(string name)
    {
        _name = name;
        _file = InputFile.Open(name);
        _splitter = new(_file);
    }

    /// <summary>Where the access unit read last begins, bytes.</summary>
    public long Offset => _splitter.Offset;

    /// <summary>The next access unit, valid until the next call; false at the end.</summary>
    /// <exception cref="UserError">This is no stream.</exception>
    public bool Read(out ReadOnlySpan<byte> accessUnit) => _splitter.Read(out accessUnit) switch
    {
        SplitStatus.AccessUnit => true,
        SplitStatus.EndOfStream => false,
        SplitStatus.NoStartCode => throw new UserError(
            ExitCode.Damaged, $"{_name} is not an .mlvc stream: it does not begin with a start code (00 00 00 01). Make one with 'mlvcrtc encode'."),
        _ => throw new UserError(
            ExitCode.Damaged, $"{_name} holds an access unit of more than {AccessUnitSplitter.DefaultMaxLength >> 20} MiB, which no encoder writes. It is damaged or no .mlvc stream."),
    };

    public void Dispose() => _file.Dispose();
}
