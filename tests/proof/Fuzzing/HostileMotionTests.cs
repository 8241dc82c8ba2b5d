using MlvcRtc.Codec.Entropy;
using MlvcRtc.Codec.Motion;

namespace MlvcRtc.Proof.Fuzzing;

/// <summary>Whatever bytes claim to be motion vectors: reading them ends, throws nothing, and no vector that it yields points outside the margin.</summary>
public sealed class HostileMotionTests
{
    [Fact]
    public void Damaged_and_random_vectors_are_read_or_refused()
    {
        Random random = new(1);
        MotionCoder coder = new(1, TrainedLogits.Of([.. Enumerable.Range(0, MotionCoder.CountOf(1)).Select(n => (n * 7919 % 4001) - 2000)]));
        RansEncoder encoder = new();
        HashSet<EntropyStatus> seen = [];
        for (int round = 0; round < 20 * ProofSize.Cases; round++)
        {
            MotionField field = new(16 * random.Next(1, 10), 16 * random.Next(1, 8));
            foreach (ref MotionVector vector in field.Vectors)
            {
                vector = random.Next(3) == 0 ? new MotionVector((short)random.Next(-32, 33), (short)random.Next(-32, 33)) : vector;
            }

            encoder.Start();
            encoder.Put(coder.Encode(0, field));
            byte[] bytes = encoder.Finish().ToArray();
            RansDamage.Damage(random, ref bytes);

            RansDecoder decoder = new(bytes);
            bool read = coder.Decode(ref decoder, 0, field);
            seen.Add(decoder.Finish());
            foreach (MotionVector vector in read ? field.Vectors : [])
            {
                Assert.True(vector.IsWithinReach);
            }
        }

        Assert.Contains(EntropyStatus.InvalidMotion, seen);
        Assert.Contains(EntropyStatus.Truncated, seen);
        Assert.Contains(EntropyStatus.InvalidEnd, seen);
    }
}
