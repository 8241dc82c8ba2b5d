using MlvcRtc.Codec.Inference;

namespace MlvcRtc.Codec.Verification;

/// <summary>Are two states the same bytes, but for the sign of zero?</summary>
public static class StateComparison
{
    /// <exception cref="ArgumentException">The tensors differ in type or size.</exception>
    public static bool AreEqual(NativeTensor left, NativeTensor right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        if (left.Type != right.Type || left.ByteLength != right.ByteLength)
        {
            throw new ArgumentException($"{left.Type} of {left.ByteLength} bytes cannot be compared with {right.Type} of {right.ByteLength}.", nameof(right));
        }

        return AreEqual(left.Bytes, right.Bytes, left.Type);
    }

    /// <param name="left">A state's bytes.</param>
    /// <param name="right">Another's.</param>
    /// <param name="type">Float32 or Float16.</param>
    public static bool AreEqual(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, ElementType type)
    {
        if (left.SequenceEqual(right))
        {
            return true;
        }

        int size = NativeTensor.SizeOf(type);
        for (int at = 0; at < left.Length && left.Length == right.Length; at += size)
        {
            if (!left.Slice(at, size).SequenceEqual(right.Slice(at, size)) && !(IsZero(left.Slice(at, size)) && IsZero(right.Slice(at, size))))
            {
                return false;
            }
        }

        return left.Length == right.Length;
    }

    /// <summary>All bits 0 but the sign, which is the highest bit of the last byte (little endian).</summary>
    private static bool IsZero(ReadOnlySpan<byte> element) => !element[..^1].ContainsAnyExcept((byte)0) && (element[^1] & 0x7F) == 0;
}
