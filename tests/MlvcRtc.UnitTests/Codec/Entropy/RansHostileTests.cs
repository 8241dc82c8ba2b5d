using MlvcRtc.Codec.Entropy;

namespace MlvcRtc.UnitTests.Codec.Entropy;

/// <summary>Streams that no encoder writes are refused with their own status.</summary>
public sealed class RansHostileTests
{
    private static readonly FrequencyTables Gap = TableSets.Of([1], [[10, 100, 10, 5]]);

    [Theory]
    [InlineData(new byte[0], EntropyStatus.Truncated)]
    [InlineData(new byte[] { 0, 0, 0x80 }, EntropyStatus.Truncated)]
    [InlineData(new byte[] { 0xFF, 0xFF, 0x7F, 0x00 }, EntropyStatus.InvalidStart)]
    [InlineData(new byte[] { 0, 0, 0, 0x80 }, EntropyStatus.InvalidStart)]
    [InlineData(new byte[] { 0, 0, 0x80, 0, 0 }, EntropyStatus.InvalidEnd)]
    [InlineData(new byte[] { 1, 0, 0x80, 0 }, EntropyStatus.InvalidEnd)]
    [InlineData(new byte[] { 0, 0, 0x80, 0 }, EntropyStatus.Ok)]
    public void A_frame_without_symbols_is_the_start_state_and_nothing_else(byte[] bytes, EntropyStatus expected) =>
        Assert.Equal(expected, new RansDecoder(bytes).Finish());

    [Fact]
    public void A_slot_between_the_last_symbol_and_65536_is_refused()
    {
        byte[] bytes = Push((200, 1, 16));

        Assert.Equal(EntropyStatus.InvalidSymbol, ReadOne(bytes));
    }

    [Theory]
    [InlineData(16, EntropyStatus.Ok)]
    [InlineData(17, EntropyStatus.InvalidEscape)]
    [InlineData(40, EntropyStatus.InvalidEscape)]
    [InlineData(3000, EntropyStatus.InvalidEscape)]
    public void An_escape_has_at_most_sixteen_digits(int digits, EntropyStatus expected)
    {
        (uint, uint, int)[] count = [.. Enumerable.Repeat((3u, 1u, 2), digits / 3), ((uint)(digits % 3), 1u, 2)];
        byte[] bytes = Push([(120, 5, 16), .. count, .. Enumerable.Repeat((1u, 1u, 2), digits)]);

        Assert.Equal(expected, ReadOne(bytes));
    }

    [Fact]
    public void A_zero_as_the_highest_digit_of_an_escape_is_refused()
    {
        byte[] bytes = Push((120, 5, 16), (2, 1, 2), (1, 1, 2), (0, 1, 2));

        Assert.Equal(EntropyStatus.InvalidEscape, ReadOne(bytes));
    }

    [Fact]
    public void An_escape_beyond_32_bits_is_refused()
    {
        // Sixteen digits of 3: code 2^32 − 1, an odd one, so symbol −2^31, and the value lies one below.
        byte[] bytes = Push([(120, 5, 16), .. Enumerable.Repeat((3u, 1u, 2), 5), (1, 1, 2), .. Enumerable.Repeat((3u, 1u, 2), 16)]);

        Assert.Equal(EntropyStatus.InvalidEscape, ReadOne(bytes));
    }

    [Fact]
    public void After_a_violation_nothing_more_is_read()
    {
        var decoder = new RansDecoder([0, 0, 0, 0]);
        int[] values = [7];

        Assert.False(decoder.Take(Gap, values, [0]));
        Assert.False(decoder.Take(Gap, values, 0));
        Assert.Equal(EntropyStatus.InvalidStart, decoder.Finish());
        Assert.Equal(7, values[0]);
    }

    private static EntropyStatus ReadOne(byte[] bytes)
    {
        var decoder = new RansDecoder(bytes);
        decoder.Take(Gap, new int[1], 0);
        return decoder.Finish();
    }

    /// <summary>Writes any sequence of (start, frequency, precision), valid for the table or not, given in the order of reading.</summary>
    private static byte[] Push(params (uint Start, uint Frequency, int Bits)[] steps)
    {
        var backwards = new List<byte>();
        ulong state = 1 << 23;
        foreach ((uint start, uint frequency, int bits) in steps.Reverse())
        {
            while (state >= (ulong)frequency << (31 - bits))
            {
                backwards.Add((byte)state);
                state >>= 8;
            }

            state = (state / frequency << bits) + start + (state % frequency);
        }

        backwards.AddRange(BitConverter.GetBytes((uint)state).Reverse());
        backwards.Reverse();
        return [.. backwards];
    }
}
