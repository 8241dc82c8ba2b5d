using MlvcRtc.Lab.Network;
using MlvcRtc.Media;
using MlvcRtc.Rtp;
using MlvcRtc.WebRtc;

namespace MlvcRtc.App.Client;

/// <summary>
/// A worse network between one call and its channels, both ways, that can be changed while the call goes on: the lab's simulated link, which all channels share as they share a path. While
/// nothing is simulated packets go straight through.
/// </summary>
internal sealed class LabLink : IAsyncDisposable
{
    private readonly SimulatedLink _link;
    private readonly LinkPump _pump;
    private readonly List<Lane> _lanes = [];
    private volatile bool _simulates;

    public LabLink(int seed, TimeProvider time)
    {
        _link = new SimulatedLink(new LinkConditions(), new LinkConditions(), seed, time);
        _link.B.Arrived += (packet, _) => _lanes[packet[0]].SendNow(packet[1..]);
        _link.A.Arrived += (packet, arrival) => _lanes[packet[0]].Raise(packet[1..], arrival);
        _pump = new LinkPump(_link, time);
    }

    public Task StartAsync() => _pump.StartAsync(CancellationToken.None);

    /// <summary>Packets that are on the way keep their fate.</summary>
    public void Set(LabRequest wanted)
    {
        _link.ConditionsAToB = Conditions(wanted);
        _link.ConditionsBToA = Conditions(wanted);
        _simulates = wanted != LabRequest.Off;
    }

    /// <summary>The channel as the call sees it. Before the first packet.</summary>
    public MediaChannel Through(MediaChannel channel)
    {
        Lane lane = new(this, (byte)_lanes.Count, channel.Link);
        _lanes.Add(lane);
        return channel with { Link = lane };
    }

    /// <summary>Lets the channels go: nothing of them is heard any more.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (Lane lane in _lanes)
        {
            lane.LetGo();
        }

        await _pump.StopAsync(CancellationToken.None);
        _pump.Dispose();
    }

    private static LinkConditions Conditions(LabRequest wanted) => new()
    {
        Loss = wanted.LossPercent > 0 ? new BernoulliLoss(wanted.LossPercent) : new NoLoss(),
        Delay = TimeSpan.FromMilliseconds(wanted.DelayMs),
        RateKbps = wanted.RateKbps,
    };

    /// <summary>One channel. On the simulated link a byte before each packet says whose it is.</summary>
    private sealed class Lane : IPacketLink
    {
        private readonly LabLink _lab;
        private readonly byte _number;
        private readonly IPacketLink _channel;

        public Lane(LabLink lab, byte number, IPacketLink channel)
        {
            (_lab, _number, _channel) = (lab, number, channel);
            channel.Arrived += OnArrived;
        }

        public event PacketArrived? Arrived;

        public void Send(ReadOnlySpan<byte> packet)
        {
            if (_lab._simulates)
            {
                Mark(_lab._link.A, packet);
            }
            else
            {
                _channel.Send(packet);
            }
        }

        public void SendNow(ReadOnlySpan<byte> packet) => _channel.Send(packet);

        public void Raise(ReadOnlySpan<byte> packet, TimeSpan arrival) => Arrived?.Invoke(packet, arrival);

        public void LetGo() => _channel.Arrived -= OnArrived;

        private void OnArrived(ReadOnlySpan<byte> packet, TimeSpan arrival)
        {
            if (_lab._simulates && packet.Length < SimulatedLink.MaxPacketBytes)
            {
                Mark(_lab._link.B, packet);
            }
            else
            {
                Arrived?.Invoke(packet, arrival);
            }
        }

        private void Mark(IPacketLink end, ReadOnlySpan<byte> packet)
        {
            Span<byte> marked = stackalloc byte[SimulatedLink.MaxPacketBytes];
            marked[0] = _number;
            packet.CopyTo(marked[1..]);
            end.Send(marked[..(packet.Length + 1)]);
        }
    }
}
