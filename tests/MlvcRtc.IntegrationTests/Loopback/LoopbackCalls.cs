using System.Net;
using System.Net.Sockets;
using MlvcRtc.Lab.Network;
using MlvcRtc.Rtp.Payload;

namespace MlvcRtc.IntegrationTests.Loopback;

/// <summary>The calls that the tests look at. They run side by side, since a call of 6 s mostly waits: all begin when the first test asks.</summary>
public sealed class LoopbackCalls : IDisposable
{
    private readonly Dictionary<string, Task<CallOverUdp>> _calls;

    public LoopbackCalls() => _calls = Plans().ToDictionary(plan => plan.Key, plan => CallOverUdp.RunAsync(plan.Value));

    internal MachineWatch Machine { get; } = new();

    private static LinkConditions Plain { get; } = new() { Delay = TimeSpan.FromMilliseconds(30) };

    internal Task<CallOverUdp> this[string name] => _calls[name];

    public void Dispose()
    {
        foreach (Task<CallOverUdp> call in _calls.Values)
        {
            call.ContinueWith(static ended => ended.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default)
                .ContinueWith(static _ => { }, TaskScheduler.Default).Wait();
        }

        Machine.Dispose();
    }

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
    };

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
}
