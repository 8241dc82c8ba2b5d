using MlvcRtc.Lab.TestCodec;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;

namespace MlvcRtc.UnitTests.Call.Sending;

/// <summary>Bytes of feedback in, packets out.</summary>
public sealed class AnswersToTheReceiverTests
{
    [Fact]
    public void A_report_of_a_broken_picture_is_answered_from_the_confirmed_reference()
    {
        SenderRig rig = new SenderRig().Capture(12);
        rig.Say(best: 4, received: 9);
        rig.Say(best: 4, received: 9, broken: true);
        rig.Capture();

        Assert.Equal((FrameType.Recovery, (ushort)12, (ushort)4), rig.Frames[^1]);
        Assert.Equal((1, 1), (rig.Stage.RepairFrames, rig.Stage.KeyFrames));
    }

    [Fact]
    public void A_FIR_is_obeyed_once_however_often_it_is_repeated()
    {
        SenderRig rig = new SenderRig().Capture(20);
        byte[] demand = new byte[FullIntraRequest.SizeBytes];
        new FullIntraRequest(1, SenderRig.Ssrc, 9).Write(demand);
        for (int i = 0; i < 60; i++)
        {
            rig.Feedback.Receive(demand, rig.Now);
            rig.Capture();
        }

        Assert.Equal(2, rig.Stage.KeyFrames);
        Assert.Equal(1, rig.Feedback.KeyFrameRequests);
    }

    [Fact]
    public void An_RPSI_confirms_a_reference()
    {
        SenderRig rig = new SenderRig().Capture(12);
        byte[] confirmation = new byte[ReferencePictureSelection.SizeBytes];
        new ReferencePictureSelection(1, SenderRig.Ssrc, 109, 8).Write(confirmation);
        rig.Feedback.Receive(confirmation, rig.Now);
        byte[] loss = new byte[PictureLossIndication.SizeBytes];
        new PictureLossIndication(1, SenderRig.Ssrc).Write(loss);
        rig.Feedback.Receive(loss, rig.Now);
        rig.Capture();
        Assert.Equal((FrameType.Recovery, (ushort)12, (ushort)8), rig.Frames[^1]);
    }

    [Fact]
    public void A_missing_packet_leaves_again_under_the_next_number_before_what_is_queued()
    {
        SenderRig rig = new SenderRig().Capture(5);
        byte[] lost = rig.Wire[^1];
        int sent = rig.Wire.Count;
        ushort next = (ushort)(SenderRig.NumberOf(lost) + 1);
        rig.Nack(SenderRig.NumberOf(lost));
        rig.Capture();

        byte[] again = rig.Wire[sent];
        Assert.Equal(next, SenderRig.NumberOf(again));
        Assert.Equal(lost[..2], again[..2]);  // marker and payload type
        Assert.Equal(lost[4..], again[4..]);  // timestamp, SSRC, payload
        Assert.Equal((1, 1), (rig.Feedback.PacketsRequested, rig.Sender.PacketsResent));

        // Numbers have no gap: nothing looks lost that was not.
        Assert.Equal(
            Enumerable.Range(0, rig.Wire.Count).Select(i => (ushort)(65_530 + i)),
            rig.Wire.Select(SenderRig.NumberOf));
    }

    [Fact]
    public void A_packet_that_a_repair_made_useless_is_not_sent_again()
    {
        SenderRig rig = new SenderRig().Capture(12);
        ushort old = SenderRig.NumberOf(rig.Wire[^1]);
        rig.Say(best: 4, received: 9);
        rig.Say(best: 4, received: 9, broken: true);
        rig.Capture();
        rig.Nack(old);
        rig.Capture(2);
        Assert.Equal(0, rig.Sender.PacketsResent);
    }

    [Fact]
    public void Retransmissions_are_paid_for_by_the_frames_that_follow()
    {
        SenderRig rig = new SenderRig().Capture(30);
        Assert.All(rig.Budget.Targets, target => Assert.Equal(300, target));
        int bytes = 0;
        foreach (byte[] packet in rig.Wire.Where(packet => !IsDiscardable(packet)).TakeLast(10).ToArray())  // nobody needs the others
        {
            rig.Nack(SenderRig.NumberOf(packet));
            bytes += packet.Length;
        }

        rig.Capture(2);
        Assert.Equal((10, (long)bytes), (rig.Sender.PacketsResent, rig.Sender.BytesResent));

        // Smoothed over a second, of which little has passed.
        Assert.InRange(300 - rig.Budget.TargetKbps, 0.9 * bytes * 8 / 1000, bytes * 8 / 1000.0);
        rig.Capture(150);
        Assert.InRange(rig.Budget.TargetKbps, 298, 300);
    }

    private static bool IsDiscardable(byte[] bytes)
    {
        Assert.True(RtpPacket.TryParse(bytes, out RtpPacket packet));
        Assert.Equal(DescriptorStatus.Ok, PayloadDescriptor.Read(packet.Payload, out PayloadDescriptor descriptor));
        return descriptor.Discardable;
    }

    [Fact]
    public void An_encoder_that_has_lost_its_references_goes_on_with_a_key_frame()
    {
        ForgetfulEncoder encoder = new();
        SenderRig rig = new SenderRig(encoder).Capture(20);
        rig.Say(best: 16, received: 18);
        encoder.RefusesSlots = true;
        rig.Say(best: 16, received: 18, broken: true);
        rig.Capture();
        Assert.Equal(FrameType.Intra, rig.Frames[^1].Type);
        rig.Capture(5);
        Assert.All(rig.Frames.TakeLast(5), frame => Assert.Equal(FrameType.Inter, frame.Type));
    }

    private sealed class ForgetfulEncoder : IVideoEncoder
    {
        private readonly TestEncoder _encoder = new();

        public bool RefusesSlots { get; set; }

        public EncodeStatus Encode(VideoFrame picture, in EncodeRequest request, EncodedFrame coded) =>
            RefusesSlots && request.RecoverFromSlot is not null ? EncodeStatus.NoSuchReference : _encoder.Encode(picture, request, coded);

        public void Dispose() => _encoder.Dispose();
    }
}
