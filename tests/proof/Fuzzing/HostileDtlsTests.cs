using System.Diagnostics;
using MlvcRtc.Proof.Dtls;
using MlvcRtc.WebRtc.Dtls;
using MlvcRtc.WebRtc.Dtls.BouncyCastle;

namespace MlvcRtc.Proof.Fuzzing;

/// <summary>Damaged DTLS datagrams before, during and after handshakes: every handshake ends, in keys or in a reason; nothing else comes out and nothing grows.</summary>
public sealed class HostileDtlsTests
{
    [Fact]
    public async Task A_handshake_among_damaged_datagrams_ends_in_equal_keys_or_in_a_reason()
    {
        DtlsOptions options = new() { Timeout = TimeSpan.FromMilliseconds(400), FirstResend = TimeSpan.FromMilliseconds(20) };
        int completed = 0;
        long mutants = 0;
        Dictionary<string, int> reasons = [];
        for (int i = 0; i < ProofSize.DtlsHandshakes; i++)
        {
            PacketMutator mutator = new(20260104 + (ulong)i);
            byte[] earlier = [];
            using DtlsPair pair = new(options, options);
            pair.ToServer = pair.ToClient = datagram =>
            {
                lock (mutator)
                {
                    List<byte[]> arriving = [];
                    for (int damaged = (int)mutator.Next(6); damaged > 0; damaged--)
                    {
                        arriving.Add(mutator.Mutate(datagram, earlier).ToArray());
                    }

                    earlier = datagram;
                    arriving.Add(datagram);
                    return arriving;
                }
            };
            Task<DtlsOutcome> server = pair.StartServer();
            Task<DtlsOutcome> client = pair.StartClient();
            try
            {
                DtlsOutcome one = await client.Soon();
                DtlsOutcome other = await server.Soon();
                Assert.Equal(one.Local.MasterKey.ToArray(), other.Remote.MasterKey.ToArray());
                completed++;
            }
            catch (DtlsException reason)
            {
                string head = reason.Message[..Math.Min(60, reason.Message.Length)];
                reasons[head] = reasons.GetValueOrDefault(head) + 1;
                await Task.WhenAny(Task.WhenAll(client, server), Task.Delay(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
                Assert.True(client.IsCompleted && server.IsCompleted, "a handshake did not end");
                Assert.All([client, server], each => Assert.True(each.IsCompletedSuccessfully || each.Exception?.InnerException is DtlsException, $"{each.Exception}"));
            }

            mutants += mutator.Mutants;
        }

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{ProofSize.DtlsHandshakes} handshakes among {mutants} mutants: {completed} in keys, " + string.Join("; ", reasons.Select(each => $"{each.Value} \"{each.Key}\"")));
        Assert.True(completed > ProofSize.DtlsHandshakes / 10, $"only {completed} of {ProofSize.DtlsHandshakes} handshakes came to an end in keys");
    }

    [Fact]
    public async Task Damaged_datagrams_after_the_handshake_end_nothing_and_fill_no_memory()
    {
        using DtlsPair pair = new();
        _ = await pair.Handshake();
        byte[][] seeds = [.. pair.SentByClient, .. pair.SentByServer];
        pair.ToServer = pair.ToClient = _ => [];
        byte[] alert = Alert(pair);
        seeds = [.. seeds, alert];
        PacketMutator mutator = new(20260105);
        long begun = Stopwatch.GetTimestamp();
        while (mutator.Mutants < ProofSize.DtlsDatagrams / 2)
        {
            ReadOnlySpan<byte> mutant = mutator.Mutate(seeds[mutator.Next((uint)seeds.Length)], seeds[mutator.Next((uint)seeds.Length)]);
            if (mutant.IndexOf(alert) < 0)
            {
                pair.Server.Deliver(mutant);
            }
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{mutator.Mutants} mutants in {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s");
        Assert.Empty(pair.ServerEnded);
        pair.Server.Deliver(alert);  // and the true one still does
        Assert.Single(pair.ServerEnded);
    }

    [Fact]
    public async Task What_reaches_the_library_is_bounded_and_whole_whatever_arrives()
    {
        using DtlsPair pair = new();
        _ = await pair.Handshake();
        byte[][] seeds = [.. pair.SentByClient, .. pair.SentByServer];
        PacketMutator mutator = new(20260106);
        long begun = Stopwatch.GetTimestamp();
        IncomingRecords records = new(DtlsRole.Server, message => PeerCertificate.Refuse(message, pair.ClientFingerprint));
        long passed = 0;
        for (int i = 0; mutator.Mutants < ProofSize.DtlsDatagrams / 2; i++)
        {
            if (i % 16 == 0)
            {
                records = new(i % 32 == 0 ? DtlsRole.Server : DtlsRole.Client, message => PeerCertificate.Refuse(message, pair.ClientFingerprint));
            }

            records.Add(mutator.Mutate(seeds[mutator.Next((uint)seeds.Length)], seeds[mutator.Next((uint)seeds.Length)]));
            while (records.TryTake(out byte[] record))
            {
                passed++;
                ReadOnlySpan<byte> whole = record;
                Assert.True(DtlsRecord.TryTake(ref whole, out DtlsRecord parsed) && whole.IsEmpty && parsed.Epoch == 0);
                Assert.True(parsed.Payload.Length <= HandshakeAssembly.HeaderBytes + HandshakeAssembly.MaxMessageBytes);
                Assert.True(parsed.Type == DtlsContentType.Alert || parsed.Payload[1..4].SequenceEqual(parsed.Payload[9..12]), "a fragment passed");
            }
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{mutator.Mutants} mutants in {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s, {passed} records passed");
        Assert.True(passed > ProofSize.DtlsDatagrams / 20, $"{passed} passed");
    }

    /// <summary>close_notify of the client, which the server does not get.</summary>
    private static byte[] Alert(DtlsPair pair)
    {
        pair.Client.Dispose();
        return pair.SentByClient.Last();
    }
}
