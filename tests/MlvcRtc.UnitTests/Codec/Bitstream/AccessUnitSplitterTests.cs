using MlvcRtc.Codec.Bitstream;

namespace MlvcRtc.UnitTests.Codec.Bitstream;

public sealed class AccessUnitSplitterTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(1 << 20)]
    public void A_file_comes_apart_into_the_units_it_was_put_together_from(int pieceBytes)
    {
        List<byte[]> units = RandomUnits(300);
        AccessUnitSplitter splitter = new(new PiecemealStream([.. units.SelectMany(unit => unit)], pieceBytes));
        long offset = 0;
        foreach (byte[] unit in units)
        {
            Assert.Equal(SplitStatus.AccessUnit, splitter.Read(out ReadOnlySpan<byte> read));
            Assert.Equal(unit, read.ToArray());
            Assert.Equal(offset, splitter.Offset);
            offset += unit.Length;
        }

        Assert.Equal(SplitStatus.EndOfStream, splitter.Read(out _));
        Assert.Equal(SplitStatus.EndOfStream, splitter.Read(out _));
    }

    [Fact]
    public void A_file_cut_in_the_middle_gives_its_whole_units_and_then_one_that_does_not_parse()
    {
        List<byte[]> units = RandomUnits(3);
        byte[] file = [.. units.SelectMany(unit => unit)];
        AccessUnitSplitter splitter = new(new MemoryStream(file[..^1]));
        AccessUnitParser parser = new();
        List<BitstreamStatus> statuses = [];
        while (splitter.Read(out ReadOnlySpan<byte> unit) == SplitStatus.AccessUnit)
        {
            statuses.Add(parser.Parse(unit, out _));
        }

        Assert.Equal([BitstreamStatus.Ok, BitstreamStatus.Ok, BitstreamStatus.Unexpected], statuses);
    }

    [Theory]
    [InlineData("AA")]
    [InlineData("00 00 01 42 01")]
    [InlineData("52 49 46 46 00 00 00 01 28 01")]
    public void What_does_not_begin_with_a_start_code_is_no_mlvc_stream(string hex)
    {
        AccessUnitSplitter splitter = new(new MemoryStream(BitstreamVectors.Bytes(hex)));

        Assert.Equal(SplitStatus.NoStartCode, splitter.Read(out _));
        Assert.Equal(SplitStatus.NoStartCode, splitter.Read(out _));
    }

    [Fact]
    public void An_empty_file_has_no_units() => Assert.Equal(SplitStatus.EndOfStream, new AccessUnitSplitter(Stream.Null).Read(out _));

    [Theory]
    [InlineData(1000, SplitStatus.AccessUnit)]
    [InlineData(1001, SplitStatus.TooLong)]
    public void A_unit_may_be_as_long_as_the_limit_and_no_longer(int length, SplitStatus expected)
    {
        byte[] unit = [0, 0, 0, 1, 0x28, 1, .. Enumerable.Repeat((byte)0x55, length - 6)];

        AccessUnitSplitter last = new(new MemoryStream(unit), 1000);
        Assert.Equal(expected, last.Read(out _));

        AccessUnitSplitter followed = new(new MemoryStream([.. unit, .. unit]), 1000);
        Assert.Equal(expected, followed.Read(out _));
        Assert.Equal(expected, followed.Read(out _));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_endless_stream_without_a_picture_is_refused_in_bounded_memory(bool startCodes)
    {
        byte[] pattern = startCodes ? [0, 0, 0, 1, 0x7E, 1, 0x80] : [0x55];
        AccessUnitSplitter splitter = new(new EndlessStream([0, 0, 0, 1, 0x42, 1], pattern), 1 << 20);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Equal(SplitStatus.TooLong, splitter.Read(out _));
        Assert.Equal(SplitStatus.TooLong, splitter.Read(out _));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    private static List<byte[]> RandomUnits(int count)
    {
        Random random = new(5);
        AccessUnitWriter writer = new();
        SequenceParameterSet sps = RandomStream.Sps(random);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            FrameHeader header = i % 7 == 0 ? RandomStream.Idr(random, sps) : RandomStream.Predicted(random, sps);
            return writer.Write(sps, header, RandomStream.Data(random)).ToArray();
        })];
    }

    private sealed class PiecemealStream(byte[] bytes, int pieceBytes) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, int.Min(count, pieceBytes));
    }

    private sealed class EndlessStream(byte[] first, byte[] pattern) : MemoryStream
    {
        private long _read;

        public override int Read(byte[] buffer, int offset, int count)
        {
            for (int i = 0; i < count; i++, _read++)
            {
                buffer[offset + i] = _read < first.Length ? first[_read] : pattern[(_read - first.Length) % pattern.Length];
            }

            return count;
        }
    }
}
