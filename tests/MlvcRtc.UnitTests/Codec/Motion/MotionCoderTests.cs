using MlvcRtc.Codec.Entropy;
using MlvcRtc.Codec.Motion;

namespace MlvcRtc.UnitTests.Codec.Motion;

/// <summary>Vectors as bytes.</summary>
public sealed class MotionCoderTests
{
    [Fact]
    public void The_training_codes_bytes_are_written_and_read()
    {
        MotionCoder coder = MotionVectors.NewCoder();
        foreach (FieldCase known in MotionVectors.Load().Coding)
        {
            Assert.Equal(known.Bytes, Write(coder, known.Field, known.Q));

            MotionField read = NewLike(known.Field);
            Assert.Equal(EntropyStatus.Ok, Read(coder, known.Bytes, read, known.Q));
            Assert.True(known.Field.Vectors.SequenceEqual(read.Vectors));
        }
    }

    [Fact]
    public void Bytes_that_no_encoder_writes_are_refused_with_their_status()
    {
        foreach (RefusedCase bad in MotionVectors.Load().Refused)
        {
            Assert.Equal(bad.Status, Read(MotionVectors.NewCoder(), bad.Bytes, bad.Field, bad.Q));
        }
    }

    [Fact]
    public void Fields_of_any_content_come_back_and_end_in_the_start_state()
    {
        Random random = new(1);
        MotionCoder coder = MotionVectors.NewCoder();
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
        MotionCoder coder = MotionVectors.NewCoder();

        Assert.Equal(1, coder.Encode(0, new MotionField(640, 368)).Length);
    }

    [Fact]
    public void A_vector_that_points_too_far_is_the_callers_mistake()
    {
        MotionField field = new(16, 16);
        field[0, 0] = new MotionVector(MotionVector.Limit + 1, 0);

        Assert.Throws<ArgumentException>(() => { MotionVectors.NewCoder().Encode(0, field); });
        Assert.Throws<InvalidDataException>(() => new MotionCoder(9, TrainedLogits.Of([0])));
    }

    private static byte[] Write(MotionCoder coder, MotionField field, int q = 0)
    {
        RansEncoder bytes = new();
        bytes.Start();
        bytes.Put(coder.Encode(q, field));
        return bytes.Finish().ToArray();
    }

    private static EntropyStatus Read(MotionCoder coder, ReadOnlySpan<byte> bytes, MotionField field, int q = 0)
    {
        RansDecoder decoder = new(bytes);
        coder.Decode(ref decoder, q, field);
        return decoder.Finish();
    }

    private static MotionField NewLike(MotionField field) => new(16 * field.Columns, 16 * field.Rows);
}
