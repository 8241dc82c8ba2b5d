using MlvcRtc.Signaling.Messages;
using MlvcRtc.Signaling.Rooms;

namespace MlvcRtc.UnitTests.Signaling;

public sealed class RoomRulesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly SeatAddress SocketA = new("n1", 1);
    private static readonly SeatAddress SocketB = new("n2", 2);
    private static readonly SeatAddress SocketC = new("n1", 3);

    [Fact]
    public void The_first_is_alone_and_the_second_is_announced_to_the_first()
    {
        RoomChange first = RoomRules.Join(RoomState.Empty, Noon, SeatOf("a", SocketA));
        RoomChange second = RoomRules.Join(first.State, Noon, SeatOf("b", SocketB) with { Name = "Bea" });
        Assert.Null(first.Peer);
        Assert.Empty(first.Notes);
        Assert.Equal("a", second.Peer?.PeerId);
        RoomNote note = Assert.Single(second.Notes);
        Assert.Equal(SocketA, note.To);
        Assert.Equal(new PeerJoined(new PeerInfo("b") { Name = "Bea" }), note.Message);
        Assert.Equal(SocketB, note.Peer?.Address);
    }

    [Fact]
    public void A_third_finds_the_room_full_and_nobody_hears_of_it()
    {
        RoomState two = Two();
        RoomChange third = RoomRules.Join(two, Noon, SeatOf("c", SocketC));
        Assert.Equal(RoomStatus.Full, third.Status);
        Assert.Same(two, third.State);
        Assert.Empty(third.Notes);
    }

    [Fact]
    public void A_dropped_participant_keeps_its_seat_for_30_seconds_and_the_other_hears_nothing()
    {
        RoomChange dropped = RoomRules.Detach(Two(), Noon, "b", SocketB);
        Assert.Empty(dropped.Notes);
        RoomChange third = RoomRules.Join(dropped.State, Noon.AddSeconds(29.9), SeatOf("c", SocketC));
        Assert.Equal(RoomStatus.Full, third.Status);
        RoomChange back = RoomRules.Resume(dropped.State, Noon.AddSeconds(29.9), "secret of b", SocketC);
        Assert.Equal(RoomStatus.Ok, back.Status);
        Assert.Equal("b", back.Seat?.PeerId);
        RoomNote note = Assert.Single(back.Notes);
        Assert.Equal(SocketA, note.To);
        Assert.Equal(new PeerResumed("b"), note.Message);
        Assert.Equal(SocketC, note.Peer?.Address);
    }

    [Fact]
    public void After_30_seconds_the_other_hears_timeout_and_the_resume_token_is_worth_nothing()
    {
        RoomState dropped = RoomRules.Detach(RenewedAt(Two(), 29), Noon, "b", SocketB).State;
        RoomChange late = RoomRules.Resume(dropped, Noon.AddSeconds(30), "secret of b", SocketC);
        Assert.Equal(RoomStatus.NoSeat, late.Status);
        RoomNote note = Assert.Single(late.Notes);
        Assert.Equal(new PeerLeft("b", PeerLeft.TimedOut), note.Message);
        Assert.Equal("b", Assert.Single(late.Gone).PeerId);
    }

    [Fact]
    public void A_wrong_resume_token_gets_no_seat()
    {
        RoomChange change = RoomRules.Resume(Two(), Noon, "secret of c", SocketC);
        Assert.Equal(RoomStatus.NoSeat, change.Status);
        Assert.Empty(change.Notes);
    }

    [Fact]
    public void A_second_connection_with_the_resume_token_replaces_the_first()
    {
        RoomChange change = RoomRules.Resume(Two(), Noon, "secret of b", SocketC);
        Assert.Equal([SocketB, SocketA], change.Notes.Select(note => note.To));
        Assert.True(change.Notes[0].Closes);
        Assert.Equal(ErrorCode.Replaced, Assert.IsType<ErrorMessage>(change.Notes[0].Message).Code);

        // The old socket's end changes nothing any more.
        RoomChange ended = RoomRules.Detach(change.State, Noon, "b", SocketB);
        Assert.Equal(RoomStatus.NoSeat, ended.Status);
        Assert.Same(change.State, ended.State);
    }

    [Fact]
    public void An_attempt_whose_answer_was_lost_finds_its_own_seat_again_instead_of_a_full_room()
    {
        Seat again = SeatOf("other id", SocketC) with { AttemptHash = "attempt b", ResumeHash = RoomRules.HashOf("new secret") };
        RoomChange change = RoomRules.Join(Two(), Noon, again);
        Assert.Equal(RoomStatus.Ok, change.Status);
        Assert.Equal("b", change.Seat?.PeerId);
        Assert.Equal(RoomStatus.Ok, RoomRules.Resume(change.State, Noon, "new secret", SocketB).Status);
    }

    [Fact]
    public void Bye_frees_the_seat_at_once()
    {
        RoomChange change = RoomRules.Leave(Two(), Noon, "a", SocketA);
        Assert.Equal(new PeerLeft("a", PeerLeft.SaidBye), Assert.Single(change.Notes).Message);
        Assert.Equal(RoomStatus.Ok, RoomRules.Join(change.State, Noon, SeatOf("c", SocketC)).Status);
    }

    [Fact]
    public void A_participant_of_a_dead_node_has_the_whole_window_counted_from_the_last_renewal()
    {
        RoomState state = RenewedAt(Two(), 0);
        Assert.Empty(RoomRules.Expire(state, Noon.AddSeconds(39.9)).Gone);
        Assert.Equal(2, RoomRules.Expire(state, Noon.AddSeconds(40)).Gone.Count);
    }

    [Fact]
    public void A_node_that_stood_still_keeps_its_seat_if_nobody_gave_it_up_and_loses_it_if_somebody_did()
    {
        RoomChange late = RoomRules.Renew(Two(), Noon.AddSeconds(100), "a", SocketA);
        Assert.Equal(RoomStatus.Ok, late.Status);
        Assert.Equal("b", Assert.Single(late.Gone).PeerId);
        Assert.Equal(RoomStatus.NoSeat, RoomRules.Renew(late.State, Noon.AddSeconds(100), "b", SocketB).Status);
    }

    [Fact]
    public void Whoever_missed_notes_is_told_the_difference()
    {
        Seat b = SeatOf("b", SocketB);
        Seat c = SeatOf("c", SocketC);
        Assert.Empty(RoomRules.News(null, null));
        Assert.Empty(RoomRules.News(b, b with { AliveUntil = Noon }));
        Assert.Empty(RoomRules.News(b, b with { Address = null }));
        Assert.Equal([new PeerResumed("b")], RoomRules.News(b, b with { Address = SocketC }));
        Assert.Equal([new PeerJoined(new PeerInfo("b"))], RoomRules.News(null, b));
        Assert.Equal([new PeerLeft("b", PeerLeft.TimedOut), new PeerJoined(new PeerInfo("c"))], RoomRules.News(b, c));
    }

    [Fact]
    public void The_shared_state_survives_JSON_and_holds_no_secret()
    {
        RoomState state = Two();
        string json = System.Text.Json.JsonSerializer.Serialize(state, SignalJson.Default.RoomState);
        Assert.DoesNotContain("secret", json, StringComparison.Ordinal);
        RoomState? back = System.Text.Json.JsonSerializer.Deserialize(json, SignalJson.Default.RoomState);
        Assert.Equal(state.Seats, back!.Seats);
        Assert.Equal(state.Version, back.Version);
    }

    private static RoomState Two() =>
        RoomRules.Join(RoomRules.Join(RoomState.Empty, Noon, SeatOf("a", SocketA)).State, Noon, SeatOf("b", SocketB)).State;

    private static RoomState RenewedAt(RoomState state, double seconds) =>
        RoomRules.Renew(RoomRules.Renew(state, Noon.AddSeconds(seconds), "a", SocketA).State, Noon.AddSeconds(seconds), "b", SocketB).State;

    private static Seat SeatOf(string peerId, SeatAddress address) => new(peerId, RoomRules.HashOf("secret of " + peerId), "attempt " + peerId, address, default);
}
