using MlvcRtc.Codec.Inference;
using MlvcRtc.Codec.Motion;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Codec.Motion;

/// <summary>A moved picture is the same bytes in the training code, in the plain version and in the fast one.</summary>
public sealed class MotionCompensationTests
{
    [Fact]
    public void The_training_codes_pictures_come_out_byte_for_byte()
    {
        foreach (MovedCase known in MotionVectors.Load().Compensation)
        {
            VideoFrame plain = new();
            MotionCompensationPlain.Move(known.Picture, known.Field, plain);

            Assert.True(known.Moved.Samples.SequenceEqual(plain.Samples));
            Assert.True(known.Moved.Samples.SequenceEqual(Move(known.Picture, known.Field).Samples));
        }
    }

    [Theory]
    [InlineData(16, 16)]
    [InlineData(48, 32)]
    [InlineData(176, 144)]
    [InlineData(16, 240)]
    public void The_fast_version_moves_as_the_plain_one_does(int width, int height)
    {
        Random random = new(width);
        MotionCompensation compensation = new(width, height);
        for (int round = 0; round < 12; round++)
        {
            VideoFrame picture = Fields.Noise(random, width, height);
            MotionField field = Fields.Random(random, width, height, moving: round * 0.1);
            VideoFrame plain = new();
            MotionCompensationPlain.Move(picture, field, plain);

            compensation.Start(picture);
            compensation.Move(field, picture);

            Assert.True(plain.Samples.SequenceEqual(picture.Samples));
        }
    }

    [Fact]
    public void Every_quarter_sample_position_is_the_plain_one()
    {
        Random random = new(1);
        VideoFrame picture = Fields.Noise(random, 48, 48);
        for (int position = 0; position < 16; position++)
        {
            MotionField field = new(48, 48);
            field[1, 1] = new MotionVector((short)((position / 4) - 5), (short)((position % 4) + 9));
            VideoFrame plain = new();
            MotionCompensationPlain.Move(picture, field, plain);

            Assert.True(plain.Samples.SequenceEqual(Move(picture, field).Samples));
        }
    }

    [Fact]
    public void A_vector_beyond_its_reach_is_refused_rather_than_read_outside()
    {
        VideoFrame picture = Fields.Noise(new Random(2), 32, 32);
        MotionField field = new(32, 32);
        field[0, 1] = new MotionVector(0, MotionVector.Limit + 1);

        Assert.Throws<ArgumentOutOfRangeException>(() => Move(picture, field));
    }

    [Fact]
    public void A_picture_survives_the_floats_of_a_state()
    {
        Random random = new(3);
        TensorSpec spec = new("feature", ElementType.Float32, [1, 100, 6, 10]);
        using StatePicture picture = new(spec);
        using NativeTensor state = new(ElementType.Float32, spec.Shape);
        state.As<float>().Fill(7);
        VideoFrame written = Fields.Noise(random, 80, 48);
        VideoFrame read = new();

        picture.Write(written, state);
        picture.Read(state, read);

        Assert.True(written.Samples.SequenceEqual(read.Samples));
        Assert.Equal(4 * 60, state.As<float>().Count(7f)); // the other channels are left alone
        Assert.Equal(((float)written.Y[0] / 255) - 0.5f, state.As<float>()[4 * 60]);
    }

    [Fact]
    public void A_state_without_a_picture_is_refused_when_the_model_is_loaded() =>
        Assert.Throws<InvalidDataException>(() => new StatePicture(new TensorSpec("feature", ElementType.Float32, [1, 2, 8, 8])));

    private static VideoFrame Move(VideoFrame picture, MotionField field)
    {
        VideoFrame moved = new();
        moved.CopyFrom(picture);
        MotionCompensation compensation = new(picture.Width, picture.Height);
        compensation.Start(moved);
        compensation.Move(field, moved);
        return moved;
    }
}
