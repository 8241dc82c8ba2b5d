using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;

namespace MlvcRtc.App.Audio;

/// <summary>The packets of an Ogg Opus file in order, begun again at the end for ever. One thread at a time.</summary>
internal sealed class OpusFileReader : IDisposable
{
    private readonly string _path;
    private readonly FileStream _file;
    private OggPacketReader _packets;
    private bool _gavePacket;

    /// <exception cref="UserError">Missing, or no Ogg Opus file of one or two channels.</exception>
    public OpusFileReader(string path)
    {
        _path = path;
        _file = InputFile.Open(path);
        try
        {
            _packets = OpenPass();
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>Packets that were damaged or that RTP cannot carry in one datagram, so far.</summary>
    public int PacketsLeftOut { get; private set; }

    /// <summary>The next packet that is one, and its duration in samples at 48 kHz.</summary>
    /// <exception cref="UserError">There is none in the file, or it cannot be read on.</exception>
    public byte[] Read(int maxBytes, out int samples)
    {
        while (true)
        {
            byte[]? packet = Guarded(_packets.Read);
            if (packet is null)
            {
                if (!_gavePacket)
                {
                    throw new UserError(ExitCode.BadInput, $"{_path} holds no sound that can be sent.");
                }

                _gavePacket = false;
                _packets = OpenPass();
            }
            else if (packet.Length <= maxBytes && OpusPacket.TryDuration(packet, out samples))
            {
                _gavePacket = true;
                return packet;
            }
            else
            {
                PacketsLeftOut++;
            }
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>From the start of the file past its two headers.</summary>
    private OggPacketReader OpenPass()
    {
        _file.Position = 0;
        OggPacketReader packets = new(_file);
        if (Guarded(packets.Read) is not { } head || !OpusHead.TryParse(head, out _))
        {
            throw new UserError(ExitCode.BadInput, $"{_path} is no Ogg Opus file with one or two channels. Make one with: ffmpeg -i SOUND -c:a libopus -ac 1 -b:a 24k -frame_duration 20 {Path.GetFileNameWithoutExtension(_path)}.opus");
        }

        _ = Guarded(packets.Read);  // the comments (RFC 7845 §5.2)
        return packets;
    }

    private byte[]? Guarded(Func<byte[]?> read)
    {
        try
        {
            return read();
        }
        catch (IOException cause)
        {
            throw new UserError(ExitCode.BadInput, $"{_path} cannot be read: {cause.Message}", cause);
        }
    }
}
