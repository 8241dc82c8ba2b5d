using MlvcRtc.Codec.References;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Codec;

public sealed class EncoderTests
{
    [Fact]
    public void TheFirstFrameIsAKeyFrameAndTheOthersFollowEachOther()
    {
        using Call call = new();

        for (int time = 0; time < 20; time++)
        {
            EncodedFrame coded = call.Encode(time);

            Assert.Equal(time == 0 ? FrameType.Intra : FrameType.Inter, coded.Type);
            Assert.Equal(time, coded.FrameId);
            Assert.Equal(int.Max(time - 1, 0), coded.ReferenceId);
            Assert.Equal((128, 80), (coded.CodedWidth, coded.CodedHeight));
            Assert.Equal(0xFA4E_0001u, coded.ModelTag);
            Assert.Equal(TimeSpan.FromMilliseconds(33 * time), coded.CaptureTime);
            call.Show(coded, time);
        }
    }

    [Fact]
    public void ARateControllerKnowsBeforehandWhatTheNextFrameWillBe()
    {
        // The file profile recovers from the root of its chain every 64 frames; picture 40 has another size, picture 60 is asked to be a key frame.
        using Call call = new(gop: GopOptions.ForFile());
        List<FrameType> seen = [];
        for (int time = 0; time < 130; time++)
        {
            VideoFrame picture = Call.Blocks(time < 40 ? 128 : 64, 64, time);
            EncodeRequest request = new(Call.Qp, KeyFrame: time == 60);

            FrameType expected = call.Encoder.Preview(picture, request);

            Assert.Equal(expected, call.Encode(picture, request).Type);
            seen.Add(expected);
        }

        Assert.Equal([0, 40, 60], seen.Index().Where(frame => frame.Item == FrameType.Intra).Select(frame => frame.Index));
        Assert.Equal([60 + 64], seen.Index().Where(frame => frame.Item == FrameType.Recovery).Select(frame => frame.Index));
    }

    [Fact]
    public void AFrameThatIsTooLargeIsCodedOnceMoreAndCoarser()
    {
        using Call call = new();
        call.Show(call.Encode(0, new EncodeRequest(Call.Qp, MostBits: 1)), 0);
        EncodedFrame key = call.Encode(Call.Blocks(128, 80, 1), new EncodeRequest(Call.Qp, KeyFrame: true, MostBits: 1));
        Assert.Equal(Call.Qp, key.Qp);  // a key frame may cost what it costs

        EncodedFrame again = call.Encode(2, new EncodeRequest(Call.Qp, MostBits: 1));
        Assert.True(again.Qp < Call.Qp);  // this model has no mapping: its QP is the quality index
        Assert.Equal(DecodeStatus.Ok, call.Decoder.Decode(key, new VideoFrame()));
        call.Show(again, 2);
        Assert.Equal(Call.Qp, call.Encode(3, new EncodeRequest(Call.Qp, MostBits: 1_000_000)).Qp);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(-1, true)]
    public void TheBoundIsOfTheWholeAccessUnit(int beyond, bool coarser)
    {
        using Call free = new();
        using Call bound = new();
        free.Encode(0);
        bound.Encode(0);
        int size = free.Encode(1).Payload.Length;
        Assert.Equal(coarser, bound.Encode(1, new EncodeRequest(Call.Qp, MostBits: (8 * size) + beyond)).Qp != Call.Qp);
    }

    [Fact]
    public void SenderAndReceiverHoldTheSameStateAfterEveryFrame()
    {
        using Call call = new(temporalLayers: 2);

        for (int time = 0; time < 40; time++)
        {
            EncodeRequest request = new(Call.Qp, KeyFrame: time == 25, MarkSlot: time % 7 == 3 ? time % 8 : null);
            call.Show(call.Encode(time, request), time);

            Assert.True(call.Encoder.LastState.SequenceEqual(call.Decoder.LastState));
        }
    }

    [Fact]
    public void FrameIdsRunOnOverKeyFramesWhereTheBitstreamsIndexRestarts()
    {
        using Call call = new();
        call.Encode(0);
        call.Encode(1);

        EncodedFrame key = call.Encode(2, new EncodeRequest(Call.Qp, KeyFrame: true));
        EncodedFrame next = call.Encode(3);

        Assert.Equal((FrameType.Intra, 2, 2), (key.Type, key.FrameId, key.ReferenceId));
        Assert.Equal((FrameType.Inter, 3, 2), (next.Type, next.FrameId, next.ReferenceId));
        call.Show(key, 2);
        call.Show(next, 3);
        Assert.Equal(1, call.Decoder.LastFrame.Header.FrameIndex);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(26)]
    [InlineData(51)]
    public void TheRequestedQpReachesBothNetworksWithTheFramesShift(int qp)
    {
        using Call call = new();
        int[] shifts = [8, 0, 4, 0, 4, 0, 4, 0, 8];

        for (int time = 0; time < shifts.Length; time++)
        {
            EncodedFrame coded = call.Encode(time, new EncodeRequest(qp));
            call.Show(coded, time);

            Assert.Equal(qp, coded.Qp);
            Assert.Equal(qp, call.Decoder.LastFrame.Header.Qp);
            Assert.Equal(qp + shifts[time], call.EncoderEngine.LastShiftedIndex);
            Assert.Equal(qp + shifts[time], call.DecoderEngine.LastShiftedIndex);
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(52)]
    public void AQpOutOfRangeIsRefused(int qp)
    {
        using Call call = new();

        Assert.Throws<ArgumentOutOfRangeException>(() => call.Encoder.Encode(Call.Blocks(64, 64, 0), new EncodeRequest(qp), new EncodedFrame()));
    }

    [Fact]
    public void AMarkedFrameRepairsTheChainThatALossBroke()
    {
        using Call call = new();
        call.Show(call.Encode(0), 0);
        call.Show(call.Encode(1, new EncodeRequest(Call.Qp, MarkSlot: 3)), 1);
        call.Show(call.Encode(2), 2);
        call.Encode(3); // lost
        EncodedFrame broken = call.Encode(4);

        Assert.Equal(DecodeStatus.MissingReference, call.Decode(broken));
        EncodedFrame recovery = call.Encode(5, new EncodeRequest(Call.Qp, RecoverFromSlot: 3));

        Assert.Equal((FrameType.Recovery, 5, 1), (recovery.Type, recovery.FrameId, recovery.ReferenceId));
        call.Show(recovery, 5);
        call.Show(call.Encode(6), 6);
    }

    [Fact]
    public void MarkingIsReportedWithTheFrameThatCarriesIt()
    {
        using Call call = new(temporalLayers: 2);

        Assert.Equal(0, call.Encode(0).LtrSlot);
        Assert.Null(call.Encode(1, new EncodeRequest(Call.Qp, MarkSlot: 5)).LtrSlot); // layer 1 is never kept: the mark waits
        Assert.Equal(5, call.Encode(2).LtrSlot);
        Assert.Null(call.Encode(3).LtrSlot);
    }

    [Theory]
    [InlineData(6)]
    [InlineData(8)]
    [InlineData(-1)]
    public void RecoveringFromASlotThatHoldsNothingIsRefusedAndChangesNothing(int slot)
    {
        using Call call = new();
        call.Show(call.Encode(0), 0);

        EncodeStatus status = call.Encoder.Encode(Call.Blocks(128, 80, 1), new EncodeRequest(Call.Qp, RecoverFromSlot: slot), new EncodedFrame());

        Assert.Equal(EncodeStatus.NoSuchReference, status);
        EncodedFrame next = call.Encode(1);
        Assert.Equal(1, next.FrameId);
        call.Show(next, 1);
    }

    [Fact]
    public void ANewPictureSizeStartsWithAKeyFrameOfThatSize()
    {
        using Call call = new();
        call.Show(call.Encode(Call.Blocks(128, 80, 0)), 0);
        call.Show(call.Encode(Call.Blocks(128, 80, 1)), 1);

        EncodedFrame larger = call.Encode(Call.Blocks(256, 144, 2));
        EncodedFrame next = call.Encode(Call.Blocks(256, 144, 3));

        Assert.Equal((FrameType.Intra, 256, 144), (larger.Type, larger.CodedWidth, larger.CodedHeight));
        Assert.Equal(FrameType.Inter, next.Type);
        call.Show(larger, 2);
        call.Show(next, 3);
        Assert.Equal((256, 144), (call.Shown.Width, call.Shown.Height));
        Assert.Equal(1, call.EncoderEngine.Open);
        Assert.Equal(1, call.DecoderEngine.Open);
    }

    [Theory]
    [InlineData(100, 70)]
    [InlineData(66, 64)]
    [InlineData(250, 2)]
    [InlineData(144, 256)]
    [InlineData(70, 100)]
    [InlineData(64, 66)]
    public void APictureThatFitsComesBackInItsOwnSizeAndTheRightWayUp(int width, int height)
    {
        using Call call = new();

        for (int time = 0; time < 3; time++)
        {
            call.Show(call.Encode(Call.Blocks(width, height, time)), time);
            Assert.Equal((width, height), (call.Shown.Width, call.Shown.Height));
        }
    }

    [Theory]
    [InlineData(1920, 1080, 256, 144)]
    [InlineData(1080, 1920, 144, 256)]
    [InlineData(512, 512, 144, 144)]
    public void WhatExceedsTheLargestModelIsScaledDown(int width, int height, int shownWidth, int shownHeight)
    {
        using Call call = new();
        VideoFrame grey = new(width, height);
        grey.Samples.Fill(77);

        Assert.Equal(DecodeStatus.Ok, call.Decode(call.Encode(grey)));

        Assert.Equal((shownWidth, shownHeight), (call.Shown.Width, call.Shown.Height));
        Assert.False(call.Shown.Y.ContainsAnyExcept((byte)77));
    }

    [Fact]
    public void EveryEvenSizeUpTo1920x1080IsCoded()
    {
        Random random = new(11);
        using Call call = new();
        for (int trial = 0; trial < 40; trial++)
        {
            VideoFrame picture = new(random.Next(32, 961) * 2, random.Next(32, 541) * 2);
            picture.Samples.Fill((byte)trial);

            Assert.Equal(DecodeStatus.Ok, call.Decode(call.Encode(picture)));

            Assert.InRange(call.Shown.Width, 2, picture.Width);
            Assert.InRange(call.Shown.Height, 2, picture.Height);
            Assert.False(call.Shown.Y.ContainsAnyExcept((byte)trial));
        }
    }

    [Theory]
    [InlineData(1922, 1080)]
    [InlineData(1082, 1920)]
    [InlineData(1200, 1200)]
    public void APictureBeyondFullHdIsRefused(int width, int height)
    {
        using Call call = new();

        Assert.Equal(EncodeStatus.PictureTooLarge, call.Encoder.Encode(new VideoFrame(width, height), new EncodeRequest(Call.Qp), new EncodedFrame()));
    }

    [Fact]
    public void AnOddPictureCannotEvenBeMade()
    {
        ArgumentOutOfRangeException refusal = Assert.Throws<ArgumentOutOfRangeException>(() => new VideoFrame(65, 64));
        Assert.Contains("even", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FramesMadeDiscardableByRequestMayBeLostWithoutHarm()
    {
        using Call call = new();
        call.Show(call.Encode(0), 0);
        for (int time = 1; time < 20; time += 2)
        {
            EncodedFrame odd = call.Encode(time, new EncodeRequest(Call.Qp, Discardable: true));
            Assert.Equal((true, 1), (odd.Discardable, odd.TemporalId));
            if (time % 3 == 0)
            {
                call.Show(odd, time);
            }

            EncodedFrame next = call.Encode(time + 1);
            Assert.Equal((odd.FrameId - 1, false), (next.ReferenceId, next.Discardable));
            call.Show(next, time + 1);
            Assert.True(call.Encoder.LastState.SequenceEqual(call.Decoder.LastState));
        }
    }

    [Fact]
    public void DroppingTheUpperLayerHalvesTheFramesAndHarmsNothing()
    {
        using Call call = new(temporalLayers: 2);

        for (int time = 0; time < 12; time++)
        {
            EncodedFrame coded = call.Encode(time);
            Assert.Equal(time % 2, coded.TemporalId);
            Assert.Equal(time % 2 == 1, coded.Discardable);
            if (!coded.Discardable)
            {
                call.Show(coded, time);
            }
        }
    }

    [Fact]
    public void ChangingTheNumberOfLayersNeedsNoKeyFrame()
    {
        using Call call = new(temporalLayers: 2);
        for (int time = 0; time < 4; time++)
        {
            call.Show(call.Encode(time), time);
        }

        call.Encoder.Reconfigure(GopOptions.ForCall(temporalLayers: 1));
        EncodedFrame next = call.Encode(4);

        Assert.Equal((FrameType.Inter, 0), (next.Type, next.TemporalId));
        call.Show(next, 4);
    }

    [Fact]
    public void AFailureOfTheDeviceLosesOneFrameAndNoState()
    {
        using Call call = new();
        call.Show(call.Encode(0), 0);
        call.EncoderEngine.FailNextRun = true;

        Assert.Throws<InvalidOperationException>(() => call.Encode(1));

        EncodedFrame next = call.Encode(2);
        Assert.Equal((1, 0), (next.FrameId, next.ReferenceId));
        call.Show(next, 2);
    }

    [Fact]
    public void AFailureAtAChangeOfSizeLeavesTheOldSizeAsItWas()
    {
        using Call call = new();
        call.Show(call.Encode(0), 0);
        call.EncoderEngine.FailNextRun = true;

        Assert.Throws<InvalidOperationException>(() => call.Encode(Call.Blocks(256, 144, 1)));

        EncodedFrame next = call.Encode(2);
        Assert.Equal(FrameType.Inter, next.Type);
        call.Show(next, 2);
        Assert.Equal(1, call.EncoderEngine.Open);
    }

    [Fact]
    public void AFileRestartsItsIndicesAfter1024FramesAndACallNever()
    {
        using Call file = new(gop: GopOptions.ForFile());
        using Call call = new();
        for (int time = 0; time < 1030; time++)
        {
            EncodedFrame filed = file.Encode(Call.Blocks(64, 64, time));
            EncodedFrame called = call.Encode(Call.Blocks(64, 64, time));

            Assert.Equal(time % 1024 == 0, filed.Type == FrameType.Intra);
            Assert.Equal(time == 0, called.Type == FrameType.Intra);
            file.Show(filed, time);
            Assert.True(file.Encoder.LastState.SequenceEqual(file.Decoder.LastState));
        }
    }

    [Fact]
    public void AStreamOfEqualPicturesAllocatesNothing()
    {
        using Call call = new();
        VideoFrame picture = Call.Blocks(100, 70, 0);
        EncodedFrame coded = new();
        for (int warmUp = 0; warmUp < 8; warmUp++)
        {
            call.Encoder.Encode(picture, new EncodeRequest(Call.Qp), coded);
            call.Decoder.Decode(coded.Payload, call.Shown);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int frame = 0; frame < 32; frame++)
        {
            call.Encoder.Encode(picture, new EncodeRequest(Call.Qp), coded);
            call.Decoder.Decode(coded.Payload, call.Shown);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
