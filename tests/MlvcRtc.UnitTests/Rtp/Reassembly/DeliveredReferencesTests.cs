using FsCheck;
using FsCheck.Fluent;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;
using MlvcRtc.Rtp.Reassembly;

namespace MlvcRtc.UnitTests.Rtp.Reassembly;

/// <summary>Under any loss, reorder and duplication, and across every wrap, the assembler delivers only what a decoder by the book can decode.</summary>
public sealed class DeliveredReferencesTests
{
    private const int Cases = 10_000;

    [Fact]
    public void No_frame_is_delivered_whose_reference_the_decoder_lacks_none_twice_and_none_after_a_newer_one()
    {
        int delivered = 0, recoveries = 0;
        FrameAssembler assembler = new();
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(Cases).WithQuietOnSuccess(true),
            Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed =>
            {
                Random random = new(seed);
                Dictionary<ushort, ushort[]> tables = [];
                List<EncodedFrame> sent = Stream(random, tables);
                Decoder decoder = new(tables);
                assembler.Reset();
                assembler.RoundTripTime = TimeSpan.FromMilliseconds(random.Next(200));
                EncodedFrame taken = new();
                string verdict = "";
                TimeSpan now = TimeSpan.Zero;
                foreach (byte[] bytes in Network(random, sent))
                {
                    now += TimeSpan.FromMilliseconds(random.Next(12));
                    Assert.True(RtpPacket.TryParse(bytes, out RtpPacket packet));
                    assembler.Insert(packet, now);
                    while (assembler.TryTake(taken, now))
                    {
                        verdict = verdict.Length > 0 ? verdict : decoder.Take(taken, sent);
                        delivered++;
                        recoveries += taken.Type == FrameType.Recovery ? 1 : 0;
                    }
                }

                return (verdict.Length == 0).Label($"seed {seed}: {verdict}");
            }));
        Assert.True(delivered > 5 * Cases && recoveries > Cases / 4, $"{delivered} delivered, {recoveries} recoveries: the cases are too poor");
    }

    /// <summary>30 frames of an honest sender: it refers to its previous base frame or to what its table names; layer 1 is never referred to.</summary>
    private static List<EncodedFrame> Stream(Random random, Dictionary<ushort, ushort[]> tables)
    {
        int first = random.Next(3) switch { 0 => 65_536 - random.Next(1, 30), 1 => 32_768 - random.Next(1, 30), _ => random.Next(65_536) };
        int?[] table = new int?[8];
        int newestBase = first;
        List<EncodedFrame> frames = [];
        for (int id = first; id < first + 30; id++)
        {
            int slot = random.Next(8);
            FrameType type = id == first || random.Next(20) == 0 ? FrameType.Intra : random.Next(3) == 0 && table[slot] is not null ? FrameType.Recovery : FrameType.Inter;
            EncodedFrame frame = PacketTrain.Frame(id, type, random.Next(1, random.Next(4) == 0 ? 2500 : 100), type == FrameType.Recovery ? table[slot] : newestBase);
            frame.CaptureTime = TimeSpan.FromMilliseconds(33 * frames.Count);
            frame.TemporalId = (byte)(type == FrameType.Inter && random.Next(4) == 0 ? 1 : 0);
            frame.Discardable = frame.TemporalId == 1;
            if (type == FrameType.Intra)
            {
                Array.Clear(table);
            }

            if (frame.TemporalId == 0)
            {
                newestBase = id;
                frame.LtrSlot = random.Next(3) == 0 ? random.Next(3) : null;   // few slots: they are overwritten often
                if (frame.LtrSlot is { } mark)
                {
                    table[mark] = id;
                }
            }

            tables[frame.FrameId] = [.. table.Where(one => one is not null).Select(one => (ushort)one!.Value)];   // what its header shows
            frames.Add(frame);
        }

        return frames;
    }

    private static List<byte[]> Network(Random random, List<EncodedFrame> frames)
    {
        double loss = random.NextDouble() * 0.4, overtaken = random.NextDouble() * 0.3, twice = random.NextDouble() * 0.2;
        List<byte[]> arriving = [];
        foreach (byte[] packet in PacketTrain.Packets(new Packetizer(new RtpStreamSettings(1, FirstSequenceNumber: 65_520)), [.. frames]))
        {
            for (int copies = random.NextDouble() < twice ? 2 : 1; copies > 0; copies--)
            {
                if (random.NextDouble() >= loss)
                {
                    int back = random.NextDouble() < overtaken ? random.Next(arriving.Count < 12 ? arriving.Count + 1 : 12) : 0;
                    arriving.Insert(arriving.Count - back, packet);
                }
            }
        }

        return arriving;
    }

    /// <summary>Holds what the rule of the codec says: frames in the last decoded header's table, and the newest of each layer.</summary>
    private sealed class Decoder(Dictionary<ushort, ushort[]> tables)
    {
        private readonly List<(ushort Id, int Layer)> _held = [];
        private ushort? _last;

        public string Take(EncodedFrame frame, List<EncodedFrame> sent)
        {
            if (_last is { } last && !SequenceNumber.IsNewer(frame.FrameId, last))
            {
                return $"{frame.FrameId} after {last}";
            }

            EncodedFrame original = sent.Single(one => one.FrameId == frame.FrameId);
            if (!original.Payload.SequenceEqual(frame.Payload))
            {
                return $"{frame.FrameId} has other bytes";
            }

            if (frame.Type == FrameType.Intra)
            {
                _held.Clear();
            }
            else if (!_held.Exists(one => one.Id == frame.ReferenceId))
            {
                return $"{frame.FrameId} needs {frame.ReferenceId}, which is not held";
            }

            ushort[] table = tables[frame.FrameId];
            _held.RemoveAll(one => one.Layer == frame.TemporalId && !table.Contains(one.Id));
            _held.RemoveAll(one => !table.Contains(one.Id) && _held.Exists(other => other.Layer == one.Layer && SequenceNumber.IsNewer(other.Id, one.Id)));
            _held.Add((frame.FrameId, frame.TemporalId));
            _last = frame.FrameId;
            return "";
        }
    }
}
