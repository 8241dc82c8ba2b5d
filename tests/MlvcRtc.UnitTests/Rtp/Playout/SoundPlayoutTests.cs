using MlvcRtc.Rtp.Playout;

namespace MlvcRtc.UnitTests.Rtp.Playout;

/// <summary>The listener hears packets in their order and rhythm; what does not come in time is given up in its place.</summary>
public sealed class SoundPlayoutTests
{
    private const int ClockRate = 48_000, SamplesPerPacket = 960;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Transit = TimeSpan.FromMilliseconds(50);

    private readonly SoundPlayout _playout = new(ClockRate);
    private readonly List<(int Number, bool Lost, TimeSpan Due)> _heard = [];

    [Fact]
    public void Packets_on_an_even_path_are_heard_in_order_20_ms_apart()
    {
        Play(Enumerable.Range(0, 100).Select(number => (number, Transit)));

        Assert.Equal(Enumerable.Range(0, 100), _heard.Select(item => item.Number));
        Assert.All(_heard.Zip(_heard.Skip(1)), pair => Assert.Equal(Interval, pair.Second.Due - pair.First.Due));
        Assert.Equal(TimeSpan.FromMilliseconds(10), _playout.Delay);  // the least, for timers
    }

    [Fact]
    public void Packets_that_overtake_each_other_are_heard_in_order()
    {
        Random chance = new(1);
        Play(Enumerable.Range(0, 500).Select(number => (number, Transit + TimeSpan.FromMilliseconds(chance.Next(60)))));

        int[] present = [.. _heard.Where(item => !item.Lost).Select(item => item.Number)];
        Assert.Equal(present.Order(), present);
        Assert.InRange(_heard.Count(item => item.Lost), 0, 25);  // 95 % in time, once the jitter is known
        Assert.InRange(_playout.Delay.TotalMilliseconds, 50, 75);
    }

    [Fact]
    public void A_packet_that_never_comes_is_told_as_lost_in_its_place()
    {
        Play(Enumerable.Range(0, 50).Where(number => number is not (20 or 30 or 31)).Select(number => (number, Transit)));

        Assert.Equal([20, 30, 31], _heard.Select((item, place) => (item.Lost, place)).Where(item => item.Lost).Select(item => item.place));
        Assert.Equal(50, _heard.Count);
        Assert.All(_heard.Zip(_heard.Skip(1)), pair => Assert.Equal(Interval, pair.Second.Due - pair.First.Due));
        Assert.Equal(3, _playout.Lost);
    }

    [Fact]
    public void A_pause_of_the_speaker_is_no_loss()
    {
        // Discontinuous transmission: numbers go on, times leap (RFC 7587 §3.1.3).
        for (int number = 0; number < 40; number++)
        {
            int pause = number < 20 ? 0 : 50;
            TimeSpan captured = Interval * (number + pause);
            Arrive(number, number + pause, captured + Transit);
        }

        Drain(TimeSpan.FromSeconds(3));
        Assert.Equal(40, _heard.Count(item => !item.Lost));
        Assert.Equal(0, _playout.Lost);
        Assert.Equal(Interval * 51, _heard[20].Due - _heard[19].Due);
    }

    [Fact]
    public void A_delay_that_is_no_longer_needed_ends_where_somebody_begins_to_speak()
    {
        // One second in bursts of eight packets, then an even path for longer than the memory of jitter; a word after a pause of a second.
        int place = 0;
        TimeSpan before = TimeSpan.Zero;
        for (int number = 0; number < 700; number++, place++)
        {
            if (number == 600)
            {
                before = _playout.Delay;
                place += 50;
            }

            Arrive(number, place, (Interval * place) + Transit + (number < 48 ? (7 - (number % 8)) * Interval : TimeSpan.Zero));
            if (number == 599)
            {
                Assert.InRange(_playout.Delay.TotalMilliseconds, 40, 100);  // within speech it falls slowly
            }
        }

        Assert.Equal(TimeSpan.FromMilliseconds(10), _playout.Delay);
        Assert.Equal((Interval * 51) - (before - _playout.Delay), _heard.First(item => item.Number == 600).Due - _heard.First(item => item.Number == 599).Due);
    }

    [Fact]
    public void Numbers_and_times_wrap_without_a_gap()
    {
        const int first = 65_500;
        for (int i = 0; i < 100; i++)
        {
            TimeSpan arrival = (Interval * i) + Transit;
            Drain(arrival);
            _playout.Add(unchecked((ushort)(first + i)), unchecked((uint)(uint.MaxValue - 20_000 + (i * SamplesPerPacket))), [(byte)i], arrival);
        }

        Drain(TimeSpan.FromSeconds(5));
        Assert.Equal(Enumerable.Range(0, 100), _heard.Select(item => item.Number));
        Assert.Equal(0, _playout.Lost);
    }

    [Fact]
    public void A_sender_that_counts_anew_is_heard_from_its_first_packet()
    {
        Play(Enumerable.Range(0, 20).Select(number => (number, Transit)));
        _heard.Clear();
        TimeSpan begin = TimeSpan.FromSeconds(2);
        for (int i = 0; i < 20; i++)
        {
            _playout.Add((ushort)(40_000 + i), (uint)(3_000_000_000 + (i * SamplesPerPacket)), [(byte)i], begin + (Interval * i));
        }

        Drain(TimeSpan.FromSeconds(4));
        Assert.Equal(Enumerable.Range(0, 20), _heard.Select(item => item.Number));
    }

    [Fact]
    public void Duplicates_and_late_packets_are_not_heard()
    {
        Play(Enumerable.Range(0, 20).SelectMany(number => new[] { (number, Transit), (number, Transit) }));
        _playout.Add(3, 3 * SamplesPerPacket, [3], TimeSpan.FromSeconds(1));
        Drain(TimeSpan.FromSeconds(2));

        Assert.Equal(Enumerable.Range(0, 20), _heard.Select(item => item.Number));
        Assert.Equal(21, _playout.Late);
    }

    [Fact]
    public void Invented_numbers_and_times_neither_throw_nor_keep_the_buffer_from_its_bounds()
    {
        Random chance = new(7);
        TimeSpan now = TimeSpan.Zero;
        byte[] payload = new byte[SoundPlayout.MaxPayloadBytes + 1];
        ushort number = 0;
        uint timestamp = 0;
        long heard = 0;
        for (int i = 0; i < 200_000; i++)
        {
            now += TimeSpan.FromMilliseconds(chance.Next(30));
            number = chance.Next(20) == 0 ? (ushort)chance.Next(65_536) : (ushort)(number + chance.Next(-3, 6));
            timestamp = chance.Next(20) == 0 ? (uint)chance.NextInt64(1L << 32) : unchecked(timestamp + (uint)chance.Next(-2000, 4000));
            _playout.Add(number, timestamp, payload.AsSpan(0, chance.Next(payload.Length + 1)), now);
            for (int taken = 0; _playout.TryTake(now, out SoundItem item); taken++, heard++)
            {
                Assert.InRange(item.Payload.Length, 0, SoundPlayout.MaxPayloadBytes);
                Assert.InRange(taken, 0, 64);
            }

            Assert.InRange(_playout.Delay, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        }

        Assert.True(heard > 1000, $"{heard} packets heard");
    }

    /// <summary>Sends numbered packets 20 ms apart over a path with these transits, and listens in real order.</summary>
    private void Play(IEnumerable<(int Number, TimeSpan Transit)> packets)
    {
        foreach ((int number, TimeSpan arrival) in packets.Select(packet => (packet.Number, (Interval * packet.Number) + packet.Transit)).OrderBy(packet => packet.Item2))
        {
            Arrive(number, number, arrival);
        }

        Drain(TimeSpan.FromMinutes(1));
    }

    private void Arrive(int number, int place, TimeSpan arrival)
    {
        Drain(arrival);
        _playout.Add((ushort)number, (uint)(place * SamplesPerPacket), BitConverter.GetBytes(number), arrival);
    }

    /// <summary>Takes what is due until then, each at its time.</summary>
    private void Drain(TimeSpan until)
    {
        while (_playout.NextDue is { } due && due <= until && _playout.TryTake(due, out SoundItem item))
        {
            _heard.Add((item.IsLost ? -1 : item.Payload.Length == 1 ? item.Payload[0] : BitConverter.ToInt32(item.Payload), item.IsLost, item.Due));
        }
    }
}
