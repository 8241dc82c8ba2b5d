using System.Net;
using MlvcRtc.Media;
using MlvcRtc.Rtp;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.WebRtc.BuiltIn;
using MlvcRtc.WebRtc.Dtls;
using MlvcRtc.WebRtc.Ice;
using MlvcRtc.WebRtc.Sdp;
using SIPSorcery.Net;
using SIPSorceryMedia.Abstractions;

namespace MlvcRtc.WebRtc.SipSorcery;

/// <summary>
/// ICE, DTLS and SRTP of one RTCPeerConnection, and nothing else of it: the library sees one m-line whatever was agreed, and packets pass between SRTP and the socket, around its RTP
/// and RTCP parsers (which keep only the last feedback of a datagram, misread transport-cc and drop payload types that they do not know).
/// </summary>
internal sealed class SipSorceryConnection : IDisposable
{
    private const int Taken = 1;              // from the library's unprotect hook: not 0, so that its own parsers leave the packet alone
    private const int MaxPacketBytes = 1200;  // what a channel takes; the library's receive buffer has 3,000
    private const byte ExtensionBit = 0x10;   // X of RFC 3550 §5.1
    private const string Mid = "0";
    private readonly TimeProvider _time;
    private readonly TransportCounters _counters;
    private readonly RTCPeerConnection _connection;
    private readonly RtpIceChannel _ice;
    private readonly bool _tellsLoopback;
    private readonly Lock _sending = new();
    private readonly OutgoingOrder _order = new();
    private volatile SecureContext? _keys;
    private string? _closeReason;
    private ChecklistEntry? _selected;
    private (string Id, TimeSpan Sent) _check;
    private TimeSpan? _roundTrip;

    /// <param name="options">At most one bind address.</param>
    public SipSorceryConnection(RtcPeerOptions options, TransportCounters counters, TimeProvider time)
    {
        (_counters, _time) = (counters, time);
        _tellsLoopback = options.IncludeLoopback && !options.RelayOnly && options.BindAddresses is null;
        RTCConfiguration configuration = new()
        {
            iceServers = [.. from server in options.IceServers
                             where !server.Url.StartsWith("turns:", StringComparison.OrdinalIgnoreCase)  // the library takes any certificate there
                             select new RTCIceServer { urls = server.Url, username = server.Username, credential = server.Credential }],
            iceTransportPolicy = options.RelayOnly ? RTCIceTransportPolicy.relay : RTCIceTransportPolicy.all,
            X_BindAddress = options.BindAddresses?[0],
            X_ICEIncludeAllInterfaceAddresses = true,
        };
        _connection = new RTCPeerConnection(configuration, videoAsPrimary: true);
        _connection.addTrack(new MediaStreamTrack(SDPMediaTypesEnum.video, false, [new SDPAudioVideoMediaFormat(new VideoFormat(96, "MLVC", 90_000, null))]));
        _connection.OnRtpClosed += reason => _closeReason ??= reason;
        _connection.onconnectionstatechange += OnState;
        _ice = _connection.GetRtpChannel();
        _ice.OnIceConnectionStateChange += _ => OnPath();
        _ice.OnStunMessageSent += (check, _, _) => _check = check.Header.MessageType == STUNMessageTypesEnum.BindingRequest ? (IdOf(check), MediaClock.Now(_time)) : _check;
        _ice.OnStunMessageReceived += (answer, _, _) =>
            _roundTrip = answer.Header.MessageType == STUNMessageTypesEnum.BindingSuccessResponse && IdOf(answer) == _check.Id ? MediaClock.Now(_time) - _check.Sent : _roundTrip;
        Credentials = new(_ice.LocalIceUser, _ice.LocalIcePassword);
        Fingerprint = new(Convert.FromHexString(_connection.DtlsCertificateFingerprint.value.Replace(":", null, StringComparison.Ordinal)));
    }

    /// <summary>With the reason when it is <see cref="PeerState.Failed"/>.</summary>
    public event Action<PeerState, string?>? StateChanged;

    /// <summary>From "candidate:" on; "" = all were told. Begins with <see cref="TellCandidates"/>.</summary>
    public event Action<string>? CandidateGathered;

    /// <summary>RTP and RTCP, authentic and in the clear.</summary>
    public event PacketArrived? Arrived;

    public IceCredentials Credentials { get; }
    public Fingerprint Fingerprint { get; }

    /// <summary>Those gathered so far. The library's socket listens on 127.0.0.1 but does not tell it: a host candidate of least local preference (RFC 8445 §5.1.2.1).</summary>
    public IReadOnlyList<string> Candidates =>
        [.. _tellsLoopback ? [$"candidate:lo 1 udp {(126u << 24) + 255} {IPAddress.Loopback} {_ice.RTPPort} typ host generation 0"] : Array.Empty<string>(), .. _ice.Candidates.Select(TextOf)];

    /// <summary>Raises <see cref="CandidateGathered"/> for what was gathered and for what will be.</summary>
    public void TellCandidates()
    {
        foreach (string candidate in Candidates)
        {
            CandidateGathered?.Invoke(candidate);
        }

        _ice.OnIceCandidate += candidate => CandidateGathered?.Invoke(TextOf(candidate));
        _ice.OnIceGatheringStateChange += EndCandidates;
        EndCandidates(_ice.IceGatheringState);

        void EndCandidates(RTCIceGatheringState state) => (state == RTCIceGatheringState.complete ? CandidateGathered : null)?.Invoke(string.Empty);
    }

    /// <summary>Both sides are known: checks begin, then the handshake. Blocks while local addresses are looked up.</summary>
    public void Start(RemoteTransport remote, bool offerer, DtlsRole role)
    {
        if (offerer)
        {
            _connection.setLocalDescription(_connection.createOffer());  // blocks until the local addresses are known; its task is always complete
        }

        RTCSdpType kind = offerer ? RTCSdpType.answer : RTCSdpType.offer;
        if (_connection.setRemoteDescription(new() { type = kind, sdp = OneMediaLine(remote) }) is not SetDescriptionResultEnum.OK and var result)
        {
            throw new FormatException($"SIPSorcery refuses the description: {result}.");
        }

        _connection.IceRole = role == DtlsRole.Client ? IceRolesEnum.active : IceRolesEnum.passive;
        if (!offerer)
        {
            _connection.setLocalDescription(_connection.createAnswer());
        }
    }

    public void Renew(IceCredentials remote) => _ice.SetRemoteCredentials(remote.UsernameFragment, remote.Password);  // restarted over there, same association

    public void AddCandidate(string candidate)
    {
        try
        {
            _connection.addIceCandidate(new RTCIceCandidateInit { candidate = candidate, sdpMid = Mid, sdpMLineIndex = 0 });
        }
        catch (Exception unreadable) when (unreadable is ArgumentException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            Interlocked.Increment(ref _counters.Discarded);  // its parser indexes and converts unchecked
        }
    }

    /// <summary>Protects and sends one packet; a no-op before there are keys.</summary>
    public void Send(ReadOnlySpan<byte> packet)
    {
        PacketKind kind = PacketDemux.Classify(packet);
        if (_keys is not { } keys || _connection.VideoStream.DestinationEndPoint is not { } destination
            || kind == PacketKind.Unknown || packet.Length > MaxPacketBytes || (kind == PacketKind.Rtp && packet.Length < RtpPacket.HeaderBytes))
        {
            return;
        }

        lock (_sending)
        {
            bool wrapsUnseen = false;
            if (kind == PacketKind.Rtp && !_order.TryPass(packet, out wrapsUnseen))
            {
                return;
            }

            if (wrapsUnseen)
            {
                byte[] last = packet[..RtpPacket.HeaderBytes].ToArray();
                last[0] = 2 << 6;  // version 2, and no more than the header
                RtpPacket.SetSequenceNumber(last, ushort.MaxValue);
                Protect(keys.ProtectRtpPacket, last);
            }

            if (Protect(kind == PacketKind.Rtcp ? keys.ProtectRtcpPacket : keys.ProtectRtpPacket, packet) is { } datagram)
            {
                _ice.Send(RTPChannelSocketsEnum.RTP, destination, datagram);
                Interlocked.Increment(ref _counters.PacketsSent);
                Interlocked.Add(ref _counters.BytesSent, datagram.Length);
            }
        }
    }

    public PeerStatistics GetStatistics() => _counters.With(_roundTrip, _selected?.LocalCandidate.type.ToString(), _selected?.RemoteCandidate.type.ToString());

    public void Dispose() => _connection.Close("disposed");

    private static string OneMediaLine(RemoteTransport remote) => SdpWriter.Write(new SdpSession
    {
        Id = 1,
        Version = 1,
        Bundle = [Mid],
        Media = [new() { Kind = "video", Mid = Mid, RtcpMux = true, Ice = remote.Ice, Fingerprint = remote.Fingerprint, Setup = remote.Setup, Formats = [new(96, "MLVC", 90_000, 1, "", [])] }],
    });

    private static string TextOf(RTCIceCandidate candidate) => "candidate:" + candidate.ToString().Replace("candidate:", null, StringComparison.Ordinal);
    private static string IdOf(STUNMessage message) => Convert.ToHexString(message.Header.TransactionId);

    private static byte[]? Protect(ProtectRtpPacket protect, ReadOnlySpan<byte> packet)
    {
        byte[] datagram = new byte[packet.Length + RTPSession.SRTP_MAX_PREFIX_LENGTH];
        packet.CopyTo(datagram);
        return protect(datagram, packet.Length, out int length) == 0 ? datagram[..length] : null;  // the library sends whole arrays
    }

    private void OnState(RTCPeerConnectionState state)
    {
        if (state == RTCPeerConnectionState.connected && _keys is null)
        {
            TakeKeys(_connection.VideoStream.GetSecurityContext());
        }

        bool failed = state == RTCPeerConnectionState.failed || (state == RTCPeerConnectionState.closed && _closeReason?.StartsWith("dtls", StringComparison.Ordinal) == true);
        PeerState told = state switch
        {
            _ when failed => PeerState.Failed,
            RTCPeerConnectionState.connected => PeerState.Connected,
            RTCPeerConnectionState.disconnected => PeerState.Disconnected,
            RTCPeerConnectionState.closed => PeerState.Closed,
            _ => PeerState.Connecting,
        };
        StateChanged?.Invoke(told, failed ? Reason() : null);
    }

    // The library's own words: "dtls fingerprint mismatch", "dtls handshake failed", or none.
    private string Reason() => _closeReason switch
    {
        null => "No path to the other side answers (ICE). Check that UDP may pass, or give a TURN server.",
        "dtls fingerprint mismatch" => "The certificate of the other side has another fingerprint than its description announced (DTLS). Someone sits between, or signaling mixed up two calls: call again.",
        string reason => $"The connection failed: {reason}. Call again; if it persists, compare the versions of both sides.",
    };

    /// <summary>From here on packets are ours as soon as SRTP has opened them.</summary>
    private void TakeKeys(SecureContext keys)
    {
        _connection.VideoStream.SetSecurityContext(
            keys.ProtectRtpPacket,
            (byte[] packet, int length, out int opened) => Open(keys.UnprotectRtpPacket, packet, length, out opened),
            keys.ProtectRtcpPacket,
            (byte[] packet, int length, out int opened) => Open(keys.UnprotectRtcpPacket, packet, length, out opened));
        _keys = keys;
    }

    private int Open(ProtectRtpPacket unprotect, byte[] packet, int length, out int opened)
    {
        TimeSpan arrival = MediaClock.Now(_time);  // the library's own time is the wall clock's
        int extensionBit = packet[0] & ExtensionBit;
        int refused = unprotect(packet, length, out opened);
        if (refused != 0)
        {
            Interlocked.Increment(ref _counters.Discarded);
            return refused;
        }

        packet[0] |= (byte)extensionBit;  // two of these libraries agree on RFC 8723, whose inner header lacks it; the extension itself is still there
        Interlocked.Increment(ref _counters.PacketsReceived);
        Interlocked.Add(ref _counters.BytesReceived, length);
        Arrived?.Invoke(packet.AsSpan(0, opened), arrival);
        return Taken;
    }

    private void OnPath()
    {
        if (_ice.NominatedEntry is { } entry && !ReferenceEquals(entry, _selected))
        {
            _selected = entry;
            Interlocked.Increment(ref _counters.PathsSelected);
        }
    }
}
