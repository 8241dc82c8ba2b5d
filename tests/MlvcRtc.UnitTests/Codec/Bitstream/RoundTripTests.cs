using MlvcRtc.Codec.Bitstream;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Codec.Bitstream;

public sealed class RoundTripTests
{
    [Fact]
    public void A_hundred_thousand_random_headers_come_back()
    {
        Random random = new(20260);
        AccessUnitWriter writer = new();
        AccessUnitParser parser = new();
        SequenceParameterSet sps = default;
        for (int i = 0; i < 100_000; i++)
        {
            bool idr = i % 3 == 0;
            sps = idr && random.Next(4) > 0 || i == 0 ? RandomStream.Sps(random) : sps;
            FrameHeader header = idr ? RandomStream.Idr(random, sps) : RandomStream.Predicted(random, sps);
            byte[] data = RandomStream.Data(random);

            Assert.Equal(BitstreamStatus.Ok, parser.Parse(writer.Write(sps, header, data), out ParsedFrame frame));
            Assert.Equal(sps, frame.Sps with { Id = 0 });
            Assert.Equal(header, frame.Header);
            Assert.True(frame.EncodedData.SequenceEqual(data));
        }
    }

    [Fact]
    public void Writing_and_parsing_allocate_nothing_once_warm()
    {
        AccessUnitWriter writer = new();
        AccessUnitParser parser = new();
        EncodedFrame coded = new();
        byte[] data = new byte[3000];
        FrameHeader p = BitstreamVectors.Idr with { NaluType = NaluType.TrailR, FrameIndex = 1 };
        void Pass(in FrameHeader header)
        {
            writer.Write(BitstreamVectors.Sps, header, data, coded);
            Assert.True(parser.Parse(coded.Payload, out _) == BitstreamStatus.Ok);
        }

        Pass(BitstreamVectors.Idr);
        Pass(p);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            Pass(BitstreamVectors.Idr);
            Pass(p);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void What_does_not_fit_the_syntax_is_refused_and_changes_nothing()
    {
        SequenceParameterSet sps = BitstreamVectors.Sps;
        FrameHeader idr = BitstreamVectors.Idr;
        FrameHeader p = idr with { NaluType = NaluType.TrailR, FrameIndex = 1 };
        LtrTable far = default;
        far[7] = 1024;
        AccessUnitWriter writer = new();
        Assert.Throws<InvalidOperationException>(() => writer.Write(sps, p, [1]));
        writer.Write(sps, idr, [1]);

        Assert.Throws<ArgumentException>(() => writer.Write(sps with { ModelWidth = 321 }, idr, [1]));
        Assert.Throws<ArgumentException>(() => writer.Write(sps with { ModelHeight = 8192 }, idr, [1]));
        Assert.Throws<ArgumentException>(() => writer.Write(sps with { CropLeft = 160, CropRight = 160 }, idr, [1]));
        Assert.Throws<ArgumentException>(() => writer.Write(sps with { CropTop = -2 }, idr, [1]));
        Assert.Throws<ArgumentException>(() => writer.Write(sps with { FrameIndexBits = 7 }, idr, [1]));
        Assert.Throws<ArgumentException>(() => writer.Write(sps with { MaxTemporalLayers = 9 }, idr, [1]));
        Assert.Throws<ArgumentException>(() => writer.Write(sps, idr with { Qp = 52 }, [1]));
        Assert.Throws<ArgumentException>(() => writer.Write(sps, idr with { FrameIndex = 1 }, [1]));
        Assert.Throws<ArgumentException>(() => writer.Write(sps, idr with { LtrTable = far }, [1]));
        Assert.Throws<ArgumentException>(() => writer.Write(sps, p with { FrameIndex = 1024 }, [1]));
        Assert.Throws<ArgumentException>(() => writer.Write(sps, p with { TemporalId = 1 }, [1]));
        Assert.Throws<ArgumentException>(() => writer.Write(sps with { MaxTemporalLayers = 8 }, p with { TemporalId = 7 }, [1]));
        Assert.Throws<ArgumentException>(() => writer.Write(sps, p with { NaluType = NaluType.Sps }, [1]));
        Assert.Throws<ArgumentException>(() => writer.Write(sps, p, []));
        Assert.Throws<InvalidOperationException>(() => writer.Write(sps with { ModelWidth = 640 }, p, [1]));

        Assert.Equal(sps, writer.Sps);
    }

    [Fact]
    public void An_empty_table_is_the_default_and_tables_compare_by_content()
    {
        LtrTable table = default;
        Assert.Equal((0, -1, false), (table.Count, table[0], table.Contains(0)));

        table[5] = 0;
        Assert.Equal((6, 5, 0), (table.Count, table.SlotOf(0), table[5]));
        Assert.NotEqual(default, table);
        Assert.Equal("-,-,-,-,-,0", table.ToString());

        table[5] = LtrTable.Empty;
        Assert.Equal(default, table);
        Assert.Equal(-1, table.SlotOf(LtrTable.Empty));
    }
}
