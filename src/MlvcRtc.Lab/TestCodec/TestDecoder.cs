using MlvcRtc.Media;

namespace MlvcRtc.Lab.TestCodec;

/// <summary>Shows the mosaic, and refuses every frame whose reference it does not hold: the judge of whether a call kept its chain.</summary>
public sealed class TestDecoder : IVideoDecoder
{
    private readonly ushort?[] _slots = new ushort?[8];
    private ushort? _previous;

    public DecodeStatus Decode(ReadOnlySpan<byte> accessUnit, VideoFrame picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        if (!TestPayload.TryRead(accessUnit, out TestPayload unit))
        {
            return DecodeStatus.Corrupt;
        }

        if (_previous is null && unit.Type != FrameType.Intra)
        {
            return DecodeStatus.NeedsKeyFrame;
        }

        bool held = unit.Type switch
        {
            FrameType.Intra => true,
            FrameType.Recovery => Array.IndexOf(_slots, unit.ReferenceId) >= 0,
            _ => _previous == unit.ReferenceId,
        };
        if (!held)
        {
            return DecodeStatus.MissingReference;
        }

        if (unit.Type == FrameType.Intra)
        {
            Array.Clear(_slots);
        }

        _previous = unit.FrameId;
        if (unit.MarkSlot != TestPayload.NoSlot)
        {
            _slots[unit.MarkSlot & 7] = unit.FrameId;
        }

        Draw(accessUnit[TestPayload.HeadBytes..], unit, picture);
        return DecodeStatus.Ok;
    }

    public void Dispose()
    {
    }

    private static void Draw(ReadOnlySpan<byte> mosaic, TestPayload unit, VideoFrame picture)
    {
        picture.Resize(unit.Width, unit.Height);
        Span<byte> drawn = default;
        int drawnTiles = -1;
        for (int y = 0; y < unit.Height; y++)
        {
            Span<byte> row = picture.Y.Slice(y * unit.Width, unit.Width);
            int tiles = y * TestPayload.MosaicSide / unit.Height;
            if (tiles == drawnTiles)
            {
                drawn.CopyTo(row);
                continue;
            }

            ReadOnlySpan<byte> colours = mosaic.Slice(tiles * TestPayload.MosaicSide, TestPayload.MosaicSide);
            for (int x = 0; x < row.Length; x++)
            {
                row[x] = colours[x * TestPayload.MosaicSide / row.Length];
            }

            drawn = row;
            drawnTiles = tiles;
        }

        picture.U.Fill(128);
        picture.V.Fill(128);
    }
}
