using MlvcRtc.Lab.Clips;
using MlvcRtc.Lab.TestCodec;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Lab.TestCodec;

/// <summary>The test codec keeps references as the real one does: what it lets a call get away with, the real one must, too.</summary>
public sealed class TestCodecTests : IDisposable
{
    private readonly TestEncoder _encoder = new();
    private readonly TestDecoder _decoder = new();
    private readonly VideoFrame _picture = new(64, 64);

    public TestCodecTests() => _picture.Samples.Fill(90);

    public void Dispose()
    {
        _encoder.Dispose();
        _decoder.Dispose();
    }

    [Fact]
    public void A_key_frame_goes_to_slot_0_and_empties_the_others()
    {
        Code(new EncodeRequest(30));
        Code(new EncodeRequest(30, MarkSlot: 3));
        EncodedFrame key = Code(new EncodeRequest(30, KeyFrame: true));
        Assert.Equal((FrameType.Intra, 0), (key.Type, key.LtrSlot));
        Assert.Equal(EncodeStatus.NoSuchReference, _encoder.Encode(_picture, new EncodeRequest(30, RecoverFromSlot: 3), new EncodedFrame()));
        Assert.Equal(FrameType.Recovery, Code(new EncodeRequest(30, RecoverFromSlot: 0)).Type);
    }

    [Fact]
    public void A_frame_whose_reference_was_lost_is_refused_and_a_recovery_frame_from_a_held_slot_decodes()
    {
        Decode(Code(new EncodeRequest(30)), DecodeStatus.Ok);
        Decode(Code(new EncodeRequest(30, MarkSlot: 2)), DecodeStatus.Ok);
        Code(new EncodeRequest(30));  // lost
        Decode(Code(new EncodeRequest(30)), DecodeStatus.MissingReference);
        Decode(Code(new EncodeRequest(30, RecoverFromSlot: 2)), DecodeStatus.Ok);
        Decode(Code(new EncodeRequest(30)), DecodeStatus.Ok);
    }

    [Fact]
    public void A_slot_whose_frame_was_lost_stays_empty_at_the_decoder_and_an_overwritten_one_is_gone()
    {
        Decode(Code(new EncodeRequest(30)), DecodeStatus.Ok);
        Code(new EncodeRequest(30, MarkSlot: 0));  // lost: replaces the key frame in slot 0
        Decode(Code(new EncodeRequest(30, RecoverFromSlot: 0)), DecodeStatus.MissingReference);

        // The lost frame's successor could still be predicted from the key frame, which is the newest that the decoder has; nothing names it any more.
        Decode(Code(new EncodeRequest(30, KeyFrame: true)), DecodeStatus.Ok);
    }

    [Fact]
    public void Damaged_bytes_are_refused()
    {
        EncodedFrame frame = Code(new EncodeRequest(30));
        byte[] bytes = frame.Payload.ToArray();
        bytes[40] ^= 1;
        frame.SetPayload(bytes);
        Decode(frame, DecodeStatus.Corrupt);
    }

    [Fact]
    public void A_descriptor_that_contradicts_the_frame_makes_it_corrupt_and_an_unknown_tag_is_named_so()
    {
        EncodedFrame key = Code(new EncodeRequest(30));
        Forged(key, frame => frame.CodedWidth = 32, DecodeStatus.Corrupt);
        Forged(key, frame => frame.LtrSlot = null, DecodeStatus.Corrupt);
        Forged(key, frame => frame.ModelTag++, DecodeStatus.UnknownModel);
        Decode(key, DecodeStatus.Ok);

        EncodedFrame next = Code(new EncodeRequest(30, MarkSlot: 2));
        Forged(next, frame => (frame.Type, frame.ReferenceId) = (FrameType.Intra, frame.FrameId), DecodeStatus.Corrupt);
        Forged(next, frame => frame.Type = FrameType.Recovery, DecodeStatus.Corrupt);
        Forged(next, frame => frame.FrameId++, DecodeStatus.Corrupt);
        Forged(next, frame => frame.ReferenceId--, DecodeStatus.Corrupt);
        Forged(next, frame => frame.LtrSlot = 3, DecodeStatus.Corrupt);
        Forged(next, frame => frame.TemporalId = 1, DecodeStatus.Corrupt);
        Decode(next, DecodeStatus.Ok);
    }

    [Fact]
    public void Frames_grow_by_a_third_with_each_doubling_of_the_distance_and_key_frames_are_ten_times_as_large()
    {
        int ordinary = TestEncoder.FrameBytes(30, 640, 360);
        VideoFrame picture = new(640, 360);
        EncodedFrame coded = new();
        List<double> weights = [];
        for (int i = 0; i < 9; i++)
        {
            Assert.Equal(EncodeStatus.Ok, _encoder.Encode(picture, new EncodeRequest(30, RecoverFromSlot: i is 4 or 8 ? 0 : null), coded));
            weights.Add((double)coded.Payload.Length / ordinary);
        }

        Assert.Equal([10, 1, 1, 1, 1.66, 1, 1, 1, 1.99], weights.Select(weight => Math.Round(weight, 2)));
    }

    [Theory]
    [InlineData(18)]
    [InlineData(33)]
    [InlineData(48)]
    public void The_mosaic_is_as_good_as_its_QP(int qp)
    {
        VideoFrame scene = new();
        new SyntheticScene(640, 360, new FrameRate(30, 1), seed: 1).Render(scene, 5);
        EncodedFrame coded = new();
        VideoFrame shown = new();
        double db = 0;
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(EncodeStatus.Ok, _encoder.Encode(scene, new EncodeRequest(qp), coded));
            Assert.Equal(DecodeStatus.Ok, _decoder.Decode(coded, shown));
            db += Mosaic.Compare(shown, scene) / 20;
        }

        Assert.InRange(db, TestEncoder.QualityDb(qp) - 0.7, TestEncoder.QualityDb(qp) + 0.7);  // whole luma steps
    }

    [Fact]
    public void A_stale_picture_is_worse_the_older_it_is()
    {
        SyntheticScene clip = new(640, 360, new FrameRate(30, 1), seed: 1);
        VideoFrame then = new();
        clip.Render(then, 0);
        double[] db = [.. new[] { 1, 3, 9 }.Select(later =>
        {
            VideoFrame now = new();
            clip.Render(now, later);
            return Mosaic.Compare(then, now);
        })];
        Assert.True(db[0] > db[1] && db[1] > db[2], string.Join(", ", db));
    }

    private EncodedFrame Code(EncodeRequest request)
    {
        EncodedFrame coded = new();
        Assert.Equal(EncodeStatus.Ok, _encoder.Encode(_picture, request, coded));
        return coded;
    }

    private void Decode(EncodedFrame frame, DecodeStatus expected) => Assert.Equal(expected, _decoder.Decode(frame, new VideoFrame()));

    private void Forged(EncodedFrame frame, Action<EncodedFrame> forge, DecodeStatus expected)
    {
        EncodedFrame forged = new();
        forged.CopyFrom(frame);
        forge(forged);
        Decode(forged, expected);
    }
}
