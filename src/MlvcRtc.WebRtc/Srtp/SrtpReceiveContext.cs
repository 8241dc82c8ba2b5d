using System.Buffers.Binary;

namespace MlvcRtc.WebRtc.Srtp;

/// <summary>
/// The other side's half of an SRTP session (RFC 3711 §3.3): checks and opens what arrives, from anyone. Nothing is remembered of a packet whose tag is wrong. A source that is heard for
/// the first time is taken to be in its first round (rollover counter 0), as RFC 3711 §3.3.1 has it for those who join with the keys.
/// Calls from several threads are taken in turn. Allocates nothing per packet, except for forged ones with GCM (.NET tells by an exception) and the first of a source.
/// </summary>
public sealed class SrtpReceiveContext : IDisposable
{
    private const uint Encrypted = 1u << 31;

    private readonly Lock _lock = new();
    private readonly SrtpTransform _rtp;
    private readonly SrtpTransform _rtcp;
    private readonly SrtpStreams<ReplayWindow> _rtpSeen = new();
    private readonly SrtpStreams<ReplayWindow> _rtcpSeen = new();
    private bool _disposed;

    /// <exception cref="ArgumentException">A key or salt is not of the length its profile fixes.</exception>
    public SrtpReceiveContext(SrtpProfile profile, SrtpKeys keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        Profile = profile;
        _rtp = SrtpTransform.Create(profile, keys, rtcp: false);
        _rtcp = SrtpTransform.Create(profile, keys, rtcp: true);
    }

    public SrtpProfile Profile { get; }

    /// <param name="packet">SRTP as it arrived.</param>
    /// <param name="destination">Room for <see cref="SrtpProfileSizes.RtpOverheadBytes"/> less; may begin where the packet begins, else apart from it. Holds nothing usable unless Ok.</param>
    /// <param name="bytes">Length of the RTP packet; 0 unless Ok.</param>
    public SrtpVerdict UnprotectRtp(ReadOnlySpan<byte> packet, Span<byte> destination, out int bytes)
    {
        bytes = 0;
        int plain = packet.Length - Profile.RtpOverheadBytes();
        if (!SrtpHeader.TryMeasure(packet, out int headerBytes) || headerBytes > plain || plain > destination.Length)
        {
            return SrtpVerdict.Malformed;
        }

        uint ssrc = SrtpHeader.RtpSsrc(packet);
        ushort number = SrtpHeader.SequenceNumber(packet);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            ReplayWindow? seen = _rtpSeen.Find(ssrc);
            ulong index = seen is null ? number : PacketIndex.Estimate(seen.Highest, number);
            SrtpVerdict verdict = Judge(_rtpSeen, seen, index, PacketIndex.Max);
            if (verdict != SrtpVerdict.Ok)
            {
                return verdict;
            }

            if (!_rtp.UnprotectRtp(packet, headerBytes, ssrc, index, destination))
            {
                return SrtpVerdict.Forged;
            }

            Remember(_rtpSeen, seen, ssrc, index);
        }

        bytes = plain;
        return SrtpVerdict.Ok;
    }

    /// <param name="packet">SRTCP as it arrived.</param>
    /// <param name="destination">Room for <see cref="SrtpProfileSizes.RtcpOverheadBytes"/> less; may begin where the packet begins, else apart from it. Holds nothing usable unless Ok.</param>
    /// <param name="bytes">Length of the RTCP packet; 0 unless Ok.</param>
    public SrtpVerdict UnprotectRtcp(ReadOnlySpan<byte> packet, Span<byte> destination, out int bytes)
    {
        bytes = 0;
        int plain = packet.Length - Profile.RtcpOverheadBytes();
        if (plain < SrtpProfileSizes.RtcpClearBytes || !SrtpHeader.IsRtcp(packet) || plain > destination.Length)
        {
            return SrtpVerdict.Malformed;
        }

        // Behind the ciphertext: AES-CM has index, tag (RFC 3711 §3.4); GCM has tag, index (RFC 7714 §9).
        int wordOffset = Profile == SrtpProfile.AeadAes128Gcm ? packet.Length - SrtpProfileSizes.RtcpIndexBytes : plain;
        uint word = BinaryPrimitives.ReadUInt32BigEndian(packet[wordOffset..]);
        if ((word & Encrypted) == 0)
        {
            return SrtpVerdict.Malformed;
        }

        uint ssrc = SrtpHeader.RtcpSsrc(packet);
        uint index = word & ~Encrypted;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            ReplayWindow? seen = _rtcpSeen.Find(ssrc);
            SrtpVerdict verdict = Judge(_rtcpSeen, seen, index, uint.MaxValue);
            if (verdict != SrtpVerdict.Ok)
            {
                return verdict;
            }

            if (!_rtcp.UnprotectRtcp(packet, ssrc, index, destination))
            {
                return SrtpVerdict.Forged;
            }

            Remember(_rtcpSeen, seen, ssrc, index);
        }

        bytes = plain;
        return SrtpVerdict.Ok;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _rtp.Dispose();
            _rtcp.Dispose();
        }
    }

    private static SrtpVerdict Judge(SrtpStreams<ReplayWindow> streams, ReplayWindow? seen, ulong index, ulong max) =>
        seen is null ? streams.IsFull ? SrtpVerdict.TooManyStreams : SrtpVerdict.Ok
        : index > max ? SrtpVerdict.Exhausted
        : seen.Check(index);

    private static void Remember(SrtpStreams<ReplayWindow> streams, ReplayWindow? seen, uint ssrc, ulong index)
    {
        if (seen is null)
        {
            streams.Add(ssrc, seen = new ReplayWindow());
        }

        seen.Mark(index);
    }
}
