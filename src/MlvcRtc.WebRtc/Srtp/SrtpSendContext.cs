namespace MlvcRtc.WebRtc.Srtp;

/// <summary>
/// Our half of an SRTP session (RFC 3711 §3.2): makes SRTP and SRTCP of what we send. The rollover counter of a source follows from the sequence numbers themselves, so packets may leave in
/// any order within <see cref="ReplayWindow.Packets"/>; a number that has left once does not leave again (<see cref="SrtpVerdict.Replayed"/>), whatever it carries: with GCM a second
/// content under one nonce gives the authentication key away, with AES-CM the XOR of both. A retransmission is a new packet (RFC 4588, or a new number in the same stream).
/// RFC 3711 §3.3.1: a first sequence number below 2^15 lets a receiver that misses the first packets find the rollover counter.
/// Calls from several threads are taken in turn. Allocates nothing per packet.
/// </summary>
public sealed class SrtpSendContext : IDisposable
{
    /// <summary>RFC 3711 §3.4: the index of SRTCP has 31 bits.</summary>
    private const uint MaxRtcpIndex = (1u << 31) - 1;

    private readonly Lock _lock = new();
    private readonly SrtpTransform _rtp;
    private readonly SrtpTransform _rtcp;
    private readonly SrtpStreams<ReplayWindow> _sent = new();
    private readonly SrtpStreams<RtcpCounter> _counters = new();
    private bool _disposed;

    /// <exception cref="ArgumentException">A key or salt is not of the length its profile fixes.</exception>
    public SrtpSendContext(SrtpProfile profile, SrtpKeys keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        Profile = profile;
        _rtp = SrtpTransform.Create(profile, keys, rtcp: false);
        _rtcp = SrtpTransform.Create(profile, keys, rtcp: true);
    }

    public SrtpProfile Profile { get; }

    /// <param name="packet">RTP.</param>
    /// <param name="destination">Room for <see cref="SrtpProfileSizes.RtpOverheadBytes"/> more; may begin where the packet begins, else apart from it.</param>
    /// <param name="bytes">Length of the SRTP packet; 0 unless Ok.</param>
    /// <exception cref="ArgumentException">The destination is too small.</exception>
    public SrtpVerdict ProtectRtp(ReadOnlySpan<byte> packet, Span<byte> destination, out int bytes)
    {
        bytes = 0;
        if (!SrtpHeader.TryMeasure(packet, out int headerBytes))
        {
            return SrtpVerdict.Malformed;
        }

        destination = Room(destination, packet.Length + Profile.RtpOverheadBytes());
        uint ssrc = SrtpHeader.RtpSsrc(packet);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            ReplayWindow? sent = _sent.Find(ssrc);
            if (sent is null)
            {
                if (_sent.IsFull)
                {
                    return SrtpVerdict.TooManyStreams;
                }

                _sent.Add(ssrc, sent = new ReplayWindow());
            }

            ushort number = SrtpHeader.SequenceNumber(packet);
            ulong index = sent.IsEmpty ? number : PacketIndex.Estimate(sent.Highest, number);
            SrtpVerdict verdict = index > PacketIndex.Max ? SrtpVerdict.Exhausted : sent.Check(index);
            if (verdict != SrtpVerdict.Ok)
            {
                return verdict;
            }

            sent.Mark(index);
            _rtp.ProtectRtp(packet, headerBytes, ssrc, index, destination);
        }

        bytes = destination.Length;
        return SrtpVerdict.Ok;
    }

    /// <param name="packet">RTCP, also compound (RFC 3711 §3.4).</param>
    /// <param name="destination">Room for <see cref="SrtpProfileSizes.RtcpOverheadBytes"/> more; may begin where the packet begins, else apart from it.</param>
    /// <param name="bytes">Length of the SRTCP packet; 0 unless Ok.</param>
    /// <exception cref="ArgumentException">The destination is too small.</exception>
    public SrtpVerdict ProtectRtcp(ReadOnlySpan<byte> packet, Span<byte> destination, out int bytes)
    {
        bytes = 0;
        if (!SrtpHeader.IsRtcp(packet))
        {
            return SrtpVerdict.Malformed;
        }

        destination = Room(destination, packet.Length + Profile.RtcpOverheadBytes());
        uint ssrc = SrtpHeader.RtcpSsrc(packet);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            RtcpCounter? counter = _counters.Find(ssrc);
            if (counter is null)
            {
                if (_counters.IsFull)
                {
                    return SrtpVerdict.TooManyStreams;
                }

                _counters.Add(ssrc, counter = new RtcpCounter());
            }

            if (counter.Next > MaxRtcpIndex)
            {
                return SrtpVerdict.Exhausted;
            }

            _rtcp.ProtectRtcp(packet, ssrc, counter.Next++, destination);
        }

        bytes = destination.Length;
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

    /// <summary>For tests of the end of the index space: the last index a source has used. 2^48 packets take 9,000 years at 1000 a second.</summary>
    internal void SetUsed(uint ssrc, ulong rtpIndex, uint rtcpIndex)
    {
        lock (_lock)
        {
            ReplayWindow sent = new();
            sent.Mark(rtpIndex);
            _sent.Add(ssrc, sent);
            _counters.Add(ssrc, new RtcpCounter { Next = rtcpIndex + 1 });
        }
    }

    private static Span<byte> Room(Span<byte> destination, int bytes) => destination.Length >= bytes
        ? destination[..bytes]
        : throw new ArgumentException($"the packet needs {bytes} bytes, the destination has {destination.Length}", nameof(destination));

    private sealed class RtcpCounter
    {
        public uint Next { get; set; }
    }
}
