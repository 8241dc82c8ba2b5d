using MlvcRtc.Media;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;
using MlvcRtc.Rtp.Reassembly;
using MlvcRtc.Rtp.Recovery;
using MlvcRtc.Rtp.Retransmission;

namespace MlvcRtc.UnitTests.Rtp.Reassembly;

/// <summary>Packets that arrive at stated times, and what the receiver makes of them. Frame n is captured at 33·n ms and on time 20 ms later.</summary>
internal sealed class Arrivals(RecoveryTools tools = RecoveryTools.All)
{
    private readonly Packetizer _packetizer = new(new RtpStreamSettings(1, FirstSequenceNumber: 65_500));
    private readonly EncodedFrame _taken = new();
    private readonly ushort[] _wanted = new ushort[64];
    private MissingPackets? _missing;

    public FrameAssembler Assembler { get; } = new() { RoundTripTime = TimeSpan.FromMilliseconds(80) };

    public MissingPackets Missing => _missing ??= new MissingPackets(Assembler, tools);

    public List<int> Delivered { get; } = [];

    public static int OnTime(int frame) => (33 * frame) + 20;

    /// <summary>The packets of a frame, under the next sequence numbers.</summary>
    public byte[][] Send(int id, FrameType type, int? reference = null, int? slot = null, int bytes = 500, bool discardable = false)
    {
        EncodedFrame frame = PacketTrain.Frame(id, type, bytes, reference);
        frame.LtrSlot = slot;
        frame.Discardable = discardable;
        frame.CaptureTime = TimeSpan.FromMilliseconds(33 * id);
        return PacketTrain.Packets(_packetizer, frame);
    }

    /// <summary>A whole frame, on time.</summary>
    public void Frame(int id, FrameType type, int? reference = null, int? slot = null) => Arrive(OnTime(id), Send(id, type, reference, slot));

    /// <summary>A key frame and ordinary frames after it, all on time; the key frame is kept in slot 0.</summary>
    public void Chain(int frames)
    {
        for (int id = 0; id < frames; id++)
        {
            Frame(id, id == 0 ? FrameType.Intra : FrameType.Inter, slot: id == 0 ? 0 : null);
        }
    }

    public InsertStatus Arrive(double atMs, params byte[][] packets)
    {
        InsertStatus status = default;
        TimeSpan now = TimeSpan.FromMilliseconds(atMs);
        foreach (byte[] bytes in packets)
        {
            Assert.True(RtpPacket.TryParse(bytes, out RtpPacket packet));
            status = Assembler.Insert(packet, now, out PacketPosition position);
            Missing.Received(packet.SequenceNumber, position, now);
            Take(now);
        }

        return status;
    }

    public void At(double ms)
    {
        Assembler.Poll(TimeSpan.FromMilliseconds(ms));
        Take(TimeSpan.FromMilliseconds(ms));
    }

    /// <summary>Sequence numbers that are asked for at this time.</summary>
    public int[] Asks(double ms)
    {
        At(ms);
        int count = Missing.Collect(TimeSpan.FromMilliseconds(ms), _wanted);
        return [.. _wanted.Take(count).Select(number => (int)number)];
    }

    /// <summary>Sequence numbers that are asked for at this time because nothing comes any more.</summary>
    public int[] Suspects(double ms)
    {
        At(ms);
        int count = Missing.Suspect(TimeSpan.FromMilliseconds(ms), _wanted);
        return [.. _wanted.Take(count).Select(number => (int)number)];
    }

    /// <summary>The same payload under the next number, as a sender answers a request.</summary>
    public static byte[] Again(byte[] packet, int sequenceNumber)
    {
        byte[] again = [.. packet];
        (again[2], again[3]) = ((byte)(sequenceNumber >> 8), (byte)sequenceNumber);
        return again;
    }

    public static int NumberOf(byte[] packet) => (packet[2] << 8) | packet[3];

    private void Take(TimeSpan now)
    {
        while (Assembler.TryTake(_taken, now))
        {
            Delivered.Add(_taken.FrameId);
        }
    }
}
