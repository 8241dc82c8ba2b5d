using MlvcRtc.Codec;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Codec;

/// <summary>The transport's word about a frame against the frame's own headers.</summary>
public sealed class DeliveredFrameTests : IDisposable
{
    private readonly Call _call = new();

    public void Dispose() => _call.Dispose();

    [Fact]
    public void A_forged_descriptor_over_valid_bytes_is_corrupt_shows_nothing_and_costs_no_state()
    {
        EncodedFrame key = _call.Encode(0);
        Refused(key, frame => frame.Type = FrameType.Inter);
        Refused(key, frame => frame.LtrSlot = 1);
        Refused(key, frame => frame.LtrSlot = null);
        Refused(key, frame => (frame.CodedWidth, frame.CodedHeight) = (frame.CodedHeight, frame.CodedWidth));
        _call.Show(key, 0);

        EncodedFrame plain = _call.Encode(1);
        Refused(plain, frame => frame.Type = FrameType.Intra);
        Refused(plain, frame => frame.FrameId++);
        Refused(plain, frame => frame.ReferenceId--);
        Refused(plain, frame => (frame.FrameId, frame.ReferenceId) = ((ushort)(frame.FrameId + 7), (ushort)(frame.ReferenceId + 7)));
        Refused(plain, frame => frame.TemporalId = 1);
        Refused(plain, frame => frame.LtrSlot = 2);
        _call.Show(plain, 1);

        EncodedFrame marked = _call.Encode(2, new EncodeRequest(Call.Qp, MarkSlot: 2));
        Refused(marked, frame => frame.LtrSlot = null);
        Refused(marked, frame => frame.LtrSlot = 0);
        Refused(marked, frame => frame.Type = FrameType.Recovery);  // its reference is in no slot
        _call.Show(marked, 2);
        _call.Show(_call.Encode(3), 3);
        _call.Show(_call.Encode(4, new EncodeRequest(Call.Qp, RecoverFromSlot: 2)), 4);
    }

    [Fact]
    public void Key_frames_are_told_apart_by_their_ids_too()
    {
        _call.Show(_call.Encode(0), 0);
        EncodedFrame old = _call.Encode(1);
        _call.Show(_call.Encode(2, new EncodeRequest(Call.Qp, KeyFrame: true)), 2);

        // Index 1 after index 0, as the new run would have it, but two frames too old.
        Assert.Equal(DecodeStatus.Corrupt, _call.Decode(old));
        _call.Show(_call.Encode(3), 3);
    }

    [Fact]
    public void A_model_tag_that_no_installed_model_has_is_refused_before_decoding_with_a_remedy()
    {
        EncodedFrame key = _call.Encode(0);
        key.ModelTag ^= 1;
        Assert.Equal(DecodeStatus.UnknownModel, _call.Decode(key));
        Assert.Contains($"{key.ModelTag:x8}", _call.Decoder.LastError, StringComparison.Ordinal);
        Assert.Contains("mlvcrtc models import", _call.Decoder.LastError, StringComparison.Ordinal);
        Assert.True(_call.Decoder.LastState.IsEmpty);
    }

    [Fact]
    public void The_tag_of_another_installed_model_is_a_contradiction()
    {
        ModelBundle own = _call.Bundle;
        ModelBundle other = ModelBundle.Of(new ModelVersion(own.Version.Major, (byte)(own.Version.Minor + 1)), "other", own.ModelTag + 1, own.Models);
        using Decoder decoder = new([own, other], _call.DecoderEngine);
        EncodedFrame key = _call.Encode(0);
        key.ModelTag = other.ModelTag;
        Assert.Equal(DecodeStatus.Corrupt, decoder.Decode(key, _call.Shown));
        key.ModelTag = own.ModelTag;
        Assert.Equal(DecodeStatus.Ok, decoder.Decode(key, _call.Shown));
    }

    private void Refused(EncodedFrame frame, Action<EncodedFrame> forge)
    {
        EncodedFrame forged = new();
        forged.CopyFrom(frame);
        forge(forged);
        byte[] state = _call.Decoder.LastState.ToArray();
        byte[] shown = _call.Shown.Samples.ToArray();
        Assert.Equal(DecodeStatus.Corrupt, _call.Decode(forged));
        Assert.NotNull(_call.Decoder.LastError);
        Assert.True(state.AsSpan().SequenceEqual(_call.Decoder.LastState) && shown.AsSpan().SequenceEqual(_call.Shown.Samples), _call.Decoder.LastError);
    }
}
