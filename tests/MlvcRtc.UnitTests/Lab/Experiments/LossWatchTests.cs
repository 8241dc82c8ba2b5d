using MlvcRtc.Lab.Experiments;
using MlvcRtc.Lab.Network;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Payload;

namespace MlvcRtc.UnitTests.Lab.Experiments;

public sealed class LossWatchTests
{
    private readonly LossWatch _watch = new(new FrameNumbers(TimeSpan.FromMilliseconds(100)));
    private readonly Packetizer _packetizer = new(new RtpStreamSettings(1));

    [Fact]
    public void Recovery_lasts_from_the_arrival_the_first_lost_frame_would_have_had_to_the_first_decodable_one()
    {
        Send(0, 40, lost: false);
        Decode(0, 41);
        Send(1, 140, lost: true);
        Send(2, 240, lost: true);
        Send(3, 340, lost: false);
        Decode(3, 345);
        Assert.Equal([205.0], Milliseconds);
        Assert.False(_watch.IsBroken);
    }

    [Fact]
    public void A_frame_that_was_sent_again_ends_the_wait_itself()
    {
        Send(1, 140, lost: true);
        Send(2, 240, lost: false);
        Send(1, 300, lost: false);
        Decode(1, 300);
        Decode(2, 300);
        Assert.Equal([160.0], Milliseconds);
    }

    [Fact]
    public void Losses_of_frames_that_come_after_the_repair_are_another_recovery()
    {
        Send(1, 140, lost: true);
        Send(3, 340, lost: true);  // on its way when frame 2 ends the first recovery
        Decode(2, 240);
        Assert.True(_watch.IsBroken);
        Decode(4, 440);
        Assert.Equal([100.0, 100.0], Milliseconds);
    }

    [Fact]
    public void A_repair_that_is_lost_in_vain_costs_nothing()
    {
        Decode(5, 500);
        Send(3, 600, lost: true);
        Decode(6, 700);
        Assert.Empty(_watch.Recoveries);
    }

    [Fact]
    public void Packets_lost_in_a_row_are_one_burst()
    {
        Send(1, 100, lost: true);
        Send(2, 200, lost: true);
        Send(3, 300, lost: false);
        Send(4, 400, lost: true);
        Assert.Equal([new LossBurst(1, 2), new LossBurst(4, 4)], _watch.Bursts);
    }

    private IEnumerable<double> Milliseconds => _watch.Recoveries.Select(recovery => recovery.TotalMilliseconds);

    private void Send(int frame, double arrivalMs, bool lost)
    {
        EncodedFrame coded = new() { FrameId = (ushort)frame, ReferenceId = (ushort)(frame - 1), Type = FrameType.Inter };
        coded.SetPayload([1, 2, 3]);
        byte[] packet = new byte[Packetizer.MaxPacketBytes];
        int length = _packetizer.WritePacket(coded, 0, 1, packet);
        _watch.Judged(packet.AsSpan(0, length), new PacketFate(TimeSpan.FromMilliseconds(arrivalMs - 40), TimeSpan.Zero, TimeSpan.FromMilliseconds(arrivalMs), lost));
    }

    private void Decode(int frame, double arrivalMs)
    {
        _watch.Arrived((ushort)frame, TimeSpan.FromMilliseconds(arrivalMs));
        _watch.Decoded((ushort)frame);
    }
}
