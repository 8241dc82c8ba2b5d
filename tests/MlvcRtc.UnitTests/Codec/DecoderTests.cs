using MlvcRtc.Codec;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Codec;

public sealed class DecoderTests
{
    [Fact]
    public void AfterALossEveryFrameOfTheBrokenChainIsMissingItsReference()
    {
        using Call call = new();
        call.Show(call.Encode(0), 0);
        call.Encode(1); // lost

        for (int time = 2; time < 6; time++)
        {
            Assert.Equal(DecodeStatus.MissingReference, call.Decode(call.Encode(time)));
            Assert.Contains("key frame", call.Decoder.LastError, StringComparison.Ordinal);
        }

        call.Show(call.Encode(6, new EncodeRequest(Call.Qp, KeyFrame: true)), 6);
        Assert.Null(call.Decoder.LastError);
    }

    [Fact]
    public void AFrameBeforeAnyKeyFrameAsksForOne()
    {
        using Call call = new();
        call.Encode(0);

        Assert.Equal(DecodeStatus.NeedsKeyFrame, call.Decode(call.Encode(1)));
    }

    [Fact]
    public void ParameterSetsAloneAreHarmless()
    {
        using Call call = new();
        byte[] key = call.Encode(0).Payload.ToArray();
        int frame = key.AsSpan().LastIndexOf(new byte[] { 0, 0, 0, 1 });

        Assert.Equal(DecodeStatus.NoPicture, call.Decoder.Decode(key.AsSpan(0, frame), call.Shown));
        Assert.Equal(DecodeStatus.Ok, call.Decoder.Decode(key.AsSpan(frame), call.Shown));
    }

    [Fact]
    public void EveryTruncationIsAnErrorAndTheWholeFrameStillDecodesAfterwards()
    {
        using Call call = new();
        call.Show(call.Encode(0), 0);
        EncodedFrame coded = call.Encode(1);

        for (int length = 0; length < coded.Payload.Length; length++)
        {
            Assert.NotEqual(DecodeStatus.Ok, call.Decoder.Decode(coded.Payload[..length], call.Shown));
        }

        call.Show(coded, 1);
        Assert.True(call.Encoder.LastState.SequenceEqual(call.Decoder.LastState));
    }

    [Fact]
    public void DamagedPayloadsAreFoundOrHarmlessAndNeverStickToTheDecoder()
    {
        using Call call = new();
        EncodedFrame key = call.Encode(0);
        EncodedFrame coded = call.Encode(1);
        call.Show(key, 0);
        int corrupt = 0;
        for (int bit = 0; bit < 8 * coded.Payload.Length; bit++)
        {
            byte[] damaged = coded.Payload.ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            VideoFrame shown = new();
            shown.CopyFrom(call.Shown);

            DecodeStatus status = call.Decoder.Decode(damaged, call.Shown);

            if (status == DecodeStatus.Ok)
            {
                // A different valid frame: possible where the header was hit. Start over.
                call.RestartDecoder();
                call.Show(key, 0);
            }
            else
            {
                corrupt += status == DecodeStatus.Corrupt ? 1 : 0;
                Assert.True(shown.Samples.SequenceEqual(call.Shown.Samples));
            }
        }

        Assert.InRange(corrupt, 4 * coded.Payload.Length, 8 * coded.Payload.Length);
        call.Show(coded, 1);
    }

    [Fact]
    public void ADamagedKeyFrameDoesNotLetOldFramesPassForNewOnes()
    {
        using Call call = new();
        call.Show(call.Encode(0), 0);
        call.Show(call.Encode(1), 1);
        byte[] damagedKey = call.Encode(2, new EncodeRequest(Call.Qp, KeyFrame: true)).Payload.ToArray();
        damagedKey[^8] ^= 0x55;

        Assert.Equal(DecodeStatus.Corrupt, call.Decoder.Decode(damagedKey, call.Shown));

        // The next frame is predicted from index 0, and an old frame of index 0 was still held.
        Assert.Equal(DecodeStatus.MissingReference, call.Decode(call.Encode(3)));
    }

    [Fact]
    public void AFailureOfTheDeviceLosesNoState()
    {
        using Call call = new();
        call.Show(call.Encode(0), 0);
        EncodedFrame coded = call.Encode(1);
        call.DecoderEngine.FailNextRun = true;

        Assert.Throws<InvalidOperationException>(() => call.Decode(coded));

        call.Show(coded, 1);
        Assert.True(call.Encoder.LastState.SequenceEqual(call.Decoder.LastState));
    }

    [Fact]
    public void GarbageIsNeverAPictureAndNeverThrows()
    {
        using Call call = new();
        call.Show(call.Encode(0), 0);
        EncodedFrame coded = call.Encode(1);
        Random random = new(12);
        for (int trial = 0; trial < 5000; trial++)
        {
            byte[] garbage = new byte[random.Next(200)];
            random.NextBytes(garbage);
            if (trial % 2 == 0 && garbage.Length > 6)
            {
                // Behind a plausible beginning: start code and a picture's header.
                new byte[] { 0, 0, 0, 1, 2, 1 }.CopyTo(garbage, 0);
            }

            Assert.NotEqual(DecodeStatus.Ok, call.Decoder.Decode(garbage, call.Shown));
        }

        call.Show(coded, 1);
        Assert.Equal(1, call.DecoderEngine.Open);
    }

    [Fact]
    public void AnUnknownModelIsNamedWithTheRemedy()
    {
        using Call call = new();
        using Decoder other = new([FakeModel.Bundle(new ModelVersion(0, 241), (128, 80))], new FakeEngine());

        Assert.Equal(DecodeStatus.UnknownModel, other.Decode(call.Encode(0).Payload, call.Shown));

        Assert.Contains("v0.240", other.LastError, StringComparison.Ordinal);
        Assert.Contains("v0.241", other.LastError, StringComparison.Ordinal);
        Assert.Contains("mlvcrtc models import", other.LastError, StringComparison.Ordinal);
    }

    [Fact]
    public void AnUnknownSizeIsNamedWithTheOnesThereAre()
    {
        using Call call = new();
        using Decoder other = new([FakeModel.Bundle((64, 64))], new FakeEngine());

        Assert.Equal(DecodeStatus.UnknownModel, other.Decode(call.Encode(0).Payload, call.Shown));

        Assert.Contains("128x80", other.LastError, StringComparison.Ordinal);
        Assert.Contains("64x64", other.LastError, StringComparison.Ordinal);
    }

    [Fact]
    public void TwoBundlesOfOneVersionAreRefused()
    {
        Assert.Throws<ArgumentException>(() => new Decoder([FakeModel.Bundle((64, 64)), FakeModel.Bundle((128, 80))], new FakeEngine()));
    }

    [Fact]
    public void AStreamMaySwitchBetweenModelsThatAreInstalled()
    {
        using Call call = new();
        using Call second = new(bundle: FakeModel.Bundle(new ModelVersion(0, 241), (128, 80)));
        using Decoder both = new([call.Bundle, second.Bundle], new FakeEngine());
        foreach (EncodedFrame coded in new[] { call.Encode(0), call.Encode(1), second.Encode(0), second.Encode(1) })
        {
            Assert.Equal(DecodeStatus.Ok, both.Decode(coded.Payload, call.Shown));
        }
    }

    [Fact]
    public void OnlyTheSizeInUseIsLoaded()
    {
        using Call call = new();
        Assert.Equal(0, call.DecoderEngine.Loads);

        call.Show(call.Encode(0), 0);
        call.Show(call.Encode(1), 1);

        Assert.Equal(1, call.DecoderEngine.Loads);
    }

    [Fact]
    public void TheFramesHeaderCanBeReadAfterwards()
    {
        using Call call = new();
        call.Show(call.Encode(0), 0);
        call.Show(call.Encode(1, new EncodeRequest(33, MarkSlot: 2)), 1);

        FrameInfo info = call.Decoder.LastFrame;

        Assert.Equal((FrameType.Inter, 33, 1, 0), (info.Type, info.Header.Qp, info.Header.FrameIndex, info.Header.ReferenceIndex));
        Assert.Equal((0, 1), (info.Header.LtrTable[0], info.Header.LtrTable[2]));
        Assert.Equal((128, 80), (info.Sps.DisplayWidth, info.Sps.DisplayHeight));
    }
}
