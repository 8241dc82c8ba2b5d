using MlvcRtc.Media;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;

namespace MlvcRtc.Proof.Fuzzing;

/// <summary>An endless stream of frames as packets: one to four fragments, key and recovery frames, marks, with and without a transport-wide number.</summary>
internal sealed class LiveStream
{
    private const int Remembered = 64;

    private readonly Packetizer _packetizer = new(new RtpStreamSettings(1));
    private readonly EncodedFrame _frame = new();
    private readonly byte[][] _recent = [.. Enumerable.Range(0, Remembered).Select(_ => new byte[PacketMutator.MaxBytes])];
    private readonly int[] _lengths = new int[Remembered];
    private readonly byte[] _plain = new byte[Packetizer.MaxPacketBytes];
    private int _made;
    private int _index;
    private int _count;
    private ushort _frameId = 65_000;

    /// <summary>The next packet.</summary>
    public ReadOnlySpan<byte> Next(PacketMutator chance)
    {
        if (_index == _count)
        {
            NextFrame(chance);
        }

        int place = _made++ % Remembered;
        int length = _packetizer.WritePacket(_frame, _index++, _count, _plain);
        _lengths[place] = chance.Next(2) == 0
            ? TransportSequence.Write(_plain.AsSpan(0, length), (ushort)_made, _recent[place])
            : Copy(length, _recent[place]);
        return _recent[place].AsSpan(0, _lengths[place]);
    }

    /// <summary>One of the last 64.</summary>
    public ReadOnlySpan<byte> Earlier(PacketMutator chance)
    {
        int place = (int)chance.Next((uint)Math.Min(_made, Remembered));
        return _recent[place].AsSpan(0, _lengths[place]);
    }

    private int Copy(int length, byte[] destination)
    {
        _plain.AsSpan(0, length).CopyTo(destination);
        return length;
    }

    private void NextFrame(PacketMutator chance)
    {
        _frameId++;
        uint kind = chance.Next(20);
        _frame.Type = kind == 0 ? FrameType.Intra : kind < 3 ? FrameType.Recovery : FrameType.Inter;
        _frame.FrameId = _frameId;
        _frame.ReferenceId = (ushort)(_frame.Type == FrameType.Intra ? _frameId : _frameId - (kind < 3 ? 5 : 1));
        _frame.LtrSlot = _frameId % 5 == 0 ? _frameId / 5 % 8 : null;
        _frame.Discardable = kind == 10;
        _frame.CodedWidth = 640;
        _frame.CodedHeight = 368;
        _frame.CaptureTime = TimeSpan.FromMilliseconds(10 * _frameId);

        // Small ones mostly: the bytes of a fragment decide nothing.
        _frame.Reserve(chance.Next(8) == 0 ? 1200 + (int)chance.Next(3000) : 1 + (int)chance.Next(100));
        (_index, _count) = (0, Packetizer.CountPackets(_frame));
    }
}
