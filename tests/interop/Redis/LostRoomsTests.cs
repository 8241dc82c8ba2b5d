using MlvcRtc.Server.Redis;
using MlvcRtc.Signaling.Rooms;

namespace MlvcRtc.InteropTests.Redis;

/// <summary>What nodes write back after Redis has lost its rooms.</summary>
public class LostRoomsTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(56);

    [Fact]
    public void Two_nodes_that_know_half_of_a_room_each_make_it_whole()
    {
        RoomState half = LostRooms.WriteBack(RoomState.Empty, Now, new RoomState([At("first", "a")], 1)).State;
        RoomState whole = LostRooms.WriteBack(half, Now, new RoomState([At("second", "b")], 2)).State;
        Assert.Equal(["first", "second"], whole.Seats.Select(seat => seat.PeerId).Order());
        Assert.All(whole.Seats, seat => Assert.Equal(Now + RoomRules.Lease, seat.AliveUntil));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Who_moved_to_another_node_is_there_whichever_node_comes_first(bool oldNodeFirst)
    {
        RoomState old = new([At("first", "a")], 1), moved = new([At("first", "b")], 2);
        RoomState once = LostRooms.WriteBack(RoomState.Empty, Now, oldNodeFirst ? old : moved).State;
        RoomState twice = LostRooms.WriteBack(once, Now, oldNodeFirst ? moved : old).State;
        Assert.Equal("b", Assert.Single(twice.Seats).Address!.Node);
    }

    [Fact]
    public void A_seat_that_waits_keeps_its_time_and_is_gone_when_that_is_over()
    {
        Seat waiting = At("first", "a") with { Address = null, AliveUntil = Now.AddSeconds(5) };
        Assert.Equal(waiting, Assert.Single(LostRooms.WriteBack(RoomState.Empty, Now, new RoomState([waiting], 3)).State.Seats));
        Assert.True(LostRooms.WriteBack(RoomState.Empty, Now.AddSeconds(6), new RoomState([waiting], 3)).State.IsEmpty);
    }

    [Fact]
    public void A_room_never_has_more_than_two_and_those_of_the_call_stay()
    {
        RoomState strangers = new([At("third", "c"), At("fourth", "c")], 2);
        RoomState known = new([At("first", "a"), At("second", "b")], 7);
        Assert.Equal(["first", "second"], LostRooms.WriteBack(strangers, Now, known).State.Seats.Select(seat => seat.PeerId));
    }

    private static Seat At(string peer, string node) => new(peer, "hash of " + peer, "attempt of " + peer, new SeatAddress(node, 1), Now);
}
