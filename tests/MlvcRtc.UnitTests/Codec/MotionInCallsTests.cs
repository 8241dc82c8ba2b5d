using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Inference;
using MlvcRtc.Codec.References;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Codec;

/// <summary>A model that moves the previous picture, in calls: a bright wall behind a dark one whose edge moves, which its network cannot code by itself.</summary>
public sealed class MotionInCallsTests
{
    private const int Width = 128;
    private const int Height = 80;

    private static readonly ModelBundle Moving = FakeModel.Moving((Width, Height));

    [Fact]
    public void What_moves_comes_back_and_both_sides_hold_the_same_state()
    {
        using Call call = new(bundle: Moving);
        for (int time = 0; time < 40; time++)
        {
            Show(call, call.Encode(Wall(time)), time);

            Assert.True(call.Encoder.LastState.SequenceEqual(call.Decoder.LastState));
        }
    }

    [Fact]
    public void A_recovery_frame_moves_the_kept_reference_and_leaves_it_as_it_was()
    {
        using Call call = new(bundle: Moving);
        Show(call, call.Encode(Wall(0)), 0);
        Show(call, call.Encode(Wall(1), new EncodeRequest(Call.Qp, MarkSlot: 3)), 1);
        for (int time = 2; time < 7; time++)
        {
            call.Encode(Wall(time)); // lost
        }

        for (int time = 7; time < 9; time++)
        {
            EncodedFrame recovery = call.Encode(Wall(time), new EncodeRequest(Call.Qp, RecoverFromSlot: 3));

            Assert.Equal((FrameType.Recovery, 1), (recovery.Type, recovery.ReferenceId));
            Show(call, recovery, time);
            Assert.True(call.Encoder.LastState.SequenceEqual(call.Decoder.LastState));
        }
    }

    [Fact]
    public void Two_layers_and_key_frames_on_request_show_every_picture()
    {
        using Call call = new(temporalLayers: 2, bundle: Moving);
        for (int time = 0; time < 24; time++)
        {
            EncodedFrame coded = call.Encode(Wall(time), new EncodeRequest(Call.Qp, KeyFrame: time == 16, MarkSlot: time % 7 == 3 ? time % 8 : null));
            if (time % 4 != 3 || !coded.Discardable)
            {
                Show(call, coded, time, key: time < 16 ? 0 : 16);
            }
        }
    }

    [Fact]
    public void A_picture_that_stands_still_costs_no_more_than_its_symbols()
    {
        using Call moving = new(bundle: Moving);
        VideoFrame wall = Wall(0);
        moving.Encode(wall);
        int first = moving.Encode(wall).Payload.Length;

        // The same edge, elsewhere: vectors on top of the same symbols, all zero.
        int second = moving.Encode(Wall(1)).Payload.Length;

        Assert.InRange(second, first + 1, first + 40);
        Assert.True(moving.Encoder.LastTimes.Motion > 0);
    }

    [Fact]
    public void A_vector_counts_from_the_reference_a_frame_names_not_from_the_newest_picture()
    {
        using Call call = new(bundle: Moving);
        Show(call, call.Encode(Wall(0), new EncodeRequest(Call.Qp, MarkSlot: 1)), 0);
        Show(call, call.Encode(Wall(6)), 6);

        Show(call, call.Encode(Wall(5), new EncodeRequest(Call.Qp, RecoverFromSlot: 0)), 5);
    }

    [Fact]
    public void Damaged_frames_with_vectors_are_found_or_harmless_and_never_stick_to_the_decoder()
    {
        using Call call = new(bundle: Moving);
        EncodedFrame key = call.Encode(Wall(0));
        EncodedFrame coded = call.Encode(Wall(3));
        Show(call, key, 0);
        for (int bit = 0; bit < 8 * coded.Payload.Length; bit++)
        {
            byte[] damaged = coded.Payload.ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            if (call.Decoder.Decode(damaged, call.Shown) == DecodeStatus.Ok)
            {
                call.RestartDecoder(); // a different valid frame: possible where the header was hit
                Show(call, key, 0);
            }
        }

        for (int length = 0; length < coded.Payload.Length; length++)
        {
            Assert.NotEqual(DecodeStatus.Ok, call.Decoder.Decode(coded.Payload[..length], call.Shown));
        }

        Show(call, coded, 3);
        Assert.True(call.Encoder.LastState.SequenceEqual(call.Decoder.LastState));
    }

    [Fact]
    public void Coding_what_moves_allocates_nothing_per_frame()
    {
        using Call call = new(bundle: Moving);
        VideoFrame[] walls = [.. Enumerable.Range(0, 48).Select(Wall)];
        EncodedFrame coded = new();
        long allocated = 0;
        for (int time = 0; time < walls.Length; time++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            call.Encoder.Encode(walls[time], new EncodeRequest(Call.Qp), coded);
            call.Decoder.Decode(coded.Payload, call.Shown);

            // The first frames make the buffers and the bindings of the slots in turn, moved and not.
            allocated += time < 24 ? 0 : GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    [Fact]
    public void A_model_whose_state_holds_no_picture_is_refused_with_the_reason()
    {
        ModelVariant variant = FakeModel.Variant(Width, Height);
        ModelBundle broken = ModelBundle.Of(
            FakeModel.Version, "broken", 1, [variant with { Metadata = variant.Metadata with { MotionCompensation = MlvcRtc.Codec.Motion.MotionCompensationKind.Overlapped16 } }]);
        using Call call = new(bundle: broken);

        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => call.Encode(Wall(0)));

        Assert.Contains("motion compensation", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, call.EncoderEngine.Open);
    }

    /// <summary>Dark left of an edge that moves a sample to the right with every picture.</summary>
    private static VideoFrame Wall(int time)
    {
        VideoFrame picture = new(Width, Height) { CaptureTime = TimeSpan.FromMilliseconds(33 * time) };
        for (int k = 0; k < picture.Y.Length; k++)
        {
            picture.Y[k] = (byte)(k % Width < 48 + time ? 40 : 200);
        }

        picture.U.Fill(128);
        picture.V.Fill(128);
        return picture;
    }

    /// <summary>What is shown lies nearer to the wall than the key picture does, which is what would be shown if nothing moved. Exact it is at the key frame only: blocks overlap.</summary>
    private static void Show(Call call, EncodedFrame coded, int time, int key = 0)
    {
        Assert.Equal(DecodeStatus.Ok, call.Decode(coded));
        Assert.InRange(Difference(Wall(time), call.Shown), 0, Difference(Wall(time), Wall(key)));
    }

    private static int Difference(VideoFrame a, VideoFrame b)
    {
        int sum = 0;
        for (int k = 0; k < a.Samples.Length; k++)
        {
            sum += int.Abs(a.Samples[k] - b.Samples[k]);
        }

        return sum;
    }
}
