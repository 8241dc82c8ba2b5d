using System.Diagnostics;
using MlvcRtc.Codec.Bitstream;

namespace MlvcRtc.UnitTests.Codec.Bitstream;

/// <summary>Damaged or hostile bytes: a status, never an exception, never a hang.</summary>
public sealed class HostileBytesTests
{
    [Fact]
    public void Every_truncation_of_every_golden_access_unit_is_an_error()
    {
        foreach (BitstreamVectors.StreamCase stream in BitstreamVectors.Streams)
        {
            AccessUnitParser parser = new();
            foreach (BitstreamVectors.UnitCase unit in stream.Units)
            {
                byte[] whole = unit.Expected;
                int[] boundaries = [0, .. unit.Nalus.SkipLast(1).Select((_, i) => BitstreamVectors.AccessUnit(unit.Nalus.Take(i + 1)).Length)];
                for (int length = 0; length < whole.Length; length++)
                {
                    // Between NAL units the buffer is whole but holds no frame.
                    BitstreamStatus expected = boundaries.Contains(length) ? BitstreamStatus.PartialAccessUnit : BitstreamStatus.Unexpected;
                    AccessUnitParser cut = new();
                    parser.Parse(stream.Units[0].Expected, out _);
                    cut.Parse(stream.Units[0].Expected, out _);

                    Assert.Equal(expected, cut.Parse(whole.AsSpan(0, length), out _));
                }

                Assert.Equal(BitstreamStatus.Ok, parser.Parse(whole, out _));
            }
        }
    }

    [Fact]
    public void Every_truncation_of_random_access_units_is_an_error()
    {
        Random random = new(11);
        for (int round = 0; round < 2_000; round++)
        {
            // The data's length is implicit, so a cut behind a data byte 80 looks like a whole frame: that one the entropy decoder tells by its final state.
            SequenceParameterSet sps = RandomStream.Sps(random);
            byte[] data = [.. RandomStream.Data(random).Select(value => value == 0x80 ? (byte)0x81 : value)];
            byte[] whole = new AccessUnitWriter().Write(sps, RandomStream.Idr(random, sps), data).ToArray();
            for (int length = 0; length < whole.Length; length++)
            {
                Assert.NotEqual(BitstreamStatus.Ok, new AccessUnitParser().Parse(whole.AsSpan(0, length), out _));
            }
        }
    }

    [Fact]
    public void Two_hundred_thousand_mutated_access_units_neither_crash_nor_hang()
    {
        Random random = new(13);
        byte[][] seeds = [.. BitstreamVectors.Streams.SelectMany(stream => stream.Units).Select(unit => unit.Expected)];
        AccessUnitParser parser = new();
        int parsed = 0;
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < 200_000; i++)
        {
            byte[] bytes = Mutate(random, seeds[random.Next(seeds.Length)]);
            if (parser.Parse(bytes, out ParsedFrame frame) == BitstreamStatus.Ok)
            {
                parsed++;
                AssertSane(frame, bytes.Length);
            }

            if (i % 1000 == 0)
            {
                parser.Reset();
                Assert.Equal(BitstreamStatus.Ok, parser.Parse(seeds[0], out _));
            }
        }

        Assert.InRange(parsed, 1_000, 199_000);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Random_bytes_are_no_frames()
    {
        Random random = new(17);
        AccessUnitParser parser = new();
        byte[] bytes = new byte[200];
        for (int i = 0; i < 50_000; i++)
        {
            Span<byte> piece = bytes.AsSpan(0, random.Next(bytes.Length));
            random.NextBytes(piece);

            Assert.NotEqual(BitstreamStatus.Ok, parser.Parse(piece, out _));
        }
    }

    [Fact]
    public void A_megabyte_of_start_codes_or_zeros_is_answered_at_once()
    {
        byte[] zeros = new byte[1 << 20];
        byte[] codes = [.. Enumerable.Repeat<byte[]>([0, 0, 0, 1], 1 << 18).SelectMany(code => code)];
        byte[] skipped = [.. Enumerable.Repeat<byte[]>([0, 0, 0, 1, 0x7E, 1, 0x80], 150_000).SelectMany(nalu => nalu)];
        AccessUnitParser parser = new();
        long started = Stopwatch.GetTimestamp();

        Assert.Equal(BitstreamStatus.Unexpected, parser.Parse(zeros, out _));
        Assert.Equal(BitstreamStatus.Unexpected, parser.Parse(codes, out _));
        Assert.Equal(BitstreamStatus.PartialAccessUnit, parser.Parse(skipped, out _));
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void A_crop_that_leaves_nothing_is_refused()
    {
        byte[] bytes = new byte[40];
        BitWriter bits = new(bytes);
        bits.WriteBits(0x4201, 16);
        bits.WriteBits(0x0001, 16);
        bits.WriteUe(0);
        bits.WriteBits(160, 12);
        bits.WriteBits(90, 12);
        bits.WriteBits(1, 2);
        bits.WriteUe(80);
        bits.WriteUe(uint.MaxValue - 1);
        bits.WriteUe(0);
        bits.WriteUe(0);
        bits.WriteBits(0, 3);
        bits.WriteUe(2);
        bits.WriteStopBit();

        Assert.Equal(BitstreamStatus.Unexpected, new AccessUnitParser().Parse(bits.Written, out _));
    }

    [Theory]
    [InlineData(-27)]
    [InlineData(26)]
    public void A_qp_outside_0_to_51_is_refused(int delta)
    {
        byte[] bytes = new byte[16];
        BitWriter bits = new(bytes);
        bits.WriteBits(0x2801, 16);
        bits.WriteUe(0);
        bits.WriteSe(delta);
        bits.WriteBits(0, 4);
        bits.AlignWithZeros();
        bits.WriteBits(0x55AA80, 24);
        AccessUnitParser parser = new();
        parser.Parse(BitstreamVectors.Streams[0].Units[0].Expected, out _);

        Assert.Equal(BitstreamStatus.Unexpected, parser.Parse(bits.Written, out _));
    }

    private static void AssertSane(in ParsedFrame frame, int length)
    {
        Assert.InRange(frame.Header.Qp, 0, 51);
        Assert.InRange(frame.Header.LtrTable.Count, 0, 8);
        Assert.InRange(frame.EncodedData.Length, 1, length);
        Assert.InRange(frame.Header.TemporalId, 0, frame.Sps.MaxTemporalLayers - 1);
        Assert.InRange(frame.Sps.DisplayWidth, 2, 8190);
        Assert.InRange(frame.Sps.DisplayHeight, 2, 8190);
    }

    private static byte[] Mutate(Random random, byte[] seed)
    {
        List<byte> bytes = [.. seed];
        for (int change = random.Next(1, 4); change > 0; change--)
        {
            int at = random.Next(bytes.Count + 1);
            switch (random.Next(5))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, random.Next(int.Min(4, bytes.Count - at + 1)));
                    break;
                case 3:
                    bytes.InsertRange(at, Enumerable.Range(0, random.Next(6)).Select(_ => (byte)random.Next(4)));
                    break;
                default:
                    bytes.InsertRange(at, seed.Take(random.Next(seed.Length)));
                    break;
            }
        }

        return [.. bytes];
    }
}
