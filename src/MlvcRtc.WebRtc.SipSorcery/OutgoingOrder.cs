using System.Buffers.Binary;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.WebRtc.SipSorcery;

/// <summary>
/// Keeps the sequence numbers of each SSRC ascending. The library counts wraps by one rule: a packet numbered 65535 was protected. A number sent again after the wrap, or a wrap that
/// leaves 65535 out, would make every later packet unreadable.
/// </summary>
internal sealed class OutgoingOrder
{
    private readonly Dictionary<uint, ushort> _lastOf = [];

    /// <summary>Judges a well-formed RTP packet, and remembers it.</summary>
    /// <param name="wrapsUnseen">First a packet numbered 65535 must be protected and thrown away.</param>
    /// <returns>False: not newer than what was sent before, to be left out.</returns>
    public bool TryPass(ReadOnlySpan<byte> packet, out bool wrapsUnseen)
    {
        ushort number = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);
        bool known = _lastOf.TryGetValue(ssrc, out ushort last);
        wrapsUnseen = known && number < last && last != ushort.MaxValue;
        if (known && !SequenceNumber.IsNewer(number, last))
        {
            return false;
        }

        _lastOf[ssrc] = number;
        return true;
    }
}
