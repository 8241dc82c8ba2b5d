using System.Globalization;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.App.Reports;
using MlvcRtc.Codec;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Onnx;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Media;
using MlvcRtc.Media.Pixels;

namespace MlvcRtc.App.Streams;

/// <summary>Figures of one decoding.</summary>
/// <param name="Width">Luma columns of the first picture.</param>
/// <param name="Height">Luma rows of the first picture.</param>
/// <param name="AccessUnits">In the file.</param>
/// <param name="Frames">Decoded and written.</param>
/// <param name="Damaged">Access units that could not be decoded.</param>
/// <param name="DecodeMs">Per frame.</param>
/// <param name="DecodeFps">Of decoding alone, without writing.</param>
/// <param name="PeakResidentMb">Largest resident memory of the process, 2^20 bytes.</param>
internal sealed record DecodeReport(int Width, int Height, int AccessUnits, int Frames, int Damaged, Percentiles DecodeMs, double DecodeFps, double PeakResidentMb);

/// <summary>One run of 'decode'. Access units that cannot be decoded are left out and counted; what remains is written.</summary>
internal sealed class FileDecoding(Surroundings surroundings, string input, string output, FrameRate rate)
{
    private readonly List<double> _decodeMs = [];
    private readonly PictureScaler _scaler = new();
    private readonly VideoFrame _scaled = new();
    private IPictureWriter? _writer;
    private PictureSize _size;
    private string? _firstFault;
    private int _accessUnits;
    private int _damaged;
    private bool _lastDamaged;

    /// <summary>Null while nothing is wrong with the stream; then the sentence that says what.</summary>
    public string? Fault { get; private set; }

    /// <param name="bundles">Models for the versions that the stream names.</param>
    /// <param name="cancel">Ends it; nothing is left then.</param>
    /// <exception cref="UserError">Nothing could be decoded, or the output cannot be written.</exception>
    public DecodeReport Run(IReadOnlyList<ModelBundle> bundles, CancellationToken cancel)
    {
        using StreamFile reader = new(input);
        using Decoder decoder = new(bundles, new OnnxEngine());
        try
        {
            using (ProgressLine progress = new(surroundings.Terminal, surroundings.Time, "decoded", total: null))
            {
                VideoFrame picture = new();
                while (reader.Read(out ReadOnlySpan<byte> accessUnit))
                {
                    cancel.ThrowIfCancellationRequested();
                    DecodeOne(decoder, accessUnit, reader.Offset, picture);
                    progress.Show(_decodeMs.Count);
                }
            }

            if (_writer is null)
            {
                throw new UserError(ExitCode.Damaged, $"{input} holds no picture that can be decoded: {_firstFault}");
            }

            _writer.Complete();
        }
        finally
        {
            _writer?.Dispose();
        }

        Fault = DescribeFault();
        return Summary();
    }

    private void DecodeOne(Decoder decoder, ReadOnlySpan<byte> accessUnit, long offset, VideoFrame picture)
    {
        _accessUnits++;
        long begun = surroundings.Time.GetTimestamp();
        DecodeStatus status = decoder.Decode(accessUnit, picture);
        TimeSpan took = surroundings.Time.GetElapsedTime(begun);
        _lastDamaged = status != DecodeStatus.Ok;
        if (_lastDamaged)
        {
            _damaged++;
            _firstFault ??= string.Create(CultureInfo.InvariantCulture, $"access unit {_accessUnits - 1} at byte {offset}: {decoder.LastError}");
            return;
        }

        _decodeMs.Add(took.TotalMilliseconds);
        if (_writer is null)
        {
            _size = new(picture.Width, picture.Height);
            _writer = PictureWriters.Open(surroundings, output, _size, rate);
        }

        _writer.Write(Fitted(picture));
    }

    /// <summary>A stream may change its size; the file keeps the first one.</summary>
    private VideoFrame Fitted(VideoFrame picture)
    {
        if (picture.Width == _size.Width && picture.Height == _size.Height)
        {
            return picture;
        }

        _scaler.Scale(picture, _size.Width, _size.Height, _scaled);
        return _scaled;
    }

    private string? DescribeFault()
    {
        if (_damaged == 0)
        {
            return null;
        }

        return _damaged == 1 && _lastDamaged
            ? $"{input} is cut or damaged in its last frame; the {_decodeMs.Count} frames before it were decoded and written to {output}."
            : $"{_damaged} of {_accessUnits} access units of {input} could not be decoded (first: {_firstFault}). The other {_decodeMs.Count} frames were written to {output}.";
    }

    private DecodeReport Summary()
    {
        double seconds = _decodeMs.Sum() / 1000;
        surroundings.Terminal.Say($"{output}: {_decodeMs.Count} frames of {_size}, {_decodeMs.Count / seconds:0.0} frames/s");
        return new(_size.Width, _size.Height, _accessUnits, _decodeMs.Count, _damaged, Percentiles.Of(_decodeMs), Math.Round(_decodeMs.Count / seconds, 2), ProcessMemory.PeakResidentMb());
    }
}
