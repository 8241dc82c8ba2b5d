namespace MlvcRtc.Codec.Entropy;

/// <summary>How reading an entropy-coded frame ended. Append-only. Every value but <see cref="Ok"/> means damaged bytes (or another model's).</summary>
public enum EntropyStatus
{
    Ok = 0,

    /// <summary>The bytes ended before the last symbol.</summary>
    Truncated = 1,

    /// <summary>The first four bytes are no state of an encoder (2^23 ≤ state &lt; 2^31).</summary>
    InvalidStart = 2,

    /// <summary>A slot that belongs to no symbol of its table.</summary>
    InvalidSymbol = 3,

    /// <summary>An escaped value with more than 16 digits, with a zero as its highest digit, or beyond 32 bits; with contexts a magnitude beyond 31 bits.</summary>
    InvalidEscape = 4,

    /// <summary>All symbols were read, but bytes are left or the state is not the one every encoder starts from.</summary>
    InvalidEnd = 5,

    /// <summary>A motion vector points further than vectors may.</summary>
    InvalidMotion = 6,
}
