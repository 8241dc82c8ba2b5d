using MlvcRtc.Codec.Motion;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Codec.Motion;

/// <summary>What an encoder finds.</summary>
public sealed class MotionSearchTests
{
    private const int Width = 192;
    private const int Height = 128;

    [Theory]
    [InlineData(0, 5)]
    [InlineData(-3, 0)]
    [InlineData(8, -7)]
    [InlineData(-19, 27)]
    public void A_camera_that_pans_moves_every_block_alike(int down, int right)
    {
        MotionField field = Find(Fields.Scene(Width, Height, 0, 0), Fields.Scene(Width, Height, down, right));

        for (int row = 2; row < field.Rows - 2; row++)
        {
            for (int column = 2; column < field.Columns - 2; column++) // those nearer the edge may come from beyond it
            {
                Assert.Equal(new MotionVector((short)(4 * down), (short)(4 * right)), field[row, column]);
            }
        }
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(-7, 13)]
    [InlineData(1, -30)]
    public void Parts_of_a_sample_are_found(int down, int right)
    {
        VideoFrame previous = Fields.Scene(Width, Height, 0, 0);
        MotionField truth = new(Width, Height);
        truth.Vectors.Fill(new MotionVector((short)down, (short)right));
        VideoFrame now = new();
        MotionCompensationPlain.Move(previous, truth, now);

        MotionField found = Find(previous, now, qIndex: 63);

        int equal = 0;
        foreach (MotionVector vector in found.Vectors)
        {
            equal += vector == truth[0, 0] ? 1 : 0;
        }

        Assert.InRange(equal, found.Vectors.Length * 9 / 10, found.Vectors.Length);
    }

    [Fact]
    public void Where_nothing_moves_no_vector_is_sent()
    {
        VideoFrame scene = Fields.Scene(Width, Height, 0, 0);
        VideoFrame rounded = new();
        rounded.CopyFrom(scene);
        foreach (ref byte sample in rounded.Y)
        {
            sample ^= 1;
        }

        Assert.True(Find(scene, scene).IsStill);
        Assert.True(Find(scene, rounded).IsStill);
    }

    [Fact]
    public void A_vector_is_sent_where_it_is_worth_its_bits()
    {
        VideoFrame scene = Fields.Scene(Width, Height, 0, 0);
        VideoFrame shaken = new();
        MotionField quarter = new(Width, Height);
        quarter[3, 5] = new MotionVector(1, 0); // one block, a quarter of a sample
        MotionCompensationPlain.Move(scene, quarter, shaken);

        Assert.NotEqual(default, Find(scene, shaken, qIndex: 63)[3, 5]);
        Assert.True(Find(scene, shaken, qIndex: 0).IsStill);
    }

    [Fact]
    public void Blocks_that_move_nearly_alike_share_a_vector_where_bits_are_dear()
    {
        VideoFrame scene = Fields.Scene(Width, Height, 0, 0);
        MotionField truth = new(Width, Height);
        for (int n = 0; n < truth.Vectors.Length; n++)
        {
            truth.Vectors[n] = new MotionVector(8, (short)(n * 7 % 5 == 0 ? 13 : 12));
        }

        VideoFrame now = new();
        MotionCompensationPlain.Move(scene, truth, now);

        int dear = DifferentVectors(Find(scene, now, qIndex: 0));
        Assert.InRange(dear, 1, DifferentVectors(Find(scene, now, qIndex: 63)) / 3);
    }

    [Fact]
    public void Vectors_are_dearer_where_all_frames_have_one_quality()
    {
        Random random = new(4);
        VideoFrame before = Fields.Scene(Width, Height, 0, 0);
        VideoFrame now = Fields.Scene(Width, Height, 0, 1);
        foreach (ref byte sample in now.Y)
        {
            sample = (byte)Math.Clamp(sample + random.Next(-9, 10), 0, 255);
        }

        Assert.True(DifferentVectors(Find(before, now, 16, steady: true)) < DifferentVectors(Find(before, now, 16, steady: false)));
    }

    /// <summary>How many vectors differ from what their neighbours let expect.</summary>
    private static int DifferentVectors(MotionField field)
    {
        int count = 0;
        for (int n = 0; n < field.Vectors.Length; n++)
        {
            (int row, int column) = int.DivRem(n, field.Columns);
            count += field[row, column] == field.Predict(row, column, out _) ? 0 : 1;
        }

        return count;
    }

    [Fact]
    public void Whatever_is_found_is_within_reach()
    {
        Random random = new(3);
        for (int round = 0; round < 10; round++)
        {
            foreach (MotionVector vector in Find(Fields.Noise(random, Width, Height), Fields.Noise(random, Width, Height)).Vectors)
            {
                Assert.True(vector.IsWithinReach);
            }
        }
    }

    [Fact]
    public void Searching_leaves_half_the_difference_at_most_when_something_moved_in_front_of_a_still_wall()
    {
        VideoFrame before = Fields.Scene(Width, Height, 0, 0);
        VideoFrame now = Fields.Scene(Width, Height, 0, 0);
        VideoFrame other = Fields.Scene(Width, Height, 6, 3);
        for (int row = 40; row < 100; row++)
        {
            other.Y.Slice((row * Width) + 50, 90).CopyTo(now.Y[((row * Width) + 50)..]);
        }

        MotionField field = Find(before, now);
        VideoFrame moved = new();
        MotionCompensationPlain.Move(before, field, moved);

        Assert.InRange(Difference(moved, now), 0, Difference(before, now) / 2);
        Assert.Equal(default, field[0, 0]);
    }

    private static MotionField Find(VideoFrame previous, VideoFrame now, int qIndex = 32, bool steady = false)
    {
        MotionCompensation compensation = new(Width, Height);
        MotionField field = new(Width, Height);
        compensation.Start(previous);
        new MotionSearch(Width, Height).Find(now, compensation, qIndex, steady, field);
        return field;
    }

    private static long Difference(VideoFrame a, VideoFrame b)
    {
        long sum = 0;
        for (int k = 0; k < a.Y.Length; k++)
        {
            sum += Math.Abs(a.Y[k] - b.Y[k]);
        }

        return sum;
    }
}
