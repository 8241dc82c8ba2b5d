using MlvcRtc.Rtp.Packets;
using MlvcRtc.WebRtc.Dtls;
using MlvcRtc.WebRtc.Ice;
using MlvcRtc.WebRtc.Srtp;

namespace MlvcRtc.WebRtc.BuiltIn;

/// <summary>
/// What flows between ICE and the channels once the keys are there: tells DTLS from media (RFC 7983), protects, opens, and finds the channel. Packets may be sent from several threads;
/// they arrive one at a time. Allocates nothing per packet.
/// </summary>
internal sealed class MediaTransport : IDisposable
{
    /// <summary>Room for the 1,200 bytes that a channel takes, protected; more would not fit an IPv6 packet of 1,280 behind TURN.</summary>
    private const int MaxPacketBytes = 1200;

    /// <summary>No datagram of an Ethernet path is longer; those of a loopback path may be.</summary>
    private const int MaxDatagramBytes = 2048;

    /// <summary>
    /// Media that overtakes the end of the handshake is kept, since it begins with the key frame: the side that ends first sends at once. Enough for the packets of two round trips of 100 ms at 3 Mbit/s; more, and what
    /// somebody without keys sends, is dropped.
    /// </summary>
    private const int MaxEarly = 64;

    private readonly IIceTransport _ice;
    private readonly IDtlsEndpoint _dtls;
    private readonly Lock _sending = new();
    private readonly Lock _receiving = new();
    private readonly List<(byte[] Datagram, TimeSpan Arrival)> _early = [];
    private readonly byte[] _protected = new byte[MaxPacketBytes + SrtpProfileSizes.MaxOverheadBytes];
    private readonly byte[] _opened = new byte[MaxDatagramBytes];
    private SrtpSendContext? _send;
    private SrtpReceiveContext? _receive;
    private volatile bool _open;
    private volatile bool _shut;
    private long _packetsSent, _bytesSent, _packetsReceived, _bytesReceived, _malformed, _forged, _replayed, _unexpected;

    public MediaTransport(IIceTransport ice, IDtlsEndpoint dtls)
    {
        Bundle = new ChannelBundle(Send);
        _ice = ice;
        _dtls = dtls;
        _ice.Arrived += OnArrived;
        _dtls.Outgoing += _ice.Send;
    }

    /// <summary>Who gets what arrives.</summary>
    public ChannelBundle Bundle { get; }

    public long PacketsSent => Interlocked.Read(ref _packetsSent);

    public long BytesSent => Interlocked.Read(ref _bytesSent);

    public long PacketsReceived => Interlocked.Read(ref _packetsReceived);

    public long BytesReceived => Interlocked.Read(ref _bytesReceived);

    /// <summary>What arrived and was refused, those reasons that concern media.</summary>
    public DiscardedPackets Discarded => new()
    {
        Malformed = Interlocked.Read(ref _malformed),
        Forged = Interlocked.Read(ref _forged),
        Replayed = Interlocked.Read(ref _replayed),
        Unexpected = Interlocked.Read(ref _unexpected),
    };

    /// <summary>From here on packets flow; <see cref="DeliverEarly"/> is to follow, without any lock held. Once.</summary>
    public void Open(DtlsOutcome keys)
    {
        lock (_sending)
        {
            _send = new SrtpSendContext(keys.Profile, keys.Local);
            _receive = new SrtpReceiveContext(keys.Profile, keys.Remote);
            _open = true;
        }
    }

    /// <summary>Gives on what overtook the keys. The receivers are the application's, so no lock of the peer may be held.</summary>
    public void DeliverEarly()
    {
        lock (_receiving)
        {
            TakeEarly();
        }
    }

    /// <summary>Nothing flows any more; sending is a no-op.</summary>
    public void Shut()
    {
        _shut = true;
        _open = false;
    }

    public void Send(ReadOnlySpan<byte> packet)
    {
        if (!_open || packet.Length > MaxPacketBytes)
        {
            return;
        }

        lock (_sending)
        {
            if (!_open)
            {
                return;
            }

            int bytes = 0;
            SrtpVerdict verdict = PacketDemux.Classify(packet) switch
            {
                PacketKind.Rtp => _send!.ProtectRtp(packet, _protected, out bytes),
                PacketKind.Rtcp => _send!.ProtectRtcp(packet, _protected, out bytes),
                _ => SrtpVerdict.Malformed,
            };
            if (verdict == SrtpVerdict.Ok)
            {
                _ice.Send(_protected.AsSpan(0, bytes));
                Interlocked.Increment(ref _packetsSent);
                Interlocked.Add(ref _bytesSent, bytes);
            }
        }
    }

    /// <summary>After ICE has ended: no arrival comes any more.</summary>
    public void Dispose()
    {
        _ice.Arrived -= OnArrived;
        lock (_sending)
        {
            _open = false;
            _send?.Dispose();
        }

        lock (_receiving)
        {
            _receive?.Dispose();
        }
    }

    private void OnArrived(ReadOnlySpan<byte> datagram, TimeSpan arrival)
    {
        // RFC 7983 §7; STUN and TURN channels (0..3, 64..79) stay in ICE.
        if (!datagram.IsEmpty && datagram[0] is >= 20 and <= 63)
        {
            _dtls.Deliver(datagram);
        }
        else
        {
            lock (_receiving)
            {
                if (!_open && !_shut && _early.Count < MaxEarly && PacketDemux.Classify(datagram) != PacketKind.Unknown)
                {
                    _early.Add((datagram.ToArray(), arrival));
                }
                else
                {
                    TakeEarly();
                    Receive(datagram, arrival);
                }
            }
        }
    }

    private void TakeEarly()
    {
        foreach ((byte[] datagram, TimeSpan arrival) in _early)
        {
            Receive(datagram, arrival);
        }

        _early.Clear();
    }

    private void Receive(ReadOnlySpan<byte> datagram, TimeSpan arrival)
    {
        if (!_open)
        {
            Interlocked.Increment(ref _unexpected);
            return;
        }

        switch (Unprotect(datagram, out int bytes))
        {
            case SrtpVerdict.Ok:
                Bundle.Deliver(_opened.AsSpan(0, bytes), arrival);
                Interlocked.Increment(ref _packetsReceived);
                Interlocked.Add(ref _bytesReceived, datagram.Length);
                break;
            case SrtpVerdict.Malformed:
                Interlocked.Increment(ref _malformed);
                break;
            case SrtpVerdict.Forged:
                Interlocked.Increment(ref _forged);
                break;
            case SrtpVerdict.Replayed or SrtpVerdict.TooOld:
                Interlocked.Increment(ref _replayed);
                break;
            default:
                Interlocked.Increment(ref _unexpected);
                break;
        }
    }

    private SrtpVerdict Unprotect(ReadOnlySpan<byte> datagram, out int bytes)
    {
        bytes = 0;
        return datagram.Length > MaxDatagramBytes ? SrtpVerdict.Malformed : PacketDemux.Classify(datagram) switch
        {
            PacketKind.Rtp => _receive!.UnprotectRtp(datagram, _opened, out bytes),
            PacketKind.Rtcp => _receive!.UnprotectRtcp(datagram, _opened, out bytes),
            _ => SrtpVerdict.Malformed,
        };
    }
}
