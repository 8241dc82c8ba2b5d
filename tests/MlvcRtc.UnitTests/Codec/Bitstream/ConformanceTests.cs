using MlvcRtc.Codec.Bitstream;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Codec.Bitstream;

/// <summary>Syntax v0 is frozen: these bytes never change.</summary>
public sealed class ConformanceTests
{
    public static TheoryData<string> StreamNames => [.. BitstreamVectors.Streams.Select(stream => stream.Name)];

    public static TheoryData<string> BufferNames => [.. BitstreamVectors.Buffers.Select(buffer => buffer.Name)];

    [Theory]
    [MemberData(nameof(StreamNames))]
    public void A_stream_is_written_byte_for_byte(string name)
    {
        AccessUnitWriter writer = new();
        EncodedFrame coded = new();
        foreach (BitstreamVectors.UnitCase unit in Stream(name).Units)
        {
            int length = writer.Write(unit.WantedSps, unit.Header, unit.EncodedData, coded);

            Assert.Equal(Convert.ToHexString(unit.Expected), Convert.ToHexString(coded.Payload));
            Assert.Equal(unit.Expected.Length, length);
        }
    }

    [Theory]
    [MemberData(nameof(StreamNames))]
    public void A_stream_is_parsed_to_what_was_meant(string name)
    {
        AccessUnitParser parser = new();
        foreach (BitstreamVectors.UnitCase unit in Stream(name).Units)
        {
            Assert.Equal(BitstreamStatus.Ok, parser.Parse(unit.Expected, out ParsedFrame frame));

            Assert.Equal(unit.WantedSps, frame.Sps with { Id = 0 });
            Assert.Equal(frame.Sps.Id, frame.Pps.SpsId);
            Assert.Equal(unit.Header, frame.Header);
            Assert.Equal(unit.EncodedData, frame.EncodedData.ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(StreamNames))]
    public void Parameter_sets_may_come_by_themselves(string name)
    {
        AccessUnitParser parser = new();
        foreach (BitstreamVectors.UnitCase unit in Stream(name).Units)
        {
            foreach (string nalu in unit.Nalus.SkipLast(1))
            {
                Assert.Equal(BitstreamStatus.PartialAccessUnit, parser.Parse(BitstreamVectors.AccessUnit(nalu), out _));
            }

            Assert.Equal(BitstreamStatus.Ok, parser.Parse(BitstreamVectors.Bytes(unit.Nalus[^1]), out ParsedFrame frame));
            Assert.Equal(unit.Header, frame.Header);
        }
    }

    [Theory]
    [MemberData(nameof(BufferNames))]
    public void A_buffer_gets_its_status_and_leaves_the_parser_usable(string name)
    {
        BitstreamVectors.BufferCase buffer = BitstreamVectors.Buffers.Single(candidate => candidate.Name == name);
        AccessUnitParser parser = new();
        foreach (string before in buffer.Before ?? [])
        {
            Assert.Equal(BitstreamStatus.PartialAccessUnit, parser.Parse(BitstreamVectors.Bytes(before), out _));
        }

        (SequenceParameterSet?, PictureParameterSet?) held = (parser.Sps, parser.Pps);
        Assert.Equal(buffer.Status, parser.Parse(BitstreamVectors.Bytes(buffer.Input), out _));
        if (buffer.Status is not (BitstreamStatus.Ok or BitstreamStatus.PartialAccessUnit))
        {
            Assert.Equal(held, (parser.Sps, parser.Pps));
        }

        Assert.Equal(BitstreamStatus.Ok, parser.Parse(BitstreamVectors.Streams[0].Units[0].Expected, out _));
    }

    [Fact]
    public void A_pps_whose_sps_was_replaced_is_as_good_as_lost()
    {
        AccessUnitParser parser = new();
        parser.Parse(BitstreamVectors.Streams[0].Units[0].Expected, out _);
        parser.Parse(BitstreamVectors.AccessUnit("42 01 00 01 42 80 16 80 70"), out _); // SPS 1

        Assert.Equal(1, parser.Sps?.Id);
        Assert.Equal(BitstreamStatus.MissingPps, parser.Parse(BitstreamVectors.AccessUnit("02 01 C0 01 00 00 CA FE 80"), out _));
    }

    [Theory]
    [InlineData(0, 320, 180)]
    [InlineData(1, 180, 320)]
    public void The_displayed_size_is_the_cropped_one_turned_back(int transpose, int width, int height)
    {
        SequenceParameterSet sps = new(0, 1, 0, 352, 192, transpose == 1, 12, 20, 4, 8, 1, 10);

        Assert.Equal((width, height), (sps.DisplayWidth, sps.DisplayHeight));
    }

    [Theory]
    [InlineData(NaluType.IdrNLp, 0, 0, 0, FrameType.Intra)]
    [InlineData(NaluType.TrailR, 0, 10, 8, FrameType.Inter)]
    [InlineData(NaluType.TrailR, 0, 10, 7, FrameType.Recovery)]
    [InlineData(NaluType.TsaR, 1, 10, 7, FrameType.Inter)]
    [InlineData(NaluType.TrailR, 0, 1, 65535, FrameType.Inter)]
    [InlineData(NaluType.TrailR, 0, 1, 65534, FrameType.Recovery)]
    public void The_frame_type_is_read_from_the_distance_of_the_reference(NaluType type, int temporalId, int index, int reference, FrameType expected)
    {
        SequenceParameterSet sps = BitstreamVectors.Sps with { FrameIndexBits = 16, MaxTemporalLayers = 2 };
        AccessUnitWriter writer = new();
        AccessUnitParser parser = new();
        parser.Parse(writer.Write(sps, BitstreamVectors.Idr, BitstreamVectors.Data), out ParsedFrame frame);
        if (type != NaluType.IdrNLp)
        {
            parser.Parse(writer.Write(sps, new(type, temporalId, 26, index, reference, false, default), BitstreamVectors.Data), out frame);
        }

        Assert.Equal(expected, frame.FrameType);
    }

    private static BitstreamVectors.StreamCase Stream(string name) => BitstreamVectors.Streams.Single(stream => stream.Name == name);
}
