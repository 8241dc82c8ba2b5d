using MlvcRtc.Codec.Bitstream;

namespace MlvcRtc.UnitTests.Codec.Bitstream;

public sealed class BitCodesTests
{
    // Order-0 Exp-Golomb of 0..11, padded with zeros to a byte.
    private static readonly byte[] UeCodes = BitstreamVectors.Bytes("80 40 60 20 28 30 38 10 12 14 16 18");

    // The signed form of -7..7.
    private static readonly byte[] SeCodes = BitstreamVectors.Bytes("1E 1A 16 12 38 28 60 80 40 20 30 10 14 18 1C");

    [Fact]
    public void Unsigned_codes_have_their_known_bytes()
    {
        for (int value = 0; value < UeCodes.Length; value++)
        {
            byte[] bytes = new byte[1];
            BitWriter writer = new(bytes);
            writer.WriteUe((uint)value);
            BitReader reader = new(UeCodes.AsSpan(value, 1));

            Assert.Equal((UeCodes[value], (uint)value), (bytes[0], reader.ReadUe()));
        }
    }

    [Fact]
    public void Signed_codes_have_their_known_bytes()
    {
        for (int i = 0; i < SeCodes.Length; i++)
        {
            byte[] bytes = new byte[1];
            BitWriter writer = new(bytes);
            writer.WriteSe(i - 7);
            BitReader reader = new(SeCodes.AsSpan(i, 1));

            Assert.Equal((SeCodes[i], i - 7), (bytes[0], reader.ReadSe()));
        }
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(65535u)]
    [InlineData(int.MaxValue)]
    [InlineData(uint.MaxValue - 1)]
    public void The_largest_codes_come_back(uint value)
    {
        byte[] bytes = new byte[9];
        BitWriter writer = new(bytes);
        writer.WriteUe(value);
        BitReader reader = new(bytes);

        Assert.Equal((value, false), (reader.ReadUe(), reader.Failed));
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(-int.MaxValue)]
    public void The_largest_signed_codes_come_back(int value)
    {
        byte[] bytes = new byte[9];
        BitWriter writer = new(bytes);
        writer.WriteSe(value);
        BitReader reader = new(bytes);

        Assert.Equal((value, false), (reader.ReadSe(), reader.Failed));
    }

    [Fact]
    public void Thirty_two_leading_zeros_are_no_code()
    {
        BitReader reader = new([0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);

        Assert.Equal((0u, true), (reader.ReadUe(), reader.Failed));
    }

    [Fact]
    public void A_reader_past_its_end_goes_quiet_and_says_so()
    {
        BitReader reader = new([0xFF, 0xFF]);

        Assert.Equal(0x7FFFu, reader.ReadBits(15));
        Assert.False(reader.Failed);
        Assert.Equal(0u, reader.ReadBits(2));
        Assert.True(reader.Failed);
        Assert.Equal((0u, 0u, 0, false), (reader.ReadBits(1), reader.ReadUe(), reader.ReadSe(), reader.ReadFlag()));
        Assert.True(reader.RemainingBytes.IsEmpty);
        Assert.False(reader.ReadStopBit());
    }

    [Fact]
    public void Random_bit_fields_come_back()
    {
        Random random = new(7);
        byte[] bytes = new byte[800];
        for (int round = 0; round < 200; round++)
        {
            (uint Value, int Count)[] fields = [.. Enumerable.Range(0, 200).Select(_ =>
            {
                int count = random.Next(33);
                return ((uint)(random.NextInt64(1L << 32) & ((1L << count) - 1)), count);
            })];
            BitWriter writer = new(bytes);
            foreach ((uint value, int count) in fields)
            {
                writer.WriteBits(value, count);
            }

            BitReader reader = new(writer.Written);
            foreach ((uint value, int count) in fields)
            {
                Assert.Equal(value, reader.ReadBits(count));
            }
        }
    }
}
