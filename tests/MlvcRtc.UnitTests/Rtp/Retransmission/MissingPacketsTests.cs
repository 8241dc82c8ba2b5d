using MlvcRtc.Media;
using MlvcRtc.Rtp.Recovery;
using MlvcRtc.UnitTests.Rtp.Reassembly;

namespace MlvcRtc.UnitTests.Rtp.Retransmission;

public sealed class MissingPacketsTests
{
    [Fact]
    public void A_frame_that_the_next_one_needs_is_asked_for_twice_a_quarter_of_the_round_trip_apart_and_twice_again_after_it()
    {
        Arrivals receiver = new();
        receiver.Chain(20);
        int lost = Arrivals.NumberOf(receiver.Send(20, FrameType.Inter)[0]);
        receiver.Frame(21, FrameType.Inter);
        int noticed = Arrivals.OnTime(21);
        Assert.Equal([], receiver.Asks(noticed + 9));
        Assert.Equal([lost], receiver.Asks(noticed + 10));
        Assert.Equal([], receiver.Asks(noticed + 29));
        Assert.Equal([lost], receiver.Asks(noticed + 30));    // 80 / 4
        Assert.Equal([], receiver.Asks(noticed + 119));
        Assert.Equal([lost], receiver.Asks(noticed + 120));   // 80 ms round trip + 10
        Assert.Equal([], receiver.Asks(noticed + 139));
        Assert.Equal([lost], receiver.Asks(noticed + 140));
        Assert.Equal([], receiver.Asks(noticed + 500));
    }

    [Fact]
    public void The_receiver_says_itself_when_it_wants_to_be_asked_next()
    {
        Arrivals receiver = new();
        receiver.Chain(20);
        receiver.Send(20, FrameType.Inter);
        receiver.Frame(21, FrameType.Inter);
        int noticed = Arrivals.OnTime(21);
        foreach (int next in new[] { 10, 30, 120, 140 })
        {
            Assert.Empty(receiver.Asks(noticed + next - 1));
            Assert.Equal(TimeSpan.FromMilliseconds(noticed + next), receiver.Missing.NextRequest);
            Assert.Single(receiver.Asks(noticed + next));
        }
    }

    [Fact]
    public void An_overdue_frame_is_asked_for_once_before_a_later_packet_proves_it_lost()
    {
        Arrivals receiver = new();
        receiver.Chain(20);
        int lost = Arrivals.NumberOf(receiver.Send(20, FrameType.Inter)[0]);
        int suspected = Arrivals.OnTime(20) + 40;
        Assert.Equal([lost], receiver.Suspects(suspected));
        Assert.Equal([], receiver.Suspects(suspected + 1));
        Assert.Equal([], receiver.Suspects(suspected + 300));
        Assert.True(receiver.Missing.AwaitsRepair(TimeSpan.FromMilliseconds(suspected + 89)));
        Assert.False(receiver.Missing.AwaitsRepair(TimeSpan.FromMilliseconds(suspected + 90)));   // round trip + 10
    }

    [Fact]
    public void What_was_suspected_counts_as_asked_for_when_it_is_proved_lost()
    {
        Arrivals receiver = new();
        receiver.Chain(20);
        int lost = Arrivals.NumberOf(receiver.Send(20, FrameType.Inter)[0]);
        int suspected = Arrivals.OnTime(20) + 30;
        Assert.Equal([lost], receiver.Suspects(suspected));
        receiver.Frame(21, FrameType.Inter);                   // 3 ms later
        Assert.Equal([], receiver.Suspects(suspected + 4));    // it is known what is missing
        Assert.Equal([], receiver.Asks(suspected + 19));
        Assert.Equal([lost], receiver.Asks(suspected + 20));   // the second of four requests
        Assert.Equal([lost], receiver.Asks(suspected + 110));
        Assert.Equal([lost], receiver.Asks(suspected + 130));
        Assert.Equal([], receiver.Asks(suspected + 500));
    }

    [Fact]
    public void Of_a_frame_whose_beginning_is_here_as_many_packets_are_suspected_as_it_lacks()
    {
        Arrivals receiver = new();
        receiver.Chain(20);
        byte[][] frame = receiver.Send(20, FrameType.Inter, bytes: 4000);
        Assert.Equal(4, frame.Length);   // 1162 bytes a packet
        receiver.Arrive(Arrivals.OnTime(20), frame[0]);
        Assert.Equal(frame[1..].Select(Arrivals.NumberOf), receiver.Suspects(Arrivals.OnTime(20) + 40));
        Assert.Equal([], receiver.Suspects(Arrivals.OnTime(20) + 41));
    }

    [Fact]
    public void When_the_suspect_arrives_after_all_the_next_one_may_be_suspected()
    {
        Arrivals receiver = new();
        receiver.Chain(20);
        byte[] late = receiver.Send(20, FrameType.Inter)[0];
        Assert.Equal([Arrivals.NumberOf(late)], receiver.Suspects(Arrivals.OnTime(20) + 40));
        receiver.Arrive(Arrivals.OnTime(20) + 45, late);
        Assert.Equal([], receiver.Asks(Arrivals.OnTime(20) + 46));
        Assert.False(receiver.Missing.AwaitsRepair(TimeSpan.FromMilliseconds(Arrivals.OnTime(20) + 46)));
        int next = Arrivals.NumberOf(receiver.Send(21, FrameType.Inter)[0]);
        Assert.Equal([next], receiver.Suspects(Arrivals.OnTime(21) + 40));
    }

    [Fact]
    public void Before_the_first_packet_nothing_is_suspected() => Assert.Equal([], new Arrivals().Suspects(1000));

    [Fact]
    public void A_retransmission_under_a_number_of_its_own_ends_the_requests()
    {
        Arrivals receiver = new();
        receiver.Chain(20);
        byte[] lost = receiver.Send(20, FrameType.Inter)[0];
        byte[] next = receiver.Send(21, FrameType.Inter)[0];
        receiver.Arrive(Arrivals.OnTime(21), next);
        Assert.Single(receiver.Asks(Arrivals.OnTime(21) + 10));
        receiver.Arrive(Arrivals.OnTime(21) + 90, Arrivals.Again(lost, Arrivals.NumberOf(next) + 1));
        Assert.Equal([], receiver.Asks(Arrivals.OnTime(21) + 300));
        Assert.Equal(21, receiver.Delivered[^1]);
    }

    [Fact]
    public void A_retransmission_that_is_lost_itself_is_nothing_to_ask_for()
    {
        Arrivals receiver = new(RecoveryTools.Retransmission);
        receiver.Chain(20);
        byte[][] frame = receiver.Send(20, FrameType.Inter, bytes: 2500);
        int first = Arrivals.NumberOf(frame[0]);
        receiver.Arrive(Arrivals.OnTime(20), frame[0], Arrivals.Again(frame[1], first + 2), Arrivals.Again(frame[2], first + 3));   // first + 1 was a retransmission
        Assert.Equal(20, receiver.Delivered[^1]);
        Assert.Equal([], receiver.Asks(Arrivals.OnTime(20) + 100));
    }

    [Fact]
    public void The_hole_within_a_frame_is_told_from_a_lost_retransmission_beside_it()
    {
        Arrivals receiver = new(RecoveryTools.Retransmission);
        receiver.Chain(20);
        byte[][] frame = receiver.Send(20, FrameType.Inter, bytes: 2500);
        int first = Arrivals.NumberOf(frame[0]);
        receiver.Arrive(Arrivals.OnTime(20), frame[0], Arrivals.Again(frame[2], first + 3));   // lost: fragment 1 and something of no interest
        int[] asked = receiver.Asks(Arrivals.OnTime(20) + 10);
        Assert.All(asked, number => Assert.InRange(number, first + 1, first + 2));
        Assert.NotEmpty(asked);
    }

    [Fact]
    public void In_acknowledged_reference_mode_nothing_is_asked_for_that_comes_too_late_to_be_shown()
    {
        Arrivals receiver = new();
        receiver.Frame(0, FrameType.Intra, slot: 0);
        for (int id = 1; id < 30; id++)
        {
            byte[][] packets = receiver.Send(id, FrameType.Recovery, reference: 0, slot: id % 7);
            if (id % 5 != 0)
            {
                receiver.Arrive(Arrivals.OnTime(id), packets);
            }

            Assert.Equal([], receiver.Asks(Arrivals.OnTime(id) + 20));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]   // even a frame that no other depends on
    public void A_packet_that_can_come_again_before_its_picture_is_shown_is_asked_for(bool discardable)
    {
        Arrivals receiver = new();
        receiver.Assembler.DeadlineOf = captured => captured + TimeSpan.FromMilliseconds(20 + 150);
        receiver.Frame(0, FrameType.Intra, slot: 0);
        int lost = 0;
        for (int id = 1; id < 22; id++)
        {
            byte[][] packets = receiver.Send(id, FrameType.Recovery, reference: 0, discardable: discardable);
            if (id == 20)
            {
                lost = Arrivals.NumberOf(packets[0]);
                continue;
            }

            receiver.Arrive(Arrivals.OnTime(id), packets);
        }

        Assert.Equal([lost], receiver.Asks(Arrivals.OnTime(21) + 10));   // 33 + 10 + 80 + 10 < 150
        Assert.Equal([], receiver.Asks(Arrivals.OnTime(21) + 101));      // a second answer would come too late
    }

    [Fact]
    public void The_missing_piece_of_a_key_frame_is_asked_for_and_no_second_key_frame_meanwhile()
    {
        Arrivals receiver = new();
        byte[][] key = receiver.Send(0, FrameType.Intra, slot: 0, bytes: 8000);
        receiver.Arrive(20, [.. key[..3], .. key[4..]]);
        Assert.Equal([Arrivals.NumberOf(key[3])], receiver.Asks(20));   // four later packets
        Assert.True(receiver.Missing.AwaitsRepair(TimeSpan.FromMilliseconds(60)));
        Assert.False(receiver.Missing.AwaitsRepair(TimeSpan.FromMilliseconds(111)));
    }

    [Fact]
    public void Three_frames_lost_in_a_row_are_left_to_the_recovery_frame()
    {
        Arrivals receiver = new();
        receiver.Chain(20);
        int first = Arrivals.NumberOf(receiver.Send(20, FrameType.Inter)[0]);
        receiver.Send(21, FrameType.Inter);
        receiver.Send(22, FrameType.Inter);

        receiver.Frame(23, FrameType.Inter);
        Assert.DoesNotContain(first, receiver.Asks(Arrivals.OnTime(23) + 10));
    }

    [Fact]
    public void Without_references_everything_is_asked_for_ten_times_and_then_given_up()
    {
        Arrivals receiver = new(RecoveryTools.Retransmission | RecoveryTools.KeyFrame);
        receiver.Chain(20);
        for (int id = 20; id < 25; id++)
        {
            receiver.Send(id, FrameType.Inter);
        }

        receiver.Frame(25, FrameType.Inter);
        double now = Arrivals.OnTime(25) + 10;
        for (int tries = 0; tries < 10; tries++, now += 90)
        {
            Assert.Equal(5, receiver.Asks(now).Length);
            Assert.True(receiver.Missing.AwaitsRepair(TimeSpan.FromMilliseconds(now + 80)));
        }

        Assert.Equal([], receiver.Asks(now));
        Assert.False(receiver.Missing.AwaitsRepair(TimeSpan.FromMilliseconds(now)));
        Assert.True(receiver.Assembler.Broken);
    }

    [Fact]
    public void An_outage_of_hundreds_of_packets_is_not_asked_for()
    {
        Arrivals receiver = new(RecoveryTools.Retransmission);
        receiver.Chain(20);
        for (int id = 20; id < 320; id++)
        {
            receiver.Send(id, FrameType.Inter);
        }

        receiver.Frame(320, FrameType.Inter);
        receiver.Frame(321, FrameType.Inter);
        Assert.Equal([], receiver.Asks(Arrivals.OnTime(321) + 50));
    }
}
