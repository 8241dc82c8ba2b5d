using MlvcRtc.Codec.Entropy;
using MlvcRtc.Codec.Motion;

namespace MlvcRtc.UnitTests.Codec.Motion;

/// <summary>Vectors as bytes.</summary>
public sealed class MotionCoderTests
{
    [Fact]
    public void The_training_codes_bytes_are_written_and_read()
    {
        MotionCoder coder = new();
        foreach (FieldCase known in MotionVectors.Load().Coding)
        {
            Assert.Equal(known.Bytes, Write(coder, known.Field));

            MotionField read = NewLike(known.Field);
            Assert.Equal(EntropyStatus.Ok, Read(coder, known.Bytes, read));
            Assert.True(known.Field.Vectors.SequenceEqual(read.Vectors));
        }
    }

    [Fact]
    public void Bytes_that_no_encoder_writes_are_refused_with_their_status()
    {
        foreach (RefusedCase bad in MotionVectors.Load().Refused)
        {
            Assert.Equal(bad.Status, Read(new MotionCoder(), bad.Bytes, bad.Field));
        }
    }

    [Fact]
    public void Fields_of_any_content_come_back_and_end_in_the_start_state()
    {
        Random random = new(1);
        MotionCoder coder = new();
        for (int round = 0; round < 200; round++)
        {
            MotionField field = Fields.Random(random, 16 * random.Next(1, 12), 16 * random.Next(1, 9), random.NextDouble());
            MotionField read = NewLike(field);

            Assert.Equal(EntropyStatus.Ok, Read(coder, Write(coder, field), read));
            Assert.True(field.Vectors.SequenceEqual(read.Vectors));
        }
    }

    [Fact]
    public void A_still_field_costs_one_bit()
    {
        MotionCoder coder = new();

        Assert.Equal(1, coder.Encode(new MotionField(640, 368)).Length);
    }

    [Fact]
    public void Vectors_and_symbols_share_one_stream_and_both_come_back()
    {
        LatentShape shape = LatentShape.Of(96, 64, 8, 4, 16, 4, 2);
        LatentCoder coder = new(shape, Entropy.TableSets.Peaked(128), Entropy.TableSets.Peaked(4));
        Random random = new(2);
        int[] z = [.. Enumerable.Range(0, shape.ZCount).Select(_ => random.Next(-9, 10))];
        int[] y = [.. Enumerable.Range(0, shape.HalfCount).Select(_ => random.Next(-9, 10))];
        MotionField field = Fields.Random(random, 96, 64, 0.5);
        MotionField read = NewLike(field);
        int[] readZ = new int[z.Length];
        (int[] readY0, int[] readY1) = (new int[y.Length], new int[y.Length]);

        byte[] bytes = coder.Encode(0, false, z, y, y, field).ToArray();

        Assert.Equal(EntropyStatus.Ok, coder.Decode(bytes, 0, false, readZ, readY0, readY1, read));
        Assert.True(field.Vectors.SequenceEqual(read.Vectors));
        Assert.Equal(z, readZ);
        Assert.Equal(y, readY0);
        Assert.Equal(y, readY1);
        Assert.NotEqual(EntropyStatus.Ok, coder.Decode(bytes, 0, false, readZ, readY0, readY1)); // a frame without vectors is another stream
    }

    internal static byte[] Write(MotionCoder coder, MotionField field)
    {
        RansEncoder bytes = new();
        bytes.Start();
        bytes.Put(coder.Encode(field));
        return bytes.Finish().ToArray();
    }

    internal static EntropyStatus Read(MotionCoder coder, ReadOnlySpan<byte> bytes, MotionField field)
    {
        RansDecoder decoder = new(bytes);
        coder.Decode(ref decoder, field);
        return decoder.Finish();
    }

    private static MotionField NewLike(MotionField field) => new(16 * field.Columns, 16 * field.Rows);
}
