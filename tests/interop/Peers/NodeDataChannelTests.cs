using System.Buffers.Binary;
using System.Net;
using System.Text.Json;
using System.Threading.Channels;
using MlvcRtc.Call;
using MlvcRtc.Call.Adaptation;
using MlvcRtc.Call.Receiving;
using MlvcRtc.Call.Sending;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Lab.TestCodec;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Congestion;
using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;
using MlvcRtc.Rtp.Recovery;
using MlvcRtc.WebRtc;
using MlvcRtc.WebRtc.BuiltIn;
using MlvcRtc.WebRtc.Sdp;

namespace MlvcRtc.InteropTests.Peers;

/// <summary>MLVC through another WebRTC stack, libdatachannel: its ICE, DTLS and SRTP carry our payload format and our feedback, and send both back.</summary>
[Collection(PeerInterop.Name)]
public sealed class NodeDataChannelTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Feedback_of_every_kind_comes_back_bit_by_bit_whoever_offers(bool weOffer)
    {
        await using EchoCall call = await EchoCall.ConnectAsync(weOffer);
        MediaChannel channel = call.Video;
        uint echo = channel.RemoteSsrc!.Value;
        channel.Link.Send(Media(channel, 1));  // the echo learns our SSRC
        await call.NextAsync(packet => PacketDemux.Classify(packet) == PacketKind.Rtp);

        byte[] sent = Feedback(channel.LocalSsrc, echo), expected = Feedback(echo, channel.LocalSsrc);
        channel.Link.Send(sent);
        byte[] back = await call.NextAsync(packet => PacketDemux.Classify(packet) == PacketKind.Rtcp && packet[1] == 206 && packet.Length >= 24);
        Assert.Equal(expected, back);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_coded_clip_comes_back_and_is_decoded_without_loss(bool weOffer)
    {
        const int Frames = 60;
        FrameRate rate = new(30, 1);
        await using EchoCall call = await EchoCall.ConnectAsync(weOffer);
        MediaChannel channel = call.Video;
        RecoveryTools tools = MlvcMedia.ToolsOf(channel);
        Assert.Equal(RecoveryTools.All, tools);
        byte id = MlvcMedia.TransportSequenceIdOf(channel)!.Value;

        using TestEncoder encoder = new();
        using TestDecoder decoder = new();
        using SendPipeline sending = new(
            encoder,
            new TestBudget(rate.Interval, 320, 180),
            new TargetRate(250),
            channel.Link,
            new SendOptions(
                new RtpStreamSettings(channel.LocalSsrc, channel.Format.PayloadType, TransportSequenceId: id),
                rate.Interval,
                new CongestionOptions(new RateBounds(250, 50, 1000), FollowsEstimate: false),
                tools),
            TimeProvider.System);
        using ReceivePipeline receiving = new(
            decoder, new Nobody(), channel.Link, new ReceiveOptions(channel.LocalSsrc, channel.RemoteSsrc, channel.Format.PayloadType, tools, TransportSequenceId: id), TimeProvider.System);
        using Participant both = new(sending, receiving);
        await both.StartAsync(TestContext.Current.CancellationToken);

        using PeriodicTimer camera = new(rate.Interval);
        VideoFrame picture = new(320, 180);
        for (int index = 0; index < Frames; index++)
        {
            picture.Samples.Fill((byte)(16 + index));
            picture.CaptureTime = MediaClock.Now(TimeProvider.System);
            sending.Offer(picture);
            await camera.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        // A busy machine may skip a picture before it is coded; what was coded must come back.
        using CancellationTokenSource patience = new(Patience);
        while (!sending.Idle || receiving.Statistics.FramesDecoded < sending.Statistics.FramesEncoded)
        {
            await camera.WaitForNextTickAsync(patience.Token);
        }

        await both.StopAsync(CancellationToken.None);
        SendStatistics sent = sending.Statistics;
        ReceiveStatistics got = receiving.Statistics;
        TestContext.Current.TestOutputHelper!.WriteLine($"{sent}\n{got}\nRTT {sending.Congestion!.RoundTripTime}");
        Assert.True(sent.FramesEncoded >= Frames / 2, $"{sent.FramesEncoded} frames were coded");
        Assert.Equal((sent.FramesEncoded, 0L, 0L, 0L), (got.FramesDecoded, got.FramesLost, got.FramesFailed, got.PacketsLost));
        Assert.Equal(1, sent.KeyFrames);
        Assert.NotNull(sending.Congestion.RoundTripTime);  // transport feedback made the round trip, too
    }

    private static byte[] Media(MediaChannel channel, ushort number)
    {
        byte[] packet = new byte[200];
        RtpPacket.WriteHeader(packet, channel.Format.PayloadType, true, number, 1, channel.LocalSsrc);
        return packet;
    }

    private static byte[] Feedback(uint sender, uint media)
    {
        Span<byte> buffer = stackalloc byte[200];
        int size = new ReferenceFeedback { SenderSsrc = sender, MediaSsrc = media, LastDecoded = 41, LastReceived = 43, BestLtr = 40, HasBestLtr = true, IsBroken = true, Count = 7 }.Write(buffer);
        size += new PictureLossIndication(sender, media).Write(buffer[size..]);
        size += GenericNack.Write(buffer[size..], sender, media, [10, 100, 1000]);
        return buffer[..size].ToArray();
    }

    private sealed class Nobody : IVideoSink
    {
        public void Present(VideoFrame picture, in PresentedFrame info)
        {
        }
    }

    /// <summary>Our peer and the script, connected.</summary>
    private sealed class EchoCall : IAsyncDisposable
    {
        private readonly NodeProcess _node;
        private readonly IRtcPeer _peer;
        private readonly Channel<byte[]> _arrived = Channel.CreateUnbounded<byte[]>();
        private Task _listening = Task.CompletedTask;

        private EchoCall(NodeProcess node, IRtcPeer peer)
        {
            _node = node;
            _peer = peer;
        }

        public MediaChannel Video => Assert.Single(_peer.Channels);

        public static async Task<EchoCall> ConnectAsync(bool weOffer)
        {
            NodeProcess node = NodeProcess.Start("node-datachannel-echo.mjs", weOffer ? "answer" : "offer");
            IRtcPeer peer = new BuiltInPeerFactory(TimeProvider.System).Create(new RtcPeerOptions { Media = [MlvcMedia.Describe(new MlvcParameters())], IncludeLoopback = true, BindAddresses = [IPAddress.Loopback] });
            EchoCall call = new(node, peer);
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
            if (weOffer)
            {
                await node.TellAsync(new { type = "offer", sdp = (await peer.CreateOfferAsync()).Sdp });
            }

            call._listening = call.ListenAsync();
            _ = call.TrickleAsync(ours.Reader);
            await connected.Task.WaitAsync(Patience);
            call.Video.Link.Arrived += (packet, _) => call._arrived.Writer.TryWrite(packet.ToArray());
            return call;
        }

        public async Task<byte[]> NextAsync(Func<byte[], bool> wanted)
        {
            using CancellationTokenSource patience = new(Patience);
            while (true)
            {
                byte[] packet = await _arrived.Reader.ReadAsync(patience.Token);
                if (wanted(packet))
                {
                    return packet;
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _peer.DisposeAsync();
            await _node.DisposeAsync();
            await _listening.WaitAsync(Patience);
        }

        private async Task ListenAsync()
        {
            try
            {
                await foreach (JsonElement message in _node.Said.ReadAllAsync())
                {
                    switch (message.GetProperty("type").GetString())
                    {
                        case "offer":
                            SessionDescription answer = await _peer.AcceptOfferAsync(new(DescriptionKind.Offer, message.GetProperty("sdp").GetString()!));
                            await _node.TellAsync(new { type = "answer", sdp = answer.Sdp });
                            break;
                        case "answer":
                            await _peer.AcceptAnswerAsync(new(DescriptionKind.Answer, message.GetProperty("sdp").GetString()!));
                            break;
                        case "candidate":
                            await _peer.AddCandidateAsync(new(message.GetProperty("candidate").GetString()!, message.GetProperty("mid").GetString()!));
                            break;
                        default:
                            break;
                    }
                }
            }
            catch (InvalidOperationException)
            {
                // node ended
            }
        }

        private async Task TrickleAsync(ChannelReader<TrickledCandidate> ours)
        {
            await foreach (TrickledCandidate candidate in ours.ReadAllAsync())
            {
                await _node.TellAsync(new { type = "candidate", candidate = candidate.Candidate, mid = candidate.Mid });
            }
        }
    }
}
