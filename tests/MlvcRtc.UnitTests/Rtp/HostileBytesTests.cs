using System.Diagnostics;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;
using MlvcRtc.Rtp.Reassembly;

namespace MlvcRtc.UnitTests.Rtp;

public sealed class HostileBytesTests
{
    [Fact]
    public void A_million_damaged_packets_neither_crash_nor_hang_nor_fill_memory()
    {
        const int Packets = 1_000_000;
        Random random = new(20260101);
        byte[][] seeds = Seeds();
        FrameAssembler assembler = new();
        EncodedFrame taken = new();
        byte[] bytes = new byte[1500];
        long watch = Stopwatch.GetTimestamp();
        int rtp = 0, rtcp = 0, accepted = 0, delivered = 0;
        for (int i = 0; i < Packets; i++)
        {
            ReadOnlySpan<byte> packet = Mutate(seeds[random.Next(seeds.Length)], bytes, random);
            TimeSpan now = TimeSpan.FromMicroseconds(100 * i);
            RtcpReader reader = new(packet);
            while (reader.TryNext(out RtcpPacket part))
            {
                rtcp++;
                PictureLossIndication.TryRead(part, out _);
            }

            PayloadDescriptor.Read(packet, out _);
            if (!RtpPacket.TryParse(packet, out RtpPacket parsed))
            {
                continue;
            }

            rtp++;
            accepted += assembler.Insert(parsed, now) == InsertStatus.Accepted ? 1 : 0;
            while (assembler.TryTake(taken, now))
            {
                delivered++;
            }

            while (assembler.TryTakeLost(out LostFrames lost))
            {
                Assert.True(lost.Count > 0);
            }

            _ = assembler.Broken;
        }

        Assert.True(assembler.BytesInFlight <= 4 * 294_400);
        Assert.True(rtp > Packets / 4 && rtcp > 0 && accepted > Packets / 20 && delivered > 0, $"{rtp} {rtcp} {accepted} {delivered}");
        Assert.True(Stopwatch.GetElapsedTime(watch) < TimeSpan.FromSeconds(10), "1,000,000 packets took more than 10 s.");
    }

    private static byte[][] Seeds()
    {
        Packetizer packetizer = new(new RtpStreamSettings(1));
        List<byte[]> seeds = [];
        for (int id = 0; id < 40; id++)
        {
            FrameType type = id % 10 == 0 ? FrameType.Intra : id % 10 == 5 ? FrameType.Recovery : FrameType.Inter;
            EncodedFrame frame = PacketTrain.Frame(id, type, 60 + (id * 90), reference: type == FrameType.Recovery ? id - 3 : null);
            frame.LtrSlot = id % 3 == 0 ? id % 8 : null;
            seeds.AddRange(PacketTrain.Packets(packetizer, frame));
        }

        byte[] compound = new byte[PictureLossIndication.MaxCompoundBytes];
        int length = new PictureLossIndication(1, 2).WriteCompound(compound, "viewer");
        seeds.Add(compound[..length]);
        seeds.Add(Convert.FromHexString("B16D0001000000020000000300000004BEDE000110FF0000AABB000003"));
        return [.. seeds];
    }

    private static ReadOnlySpan<byte> Mutate(byte[] seed, byte[] bytes, Random random)
    {
        seed.CopyTo(bytes, 0);
        int length = seed.Length;
        for (int edits = random.Next(4); edits > 0; edits--)
        {
            // Most damage goes where the fields are.
            int at = random.Next(2) == 0 ? random.Next(Math.Min(length, 30)) : random.Next(length);
            bytes[at] = random.Next(3) == 0 ? (byte)random.Next(256) : (byte)(bytes[at] ^ (1 << random.Next(8)));
        }

        if (random.Next(8) == 0)
        {
            length = random.Next(length + 1);
        }

        return bytes.AsSpan(0, length);
    }
}
