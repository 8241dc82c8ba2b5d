using System.Diagnostics;
using System.Text;
using MlvcRtc.Signaling.Messages;

namespace MlvcRtc.Proof.Fuzzing;

/// <summary>Damaged signaling messages: cut, spliced, with bytes, numbers and tokens changed. No crash, no hang, and whatever is accepted can be written and read again.</summary>
public sealed class HostileSignalingTests
{
    /// <summary>A refused message costs an exception inside the JSON library, tens of microseconds on a busy machine: a tenth of what packets get, and less in the quick run.</summary>
    private const int Mutants = ProofSize.Packets >= 1_000_000 ? ProofSize.Packets / 10 : ProofSize.Packets / 25;

    private static readonly string[] Pieces =
        ["{", "}", "[", "]", "\"", ":", ",", "\\", "\\ud800", "null", "1e999", "-1", "0", "\"type\":", "\"seq\":1,", "\u0000", "é", "true", "\"room\":\"r\",", "{\"a\":", "[[[["];

    [Fact]
    public void Damaged_messages_neither_crash_nor_hang_and_accepted_ones_can_be_read_again()
    {
        Random random = new(20260103);
        byte[][] seeds = [.. Seeds().Select(MessageWriter.Write)];
        byte[][] pieces = [.. Pieces.Select(Encoding.UTF8.GetBytes)];
        byte[] buffer = new byte[4096];
        long ok = 0, unknown = 0, malformed = 0;
        long begun = Stopwatch.GetTimestamp();
        for (int i = 0; i < Mutants; i++)
        {
            int length = Mutate(random, seeds[random.Next(seeds.Length)], seeds[random.Next(seeds.Length)], pieces, buffer);
            ReadStatus status = MessageReader.TryRead(buffer.AsSpan(0, length), out SignalMessage? message, out _);
            switch (status)
            {
                case ReadStatus.Ok:
                    ok++;
                    if (MessageReader.TryRead(MessageWriter.Write(message!), out _, out string? problem) != ReadStatus.Ok)
                    {
                        Assert.Fail($"accepted, but not when written again ({problem}): {Encoding.UTF8.GetString(buffer, 0, length)}");
                    }

                    break;
                case ReadStatus.UnknownType:
                    unknown++;
                    break;
                default:
                    malformed++;
                    break;
            }
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{Mutants} mutants in {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s: {ok} accepted, {unknown} unknown, {malformed} malformed");
        Assert.True(ok > Mutants / 1000 && unknown > Mutants / 1000 && malformed > Mutants / 10, $"{ok} {unknown} {malformed}");
    }

    private static int Mutate(Random random, byte[] seed, byte[] other, byte[][] pieces, byte[] buffer)
    {
        int length = seed.Length;
        seed.CopyTo(buffer, 0);
        for (int changes = random.Next(1, 4); changes > 0 && length > 0; changes--)
        {
            int at = random.Next(length);
            switch (random.Next(5))
            {
                case 0:
                    buffer[at] = (byte)random.Next(256);
                    break;
                case 1:
                    buffer[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    length = at;
                    break;
                case 3:
                    byte[] piece = pieces[random.Next(pieces.Length)];
                    length = Insert(buffer, length, at, piece);
                    break;
                default:
                    int from = random.Next(other.Length);
                    length = Insert(buffer, at, at, other.AsSpan(from));
                    break;
            }
        }

        return length;
    }

    private static int Insert(byte[] buffer, int length, int at, ReadOnlySpan<byte> piece)
    {
        if (length + piece.Length > buffer.Length)
        {
            return length;
        }

        buffer.AsSpan(at, length - at).CopyTo(buffer.AsSpan(at + piece.Length));
        piece.CopyTo(buffer.AsSpan(at));
        return length + piece.Length;
    }

    private static SignalMessage[] Seeds() =>
    [
        new Join("room") { Token = "a.b.c", Name = "Ann", Attempt = "0123456789012345678901" },
        new Joined("a", "secret", true, [new PeerInfo("b") { Name = "Bob" }], [new IceServerInfo(["turn:t"]) { Username = "1:a", Credential = "p" }]) { IceServersTtl = 600 },
        new PeerJoined(new PeerInfo("b")),
        new PeerLeft("b", "bye"),
        new Offer("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n", 1) { To = "b" },
        new Answer("v=0\r\n", 2) { To = "b" },
        new Candidate("candidate:1 1 udp 1 192.0.2.1 9 typ host", 3) { To = "b", Mid = "0" },
        new EndOfCandidates(4) { To = "b" },
        new Ack(4) { To = "b" },
        new Ping(7),
        new Bye(),
        new ErrorMessage("room-full", "full"),
    ];
}
