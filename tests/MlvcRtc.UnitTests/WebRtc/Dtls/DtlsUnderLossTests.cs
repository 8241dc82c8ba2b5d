using System.Diagnostics;
using MlvcRtc.Proof.Dtls;
using MlvcRtc.WebRtc.Dtls;

namespace MlvcRtc.UnitTests.WebRtc.Dtls;

/// <summary>Handshakes over paths that lose, repeat, reorder and damage.</summary>
public sealed class DtlsUnderLossTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task With_a_tenth_of_all_datagrams_lost_handshakes_still_end_within_seconds()
    {
        List<double> millis = [];
        for (int seed = 1; seed <= 10; seed++)
        {
            Random random = new(seed);
            using DtlsPair pair = new();
            pair.ToServer = pair.ToClient = datagram =>
            {
                lock (random)
                {
                    return random.NextDouble() < 0.1 ? [] : [datagram];
                }
            };
            long begun = Stopwatch.GetTimestamp();
            _ = await pair.Handshake();
            millis.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(", ", millis.Select(each => $"{each:0}")));
        Assert.InRange(millis.Max(), 0, 5000);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    [InlineData(false, 1)]
    public async Task The_loss_of_any_one_flight_costs_a_tenth_of_a_second(bool fromClient, int flight)
    {
        using DtlsPair pair = new();
        int seen = 0;
        IEnumerable<byte[]> LoseOne(byte[] datagram) => Interlocked.Increment(ref seen) == flight + 1 ? [] : [datagram];
        if (fromClient)
        {
            pair.ToServer = LoseOne;
        }
        else
        {
            pair.ToClient = LoseOne;
        }

        long begun = Stopwatch.GetTimestamp();
        _ = await pair.Handshake();
        Assert.InRange(Stopwatch.GetElapsedTime(begun).TotalMilliseconds, 90, 3000);
    }

    [Fact]
    public async Task Records_in_any_order_twice_and_one_by_one_are_put_right()
    {
        for (int seed = 1; seed <= 5; seed++)
        {
            Random random = new(seed);
            using DtlsPair pair = new();
            pair.ToServer = pair.ToClient = datagram =>
            {
                lock (random)
                {
                    List<byte[]> records = Records(datagram);
                    records.AddRange([.. records]);
                    byte[][] shuffled = [.. records];
                    random.Shuffle(shuffled);
                    return shuffled;
                }
            };
            long begun = Stopwatch.GetTimestamp();
            _ = await pair.Handshake();
            Assert.InRange(Stopwatch.GetElapsedTime(begun).TotalMilliseconds, 0, 5000);
        }
    }

    [Fact]
    public async Task CertificateVerify_that_comes_after_ChangeCipherSpec_is_not_lost_for_ever()
    {
        using DtlsPair pair = new();
        bool first = true;
        pair.ToServer = datagram =>
        {
            List<byte[]> records = Records(datagram);
            if (records.Count == 5 && first)  // Certificate, ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Finished
            {
                first = false;
                return [records[0], records[1], records[3], records[4]];
            }

            return records;
        };
        _ = await pair.Handshake();
        Assert.False(first);
    }

    [Fact]
    public async Task Garbage_before_between_and_behind_changes_nothing()
    {
        Random random = new(7);
        using DtlsPair pair = new();
        pair.ToServer = pair.ToClient = datagram =>
        {
            lock (random)
            {
                byte[] noise = new byte[random.Next(1, 100)];
                random.NextBytes(noise);
                byte[] headed = [22, 0xFE, 0xFD, .. noise];
                byte[] forgedFinished = [22, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 0, 0, 0, 48, .. new byte[48]];
                byte[] hugeMessage = [22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 9, 9, 0, 12, 11, 0xFF, 0xFF, 0xFF, 0, 7, 0, 0, 0, 0, 0, 0];
                byte[] earlyChange = [20, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 9, 9, 0, 1, 1];
                return [noise, headed, forgedFinished, hugeMessage, earlyChange, [.. datagram, .. noise], datagram[..(datagram.Length / 2)]];
            }
        };
        pair.Client.Deliver([1, 2, 3]);
        _ = await pair.Handshake();
    }

    [Fact]
    public async Task A_server_answers_the_repeated_last_flight_of_its_client_long_after_the_handshake()
    {
        using DtlsPair pair = new();
        _ = await pair.Handshake();
        byte[] lastOfClient = pair.SentByClient.Last();
        byte[] lastOfServer = pair.SentByServer.Last();
        int before = pair.SentByServer.Count;
        pair.Server.Deliver(lastOfClient);
        Assert.Equal(before + 1, pair.SentByServer.Count);
        Assert.Equal(lastOfServer, pair.SentByServer.Last());
        for (int i = 0; i < 100; i++)
        {
            pair.Server.Deliver(lastOfClient);  // at once: no amplifier
        }

        Assert.InRange(pair.SentByServer.Count, before + 1, before + 50);
    }

    [Fact]
    public async Task After_the_handshake_only_a_true_alert_ends_the_association_and_only_once()
    {
        using DtlsPair pair = new();
        _ = await pair.Handshake();
        List<byte[]> alerts = [];
        pair.ToServer = datagram =>
        {
            alerts.Add(datagram);
            return [];
        };
        pair.Client.Dispose();
        byte[] alert = Assert.Single(alerts);
        for (int bit = 0; bit < 8 * alert.Length; bit++)
        {
            byte[] damaged = [.. alert];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            pair.Server.Deliver(damaged);
        }

        for (int length = 0; length < alert.Length; length++)
        {
            pair.Server.Deliver(alert.AsSpan(0, length));
        }

        byte[] plainAlert = [21, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40];
        pair.Server.Deliver(plainAlert);
        Assert.Empty(pair.ServerEnded);
        pair.Server.Deliver(alert);
        pair.Server.Deliver(alert);
        Assert.True(pair.ServerEnded.TryTake(out _, Patience));
        Assert.Empty(pair.ServerEnded);
    }

    private static List<byte[]> Records(byte[] datagram)
    {
        List<byte[]> records = [];
        ReadOnlySpan<byte> rest = datagram;
        while (DtlsRecord.TryTake(ref rest, out DtlsRecord record))
        {
            records.Add(record.Whole.ToArray());
        }

        return records;
    }
}
