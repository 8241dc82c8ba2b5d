using System.Buffers.Binary;
using System.Net;
using System.Text.Json;
using System.Threading.Channels;
using MlvcRtc.Call.Reports;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Reports;
using MlvcRtc.WebRtc;
using MlvcRtc.WebRtc.BuiltIn;

namespace MlvcRtc.InteropTests.Peers;

/// <summary>A browser's own VP8 packets go through our ICE, DTLS and SRTP and back to it, where it decodes them.</summary>
[Collection(PeerInterop.Name)]
public sealed class ChromiumTests
{
    private const int FramesWanted = 30;

    /// <summary>A picture that moves, as a track of a fresh connection; candidates are gathered before a description is handed out.</summary>
    private const string Page = """
        globalThis.pc = new RTCPeerConnection();
        globalThis.states = [];
        pc.onconnectionstatechange = () => states.push(pc.connectionState);
        const canvas = document.createElement('canvas');
        canvas.width = 320; canvas.height = 180;
        const pen = canvas.getContext('2d');
        let tick = 0;
        setInterval(() => { pen.fillStyle = `hsl(${tick++ % 360} 80% 50%)`; pen.fillRect(0, 0, 320, 180); pen.fillStyle = 'white'; pen.fillRect(tick % 300, 60, 20, 60); }, 33);
        globalThis.track = canvas.captureStream(30).getVideoTracks()[0];
        globalThis.described = async (description) => {
          await pc.setLocalDescription(description);
          if (pc.iceGatheringState !== 'complete') await new Promise((done) => pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && done());
          return pc.localDescription.sdp;
        };
        globalThis.stat = async (type, name) => { for (const one of (await pc.getStats()).values()) if (one.type === type) return one[name] ?? 0; return 0; };
        globalThis.reaches = async (type, name, value) => { while (await stat(type, name) < value) await new Promise((next) => setTimeout(next, 50)); return stat(type, name); };
        0
        """;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Its_own_video_comes_back_and_decodes_whoever_offers_and_a_key_frame_comes_when_we_ask(bool chromiumOffers)
    {
        await using Chromium chromium = await Chromium.StartAsync();
        await chromium.EvaluateAsync(Page);
        MediaFormat vp8 = new(120, "VP8", RtpTimestamp.ClockRateHz, 1, "", ["nack pli", "ccm fir"]);
        RtcPeerOptions options = new()
        {
            Media = [new MediaDescription(MediaKind.Video, vp8, new Dictionary<string, byte>())],
            IncludeLoopback = true,
            BindAddresses = [IPAddress.Loopback],
        };
        await using IRtcPeer peer = new BuiltInPeerFactory(TimeProvider.System).Create(options);
        TaskCompletionSource connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
        peer.StateChanged += state =>
        {
            if (state == PeerState.Connected)
            {
                connected.TrySetResult();
            }
            else if (state == PeerState.Failed)
            {
                connected.TrySetException(new InvalidOperationException(peer.Failure));
            }
        };
        Channel<TrickledCandidate> ours = Channel.CreateUnbounded<TrickledCandidate>();
        peer.CandidateGathered += candidate => ours.Writer.TryWrite(candidate);

        string answer = chromiumOffers ? await ChromiumOffersAsync(chromium, peer) : await WeOfferAsync(chromium, peer);
        Assert.Contains("a=setup:active\r\n", answer, StringComparison.Ordinal);  // whoever answers is the DTLS client: both roles, one per case
        MediaChannel channel = Assert.Single(peer.Channels);
        StreamReports reports = new(
            new(channel.LocalSsrc, channel.RemoteSsrc, RtpTimestamp.ClockRateHz, channel.CanonicalName, SessionKbps: 300), new(DateTimeOffset.UtcNow, MediaClock.Now(TimeProvider.System)), new Random(1));
        using ReportingLink reporting = new(channel.Link, reports, TimeProvider.System);
        Echo echo = new(channel with { Link = reporting });
        _ = TrickleAsync(ours.Reader, chromium);
        await connected.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        reporting.Start();

        JsonElement decoded = await chromium.EvaluateAsync($"reaches('inbound-rtp', 'framesDecoded', {FramesWanted})");
        Assert.True(decoded.GetDouble() >= FramesWanted);
        double keyFrames = (await chromium.EvaluateAsync("stat('outbound-rtp', 'keyFramesEncoded')")).GetDouble();
        double requests = (await chromium.EvaluateAsync("stat('outbound-rtp', 'pliCount')")).GetDouble();
        echo.RequestKeyFrame();
        await chromium.EvaluateAsync($"reaches('outbound-rtp', 'pliCount', {Chromium.Number(requests + 1)})");
        await chromium.EvaluateAsync($"reaches('outbound-rtp', 'keyFramesEncoded', {Chromium.Number(keyFrames + 1)})");

        // Reports: it measures a round trip by ours, and we by its.
        await chromium.EvaluateAsync("reaches('remote-inbound-rtp', 'roundTripTimeMeasurements', 1)");
        double roundTrip = (await chromium.EvaluateAsync("stat('remote-inbound-rtp', 'roundTripTime')")).GetDouble();
        await chromium.EvaluateAsync("reaches('remote-outbound-rtp', 'reportsSent', 1)");
        double told = (await chromium.EvaluateAsync("stat('remote-outbound-rtp', 'packetsSent')")).GetDouble();
        using PeriodicTimer look = new(TimeSpan.FromMilliseconds(100));
        for (int waited = 0; reports.Remote?.RoundTripTime is null && waited < 100; waited++)
        {
            await look.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"round trip by reports: {roundTrip * 1000} ms there, {reports.Remote}; {told} packets told");
        Assert.InRange(roundTrip, 0, 0.5);
        Assert.True(told > FramesWanted);
        Assert.InRange(reports.Remote!.RoundTripTime!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(0.5));

        PeerStatistics statistics = peer.GetStatistics();
        TestContext.Current.TestOutputHelper!.WriteLine($"{statistics}; {decoded} frames decoded, key frames {keyFrames}, PLIs {requests}");
        Assert.InRange(statistics.PacketsDiscarded, 0, 10);  // what it sent before its address had answered a check of ours; nothing of the media
        Assert.Equal("connected", (await chromium.EvaluateAsync("pc.connectionState")).GetString());
    }

    private static async Task<string> ChromiumOffersAsync(Chromium chromium, IRtcPeer peer)
    {
        string offer = (await chromium.EvaluateAsync("pc.addTrack(track), described()")).GetString()!;
        string answer = (await peer.AcceptOfferAsync(new(DescriptionKind.Offer, offer))).Sdp;
        await chromium.EvaluateAsync($"pc.setRemoteDescription({{ type: 'answer', sdp: {Chromium.Quote(answer)} }})");
        return answer;
    }

    private static async Task<string> WeOfferAsync(Chromium chromium, IRtcPeer peer)
    {
        string offer = (await peer.CreateOfferAsync()).Sdp;
        string answer = (await chromium.EvaluateAsync(
            $"pc.setRemoteDescription({{ type: 'offer', sdp: {Chromium.Quote(offer)} }}).then(() => {{ pc.addTrack(track); return described(); }})")).GetString()!;
        await peer.AcceptAnswerAsync(new(DescriptionKind.Answer, answer));
        return answer;
    }

    private static async Task TrickleAsync(ChannelReader<TrickledCandidate> ours, Chromium chromium)
    {
        await foreach (TrickledCandidate candidate in ours.ReadAllAsync())
        {
            await chromium.EvaluateAsync($"pc.addIceCandidate({{ candidate: {Chromium.Quote(candidate.Candidate)}, sdpMid: {Chromium.Quote(candidate.Mid)} }})");
            if (candidate.Candidate.Length == 0)
            {
                return;
            }
        }
    }

    /// <summary>Sends what arrives back under our own SSRC; what Chromium's decoder asks for, its encoder is asked for.</summary>
    private sealed class Echo
    {
        private readonly MediaChannel _channel;
        private readonly byte[] _back = new byte[1500];
        private uint _theirs;

        public Echo(MediaChannel channel)
        {
            _channel = channel;
            channel.Link.Arrived += OnArrived;
        }

        public void RequestKeyFrame()
        {
            Span<byte> compound = stackalloc byte[PictureLossIndication.MaxCompoundBytes];
            int size = new PictureLossIndication(_channel.LocalSsrc, _theirs).WriteCompound(compound, "echo");
            _channel.Link.Send(compound[..size]);
        }

        private void OnArrived(ReadOnlySpan<byte> packet, TimeSpan arrival)
        {
            if (PacketDemux.Classify(packet) == PacketKind.Rtp)
            {
                _theirs = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);
                packet.CopyTo(_back);
                BinaryPrimitives.WriteUInt32BigEndian(_back.AsSpan(8), _channel.LocalSsrc);
                _channel.Link.Send(_back.AsSpan(0, packet.Length));
                return;
            }

            RtcpReader reader = new(packet);
            while (reader.TryNext(out RtcpPacket one))
            {
                if (PictureLossIndication.TryRead(one, out PictureLossIndication pli) && pli.MediaSsrc == _channel.LocalSsrc && _theirs != 0)
                {
                    RequestKeyFrame();
                }
            }
        }
    }
}
