namespace MlvcRtc.WebRtc.Srtp;

/// <summary>The 48-bit index of a packet, of which only the lower 16 bits are sent (RFC 3711 §3.3.1).</summary>
internal static class PacketIndex
{
    /// <summary>The greatest index (RFC 3711 §9.2: at most 2^48 packets under one key).</summary>
    public const ulong Max = (1UL << 48) - 1;

    private const int Half = 1 << 15;

    /// <summary>
    /// RFC 3711 appendix A: the index nearest to <paramref name="highest"/> with these lower bits. Before the first wrap there is no earlier round, so a distance of more than half a round
    /// back is taken as forward. May exceed <see cref="Max"/>.
    /// </summary>
    /// <param name="highest">The greatest index that was authenticated (ROC * 2^16 + s_l).</param>
    public static ulong Estimate(ulong highest, ushort sequenceNumber)
    {
        ulong rollover = highest >> 16;
        int last = (ushort)highest;
        if (last < Half)
        {
            rollover -= sequenceNumber - last > Half && rollover > 0 ? 1UL : 0;
        }
        else
        {
            rollover += last - Half > sequenceNumber ? 1UL : 0;
        }

        return (rollover << 16) | sequenceNumber;
    }
}
