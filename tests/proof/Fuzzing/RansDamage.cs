namespace MlvcRtc.Proof.Fuzzing;

/// <summary>Makes wrong rANS streams of right ones: cut, a byte changed, a byte more, or random bytes under a state that is in range.</summary>
internal static class RansDamage
{
    public static void Damage(Random random, ref byte[] bytes)
    {
        switch (random.Next(4))
        {
            case 0:
                bytes = bytes[..random.Next(bytes.Length)];
                break;
            case 1:
                bytes[random.Next(bytes.Length)] ^= (byte)random.Next(1, 256);
                break;
            case 2:
                bytes = [.. bytes, (byte)random.Next(256)];
                break;
            default:
                random.NextBytes(bytes);
                bytes[3] &= 0x7F;
                break;
        }
    }
}
