using System.Net;
using System.Net.Sockets;
using MlvcRtc.Call.Sending;
using MlvcRtc.Codec;
using MlvcRtc.Codec.Onnx;
using MlvcRtc.IntegrationTests.Codec;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Lab.Network;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Payload;
using MlvcRtc.Rtp.Recovery;

namespace MlvcRtc.IntegrationTests.Loopback;

/// <summary>The calls that the tests look at. They run side by side, since a call of 6 s mostly waits: all begin when the first test asks.</summary>
public sealed class LoopbackCalls : IDisposable
{
    /// <summary>Of a call of six seconds in which six threads hand each frame on.</summary>
    private static readonly TimeSpan TooLong = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, Task<CallOverUdp>> _calls;
    private readonly Bundles _bundles = new();

    public LoopbackCalls()
    {
        _calls = Plans().ToDictionary(plan => plan.Key, plan => CallOverUdp.RunAsync(plan.Value));
        Task testCodec = Task.WhenAll(_calls.Values);
        _calls.Add("real", testCodec.ContinueWith(_ => CallOverUdp.RunAsync(RealCodec()), TaskScheduler.Default).Unwrap());  // alone: it computes
    }

    internal MachineWatch Machine { get; } = new();

    /// <summary>Packets 40 to 47, 80 to 87 and so on.</summary>
    private static IEnumerable<long> Bursts => Enumerable.Range(1, 10).SelectMany(burst => Enumerable.Range(40 * burst, 8)).Select(packet => (long)packet);

    private static LinkConditions Plain { get; } = new() { Delay = TimeSpan.FromMilliseconds(30) };

    /// <summary>A call of six seconds that has ended. Skips the test where the machine stood still for so long that nothing can be said of a call in real time.</summary>
    internal Task<CallOverUdp> this[string name] => EndedAsync(_calls[name]);

    private async Task<CallOverUdp> EndedAsync(Task<CallOverUdp> call)
    {
        CallOverUdp ended = await call;
        Assert.SkipWhen(Machine.Longest > TooLong, $"The machine stood still for {Machine.Longest.TotalMilliseconds:0} ms: other work took its processors. Run the test again when they are free.");
        return ended;
    }

    public void Dispose()
    {
        foreach (Task<CallOverUdp> call in _calls.Values)
        {
            call.ContinueWith(static ended => ended.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default)
                .ContinueWith(static _ => { }, TaskScheduler.Default).Wait();
        }

        Machine.Dispose();
        _bundles.Dispose();
    }

    /// <summary>The neural codec on a made-up call partner, at 2 % loss.</summary>
    private CallPlan RealCodec() => new()
    {
        Forward = Plain with { Loss = new BernoulliLoss(2) },
        Backward = Plain with { Loss = new BernoulliLoss(2) },
        Seed = 3,
        Kbps = 200,
        Encoder = () => new Encoder(_bundles.Xs, new OnnxEngine()),
        Decoder = () => new Decoder([_bundles.Xs], new OnnxEngine()),
        Budget = static () => new FixedQuality(),
        Clip = static () => new SyntheticScene(CallPlan.Width, CallPlan.Height, CallPlan.Rate, seed: 1),
    };

    private static Dictionary<string, CallPlan> Plans() => new()
    {
        ["good"] = new(),
        ["loss 5"] = new() { Forward = Plain with { Loss = new BernoulliLoss(5) }, Backward = Plain with { Loss = new BernoulliLoss(5) }, Seed = 5 },
        ["reorder"] = new() { Forward = Plain with { Jitter = TimeSpan.FromMilliseconds(30), Reorders = true } },
        ["twice"] = new() { Forward = Plain with { DuplicatePercent = 20 }, Backward = Plain with { DuplicatePercent = 20 } },
        ["both"] = new()
        {
            BothWays = true,
            Forward = Plain with { Loss = new BernoulliLoss(2) },
            Backward = Plain with { Loss = new BernoulliLoss(2) },
            Seed = 2,
        },
        ["stranger"] = new() { Meanwhile = Harass },
        ["loss 20"] = new() { Forward = Plain with { Loss = new BernoulliLoss(20) }, Backward = Plain with { Loss = new BernoulliLoss(20) }, Seed = 20 },
        ["bursts"] = new() { Forward = Plain with { Loss = new ListedLoss([.. Bursts]) } },
        ["deaf"] = new() { Forward = Plain with { Loss = new BernoulliLoss(5) }, Backward = Plain with { Loss = new BernoulliLoss(40) }, Seed = 4 },
        ["blackout"] = new() { Meanwhile = CutTheCable, Length = TimeSpan.FromSeconds(8) },
    };

    /// <summary>Nothing passes either way from the second second to the fifth.</summary>
    private static async Task CutTheCable(CallOverUdp call, CancellationToken cancel)
    {
        await call.DelayAsync(TimeSpan.FromSeconds(2), CancellationToken.None);
        LinkConditions cut = Plain with { Loss = new BernoulliLoss(100) };
        call.Relay.Network.ConditionsAToB = call.Relay.Network.ConditionsBToA = cut;
        call.Happened.Add(call.Now);
        await call.DelayAsync(TimeSpan.FromSeconds(3), CancellationToken.None);
        call.Happened.Add(call.Now);
        call.Relay.Network.ConditionsAToB = call.Relay.Network.ConditionsBToA = Plain;
    }

    /// <summary>A stranger sends well-formed packets of B's stream, damaged ones and garbage to B's port all the time.</summary>
    private static async Task Harass(CallOverUdp call, CancellationToken cancel)
    {
        using Socket stranger = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        stranger.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Random random = new(1);
        byte[] packet = new byte[600];
        while (!cancel.IsCancellationRequested)
        {
            for (int i = 0; i < 20; i++)
            {
                random.NextBytes(packet);
                if (i % 2 == 0)
                {
                    // A key frame in one packet, of the stream that B watches: it would take over the picture if it were heard.
                    Rtp.Packets.RtpPacket.WriteHeader(packet, PayloadFormat.DefaultPayloadType, marker: true, (ushort)random.Next(), 0, 0xA);
                    ushort id = (ushort)random.Next();
                    new PayloadDescriptor { FrameId = id, ReferenceId = id, CodedWidth = 64, CodedHeight = 64 }.Write(packet.AsSpan(12));
                }

                await stranger.SendToAsync(packet.AsMemory(0, random.Next(1, packet.Length)), call.LinkOfB.Address, CancellationToken.None);
            }

            await call.DelayAsync(TimeSpan.FromMilliseconds(10), CancellationToken.None);
        }
    }

    /// <summary>The same quality for every frame, whatever it costs: the network here is wide enough.</summary>
    private sealed class FixedQuality : IFrameBudget
    {
        public double TargetKbps { get; set; }

        public EncodeRequest? Plan(in ReferenceChoice choice, TimeSpan now) =>
            new EncodeRequest(36, choice.Type == FrameType.Intra, choice.FromSlot, choice.MarkSlot);

        public void Commit(EncodedFrame coded)
        {
        }
    }
}
