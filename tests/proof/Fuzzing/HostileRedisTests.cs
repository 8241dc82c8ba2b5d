using System.Text;
using MlvcRtc.Server.Redis;

namespace MlvcRtc.Proof.Fuzzing;

/// <summary>Damaged RESP replies: no crash, no over-read, nothing consumed that was not whole, and memory only for what has come.</summary>
public sealed class HostileRedisTests
{
    private static readonly byte[][] Seeds =
    [
        .. new[]
        {
            "+OK\r\n", "-NOSCRIPT No matching script\r\n", ":1763721600123\r\n", "$-1\r\n", "*-1\r\n", "$5\r\nhello\r\n:1\r\n",
            "*2\r\n$9\r\nroomstate\r\n:1763721600123\r\n", "*3\r\n$7\r\nmessage\r\n$14\r\nmlvcrtc:node:ab\r\n$2\r\n{}\r\n",
            "*2\r\n*3\r\n:1\r\n:2\r\n:3\r\n*2\r\n+Hello\r\n-World\r\n", "*4\r\n*1\r\n*1\r\n*1\r\n$4\r\ndeep\r\n+a\r\n+b\r\n+c\r\n",
        }.Select(Encoding.ASCII.GetBytes),
    ];

    [Fact]
    public void Damaged_replies_neither_crash_nor_read_beyond_their_bytes()
    {
        PacketMutator mutator = new(seed: 20260731);
        long values = 0, more = 0, malformed = 0, allocated = 0, bytes = 0;
        while (mutator.Mutants < ProofSize.Packets)
        {
            ReadOnlySpan<byte> mutant = mutator.Mutate(Seeds[mutator.Next((uint)Seeds.Length)], Seeds[mutator.Next((uint)Seeds.Length)]);
            long before = GC.GetAllocatedBytesForCurrentThread();
            RespReader reader = new(mutant);
            RespOutcome outcome;
            int consumed = 0;
            while ((outcome = reader.TryRead(out _)) == RespOutcome.Value)
            {
                Assert.InRange(reader.Consumed, consumed + 3, mutant.Length);  // the shortest value is ":", CR, LF and a digit; progress bounds the loop
                consumed = reader.Consumed;
                values++;
            }

            Assert.Equal(consumed, reader.Consumed);
            more += outcome == RespOutcome.More ? 1 : 0;
            malformed += outcome == RespOutcome.Malformed ? 1 : 0;
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            bytes += mutant.Length;
        }

        Assert.True(long.Min(values, long.Min(more, malformed)) > ProofSize.Packets / 20, $"{values} values, {more} incomplete, {malformed} malformed");
        Assert.True(allocated < 100 * bytes, $"{allocated} bytes for {bytes}");  // a value of three bytes is an object of less than 100, its list included
    }
}
