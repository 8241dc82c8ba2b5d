using FsCheck;
using FsCheck.Fluent;
using MlvcRtc.Signaling.Messages;
using MlvcRtc.Signaling.Rooms;

namespace MlvcRtc.UnitTests.Signaling;

/// <summary>Five people, two rooms, sockets that come and go, nodes that die: what holds after any history.</summary>
public sealed class RoomProperties
{
    private const int Cases = 300;

    [Fact]
    public void Never_more_than_two_seats_no_news_for_outsiders_and_everybody_hears_who_has_gone() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed => new History(new Random(seed)).Run()).Check(Config.QuickThrowOnFailure.WithMaxTest(Cases));

    private sealed class History : IAsyncDisposable
    {
        private readonly Random _random;
        private readonly VirtualTime _time = new();
        private readonly MemoryRoomStore _store;
        private readonly List<Person> _people = [];
        private readonly Dictionary<SeatAddress, Person> _sockets = [];
        private long _lastSocket;

        public History(Random random)
        {
            _random = random;
            _store = new MemoryRoomStore(_time);
            _store.Arrived += Hear;
            for (int i = 0; i < 5; i++)
            {
                _people.Add(new Person("room" + (i % 2)));
            }
        }

        public ValueTask DisposeAsync() => _store.DisposeAsync();

        public void Run()
        {
            for (int step = 0; step < 60; step++)
            {
                Person person = _people[_random.Next(_people.Count)];
                switch (_random.Next(7))
                {
                    case 0 or 1 when person.Socket is null:
                        Join(person);
                        break;
                    case 2 when person.PeerId is not null:
                        Resume(person);
                        break;
                    case 3 when person.Socket is { } socket:
                        Update(person.Room, (state, now) => RoomRules.Detach(state, now, person.PeerId!, socket));
                        person.Socket = null;
                        break;
                    case 4 when person.Socket is { } leaving:
                        Update(person.Room, (state, now) => RoomRules.Leave(state, now, person.PeerId!, leaving));
                        person.Forget();
                        break;
                    case 5:
                        person.Socket = null;  // its node died: nobody tells the store
                        break;
                    default:
                        _time.Advance(TimeSpan.FromSeconds(_random.Next(20)));
                        RenewAll();
                        break;
                }

                Check();
            }

            // Whoever has no socket is gone in the end, and whoever has one knows.
            for (int i = 0; i < 6; i++)
            {
                _time.Advance(RoomRules.RenewInterval);
                RenewAll();
                Check();
            }

            foreach (Person person in _people.Where(person => person.Socket is not null))
            {
                string? other = _people.FirstOrDefault(another => another != person && another.Room == person.Room && another.Socket is not null)?.PeerId;
                Require(person.Other == other, "somebody does not know who is in the room");
            }
        }

        private void Join(Person person)
        {
            string attempt = Guid.NewGuid().ToString();
            person.Forget();
            SeatAddress socket = Open(person);
            Seat seat = new(attempt, RoomRules.HashOf(attempt), attempt, socket, default);
            RoomChange change = Update(person.Room, (state, now) => RoomRules.Join(state, now, seat));
            if (change.Status == RoomStatus.Ok)
            {
                person.PeerId = seat.PeerId;
                person.Other = change.Peer?.PeerId;
            }
            else
            {
                person.Socket = null;
            }
        }

        private void Resume(Person person)
        {
            SeatAddress socket = Open(person);
            RoomChange change = Update(person.Room, (state, now) => RoomRules.Resume(state, now, person.PeerId!, socket));
            person.Other = change.Peer?.PeerId;
            if (change.Status != RoomStatus.Ok)
            {
                person.Forget();
            }
        }

        private void RenewAll()
        {
            foreach (Person person in _people)
            {
                if (person.Socket is { } socket && Update(person.Room, (state, now) => RoomRules.Renew(state, now, person.PeerId!, socket)).Status != RoomStatus.Ok)
                {
                    person.Forget();
                }
            }
        }

        private SeatAddress Open(Person person)
        {
            SeatAddress socket = new("n" + _random.Next(2), ++_lastSocket);
            _sockets[socket] = person;
            person.Socket = socket;
            return socket;
        }

        private RoomChange Update(string room, Func<RoomState, DateTimeOffset, RoomChange> rule)
        {
            RoomChange change = _store.UpdateAsync(room, rule, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            Require(change.State.Seats.Count <= 2, "three seats");
            Require(change.State.Seats.Select(seat => seat.PeerId).Distinct().Count() == change.State.Seats.Count, "one person in two seats");
            Require(change.Notes.All(note => _sockets[note.To].Room == room), "a note left the room");
            return change;
        }

        private void Hear(RoomNote note)
        {
            Person person = _sockets[note.To];
            if (person.Socket != note.To)
            {
                return;  // a dead socket hears nothing
            }

            switch (note.Message)
            {
                case PeerJoined joined:
                    Require(person.Other is null, "a third came");
                    Require(joined.Peer.PeerId != person.PeerId, "somebody heard of its own coming");
                    person.Other = joined.Peer.PeerId;
                    break;
                case PeerLeft left:
                    Require(person.Other == left.PeerId, "somebody left who was not there");
                    person.Other = null;
                    break;
                case PeerResumed resumed:
                    Require(person.Other == resumed.PeerId, "somebody resumed who was not there");
                    break;
            }
        }

        private void Check()
        {
            foreach (IGrouping<string, Person> room in _people.GroupBy(person => person.Room))
            {
                Require(room.Count(person => person.Socket is not null) <= 2, "three sockets in a room");
            }
        }

        private static void Require(bool holds, string otherwise) => Assert.True(holds, otherwise);
    }

    private sealed class Person(string room)
    {
        public string Room => room;

        public string? PeerId { get; set; }

        public SeatAddress? Socket { get; set; }

        public string? Other { get; set; }

        public void Forget()
        {
            PeerId = null;
            Socket = null;
            Other = null;
        }
    }
}
