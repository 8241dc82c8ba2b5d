using MlvcRtc.Media;

namespace MlvcRtc.Lab.TestCodec;

/// <summary>
/// Shows the mosaic, and refuses every frame whose reference it does not hold: the judge of whether a call kept its chain. After a frame it holds that frame
/// and, of what it held, what the frame's slot table names: the rule of the real codec.
/// </summary>
public sealed class TestDecoder : IVideoDecoder
{
    private TestSlots _slots;
    private ushort? _previous;

    public DecodeStatus Decode(EncodedFrame frame, VideoFrame picture)
    {
        ArgumentNullException.ThrowIfNull(frame);
        ArgumentNullException.ThrowIfNull(picture);
        if (!TestPayload.TryRead(frame.Payload, out TestPayload unit) || !unit.IsAsDelivered(frame))
        {
            return DecodeStatus.Corrupt;
        }

        if (frame.Type == FrameType.Intra && frame.ModelTag != TestEncoder.ModelTag)
        {
            return DecodeStatus.UnknownModel;
        }

        if (_previous is null && unit.Type != FrameType.Intra)
        {
            return DecodeStatus.NeedsKeyFrame;
        }

        if (unit.Type != FrameType.Intra && !Holds(unit.ReferenceId))
        {
            return DecodeStatus.MissingReference;
        }

        TestSlots kept = default;
        for (int slot = 0; slot < TestSlots.Count; slot++)
        {
            if (unit.Slots[slot] is { } id && (id == unit.FrameId || (unit.Type != FrameType.Intra && Holds(id))))
            {
                kept.Set(slot, id);
            }
        }

        _slots = kept;
        _previous = unit.Discardable ? _previous : unit.FrameId;
        Draw(frame.Payload[TestPayload.HeadBytes..], unit, picture);
        return DecodeStatus.Ok;
    }

    public void Dispose()
    {
    }

    private bool Holds(ushort frameId) => _previous == frameId || _slots.Contains(frameId);

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
