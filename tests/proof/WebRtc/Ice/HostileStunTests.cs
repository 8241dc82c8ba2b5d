using System.Diagnostics;
using System.Net;
using System.Text;
using MlvcRtc.Proof.Fuzzing;
using MlvcRtc.WebRtc;
using MlvcRtc.WebRtc.Ice;
using MlvcRtc.WebRtc.Stun;
using MlvcRtc.WebRtc.Turn;

namespace MlvcRtc.Proof.WebRtc.Ice;

/// <summary>Damaged STUN and TURN messages and candidate lines: no crash, no hang, no memory by a number from the wire; and nothing wrong is believed.</summary>
public sealed class HostileStunTests
{
    private const int Cases = ProofSize.Packets / 10;

    private static readonly byte[] Password = "0123456789abcdefghijkl"u8.ToArray();
    private static readonly TransportAddress Somewhere = TransportAddress.From(IPAddress.Parse("192.0.2.7"), 7);
    private static readonly TransportAddress Elsewhere = TransportAddress.From(IPAddress.Parse("2001:db8::7"), 7);

    [Fact]
    public void Damaged_messages_are_read_to_their_end_without_garbage()
    {
        PacketMutator mutator = new(seed: 20260401);
        byte[][] seeds = Seeds();
        (long parsed, long signed, long forged) = (0, 0, 0);
        Read(seeds[0]);  // what is made once is made now
        long begun = Stopwatch.GetTimestamp();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        while (mutator.Mutants < Cases)
        {
            byte[] seed = seeds[mutator.Next((uint)seeds.Length)];
            ReadOnlySpan<byte> mutant = mutator.Mutate(seed, seeds[mutator.Next((uint)seeds.Length)]);
            (bool isStun, bool isSigned) = Read(mutant);
            parsed += isStun ? 1 : 0;
            signed += isSigned ? 1 : 0;
            forged += isSigned && !IsOneOf(mutant, seeds) ? 1 : 0;
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{mutator.Mutants} mutants in {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s: {parsed} parsed, {signed} signed, {allocated} bytes allocated");
        Assert.True(parsed > Cases / 100);
        Assert.True(signed > Cases / 100);  // a quarter of what the mutator makes is unchanged
        Assert.Equal(0, forged);
        Assert.True(allocated < 1 << 20, $"{allocated} bytes were allocated");
    }

    [Fact]
    public void Damaged_messages_of_a_relay_leave_its_client_standing()
    {
        PacketMutator mutator = new(seed: 20260402);
        byte[][] seeds = Seeds();
        byte[] last = [];
        TurnAllocation allocation = new("me", "secret", reliable: true, message => last = message.ToArray());
        TurnFraming framing = new();
        TimeSpan now = TimeSpan.Zero;
        allocation.Start(now);
        long messages = 0;
        while (mutator.Mutants < Cases)
        {
            byte[] seed = seeds[mutator.Next((uint)seeds.Length)];
            if (mutator.Next(4) == 0)
            {
                seed = [.. seed];
                last.AsSpan(8, TransactionId.Bytes).CopyTo(seed.AsSpan(8));  // an answer to what was asked
                seed[0] = (byte)(1 | seed[0]);
            }

            ReadOnlySpan<byte> input = mutator.Mutate(seed, seeds[mutator.Next((uint)seeds.Length)]);
            allocation.Receive(input, now, out _, out _);
            while (framing.TryTake(ref input, out ReadOnlySpan<byte> message))
            {
                messages++;
                Assert.True(message.Length <= TurnFraming.MaxMessageBytes);
                allocation.Receive(message, now, out _, out _);
            }

            framing = framing.IsBroken ? new TurnFraming() : framing;
            now += TimeSpan.FromMilliseconds(1);
            allocation.Advance(now);
            if (allocation.State == AllocationState.Failed)
            {
                allocation = new TurnAllocation("me", "secret", reliable: true, message => last = message.ToArray());
                allocation.Start(now);
            }
        }

        Assert.NotEqual(AllocationState.Allocated, allocation.State);  // nobody knew the secret
        Assert.True(messages > Cases / 100);
    }

    [Fact]
    public void Signed_but_absurd_checks_fill_no_list_without_end()
    {
        PacketMutator random = new(seed: 20260403);
        IceCounters counters = new();
        IceSession session = new(new IceCredentials("abcd", Encoding.ASCII.GetString(Password)), 5, counters, new Random(1));
        CountingBase localBase = new();
        session.AddLocal(new IceCandidate("h", 1000, Somewhere, CandidateType.Host), localBase, TimeSpan.Zero);
        session.SetRemote(new IceCredentials("efgh", Encoding.ASCII.GetString(Password)), controlling: true, TimeSpan.Zero);
        byte[] buffer = new byte[StunWriter.BufferBytes];
        byte[] value = new byte[64];
        StunAttribute[] known = Enum.GetValues<StunAttribute>();
        for (int number = 0; number < Cases / 10; number++)
        {
            StunWriter writer = new(buffer, (StunClass)random.Next(4), StunMethod.Binding, localBase.LastTransaction);
            writer.Add(StunAttribute.Username, "abcd:efgh");
            for (uint attributes = random.Next(5); attributes > 0; attributes--)
            {
                StunAttribute type = known[random.Next((uint)known.Length)];
                int length = type is StunAttribute.MessageIntegrity or StunAttribute.Fingerprint ? 20 : (int)random.Next(24);
                value[random.Next(64)] = (byte)random.Next(256);
                writer.Add(type, value.AsSpan(0, length));
            }

            writer.Add(StunAttribute.Priority, random.Next(uint.MaxValue));
            writer.AddIntegrity(Password);
            writer.AddFingerprint();
            if (StunMessage.TryParse(writer.Written, out StunMessage message))
            {
                session.Receive(localBase, Somewhere.WithPort((ushort)random.Next(65536)), message, TimeSpan.FromMilliseconds(number));
            }
        }

        Assert.InRange(session.Pairs.Count, 1, Checklist.MaxPairs);
        Assert.True(localBase.Sent < 2 * Cases, "at most one answer and one check for each");
    }

    [Fact]
    public void Damaged_candidate_lines_are_refused_or_make_sense()
    {
        PacketMutator mutator = new(seed: 20260404);
        byte[][] seeds =
        [
            .. new[]
            {
                "candidate:842163049 1 udp 1677729535 203.0.113.9 46154 typ srflx raddr 10.0.0.1 rport 46154 generation 0 ufrag iBOy network-cost 999",
                "a=candidate:1 1 UDP 2122317823 2001:db8::7 40000 typ host",
                "candidate:r0 1 udp 16777215 198.51.100.7 50000 typ relay raddr 0.0.0.0 rport 0 ufrag a+/9",
                "candidate:1 1 tcp 1 192.0.2.1 9 typ host tcptype active",
                "candidate:1 1 udp 1 0b2f8a32-f1f5-4a2f-9f1f-1d6e8c6f2f10.local 9 typ host",
            }.Select(Encoding.Latin1.GetBytes),
        ];
        long good = 0;
        while (mutator.Mutants < Cases)
        {
            ReadOnlySpan<byte> mutant = mutator.Mutate(seeds[mutator.Next((uint)seeds.Length)], seeds[mutator.Next((uint)seeds.Length)]);
            if (CandidateLine.Parse(Encoding.Latin1.GetString(mutant), out IceCandidate? candidate) == CandidateLineKind.Candidate)
            {
                good++;
                Assert.Equal(CandidateLineKind.Candidate, CandidateLine.Parse(CandidateLine.Write(candidate!), out IceCandidate? again));
                Assert.Equal(candidate, again! with { Related = candidate!.Related });
            }
            else
            {
                Assert.Null(candidate);
            }
        }

        Assert.True(good > Cases / 100);
    }

    private static (bool IsStun, bool IsSigned) Read(ReadOnlySpan<byte> bytes)
    {
        ChannelData.TryRead(bytes, out _, out _);
        if (!StunMessage.TryParse(bytes, out StunMessage message))
        {
            return (false, false);
        }

        foreach (StunAttribute type in Attributes)
        {
            message.TryGet(type, out _);
            message.TryGetUInt32(type, out _);
            message.TryGetUInt64(type, out _);
            message.TryGetXorAddress(type, out _);
        }

        message.ErrorCode();
        message.FirstUnknownRequired();
        message.TryGet(StunAttribute.Username, out ReadOnlySpan<byte> username);
        CheckMessages.IsFor(username, "abcd", "efgh");
        return (true, message.HasValidFingerprint() && message.IsFrom(Password));
    }

    private static readonly StunAttribute[] Attributes = Enum.GetValues<StunAttribute>();

    /// <summary>A signed message must be one of ours, byte for byte.</summary>
    private static bool IsOneOf(ReadOnlySpan<byte> mutant, byte[][] seeds)
    {
        foreach (byte[] seed in seeds)
        {
            if (mutant.SequenceEqual(seed))
            {
                return true;
            }
        }

        return false;
    }

    private static byte[][] Seeds()
    {
        byte[] buffer = new byte[StunWriter.BufferBytes];
        TransactionId transaction = new(0x1122334455667788, 0x99AABBCC);
        List<byte[]> seeds =
        [
            CheckMessages.Request(buffer, transaction, "abcd:efgh", Password, 1, true, 7, nominate: true).ToArray(),
            CheckMessages.Success(buffer, transaction, Somewhere, Password).ToArray(),
            CheckMessages.Success(buffer, transaction, Elsewhere, Password).ToArray(),
            CheckMessages.Error(buffer, transaction, 420, "Unknown Attribute", Password, 0x7777).ToArray(),
        ];
        StunWriter challenge = new(buffer, StunClass.Error, StunMethod.Allocate, transaction);
        challenge.AddError(401, "Unauthorized");
        challenge.Add(StunAttribute.Realm, "example.org");
        challenge.Add(StunAttribute.Nonce, "f//499k954d6OL34oL9FSTvy64sA");
        seeds.Add(challenge.Written.ToArray());
        StunWriter allocated = new(buffer, StunClass.Success, StunMethod.Allocate, transaction);
        allocated.AddXorAddress(StunAttribute.XorRelayedAddress, Somewhere);
        allocated.Add(StunAttribute.Lifetime, 600u);
        allocated.AddIntegrity(Password);
        seeds.Add(allocated.Written.ToArray());
        StunWriter data = new(buffer, StunClass.Indication, StunMethod.Data, transaction);
        data.AddXorAddress(StunAttribute.XorPeerAddress, Elsewhere);
        data.Add(StunAttribute.Data, new byte[300]);
        seeds.Add(data.Written.ToArray());
        seeds.Add(buffer[..ChannelData.Write(buffer, 0x4000, new byte[41], padded: true)]);
        return [.. seeds];
    }

    /// <summary>Remembers what was asked last.</summary>
    private sealed class CountingBase() : LocalBase(Somewhere, CandidateType.Host)
    {
        public long Sent { get; private set; }

        public TransactionId LastTransaction { get; private set; }

        public override bool Send(TransportAddress remote, ReadOnlySpan<byte> datagram)
        {
            Sent++;
            LastTransaction = datagram[0] == 0 ? TransactionId.Read(datagram[8..]) : LastTransaction;
            return true;
        }
    }
}
