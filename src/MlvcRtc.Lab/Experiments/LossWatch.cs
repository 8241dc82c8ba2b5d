using MlvcRtc.Lab.Network;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;

namespace MlvcRtc.Lab.Experiments;

/// <summary>A row of packets lost without one getting through between them, by the frames they belonged to.</summary>
internal readonly record struct LossBurst(long FirstFrame, long LastFrame);

/// <summary>
/// How long the picture could not go on after each loss: from the arrival that the first lost packet of a frame would have had, to the arrival of the first
/// decodable frame that is not older (the lost frame itself, when it was sent again in time).
/// </summary>
internal sealed class LossWatch(FrameNumbers numbers)
{
    /// <summary>A frame interval is a whole number of ticks, so that a run of an hour may lack this much of it.</summary>
    private static readonly TimeSpan Rounding = TimeSpan.FromMilliseconds(10);

    private readonly SortedDictionary<long, TimeSpan> _lost = [];
    private readonly Dictionary<long, TimeSpan> _arrivals = [];
    private readonly List<TimeSpan> _recoveries = [];
    private readonly List<LossBurst> _bursts = [];
    private readonly List<long> _bytesBySecond = [];
    private long _decoded = long.MinValue;
    private bool _inBurst;

    /// <summary>One sample per recovery, in order.</summary>
    public IReadOnlyList<TimeSpan> Recoveries => _recoveries;

    /// <summary>True when the picture did not come back after the last loss.</summary>
    public bool IsBroken => _lost.Count > 0;

    public IReadOnlyList<LossBurst> Bursts => _bursts;

    /// <summary>Media packets that were lost.</summary>
    public int PacketsLost { get; private set; }

    public int PacketsSent { get; private set; }

    /// <summary>RTP packets with their headers.</summary>
    public long BytesSent { get; private set; }

    /// <summary>kbit/s in each whole second of a run.</summary>
    public IReadOnlyList<double> KbpsBySecond(TimeSpan length) =>
        [.. Enumerable.Range(0, (int)(length + Rounding).TotalSeconds).Select(second => second < _bytesBySecond.Count ? _bytesBySecond[second] * 8 / 1000.0 : 0)];

    /// <summary>A packet was given to the link.</summary>
    public void Judged(ReadOnlySpan<byte> packet, in PacketFate fate)
    {
        if (PacketDemux.Classify(packet) != PacketKind.Rtp)
        {
            return;
        }

        PacketsSent++;
        BytesSent += packet.Length;
        while (_bytesBySecond.Count <= (int)fate.SentAt.TotalSeconds)
        {
            _bytesBySecond.Add(0);
        }

        _bytesBySecond[(int)fate.SentAt.TotalSeconds] += packet.Length;
        PacketsLost += fate.Lost ? 1 : 0;
        if (!RtpPacket.TryParse(packet, out RtpPacket parsed) || PayloadDescriptor.Read(parsed.Payload, out PayloadDescriptor descriptor) != DescriptorStatus.Ok)
        {
            return;  // padding
        }

        if (!fate.Lost)
        {
            _inBurst = false;
            return;
        }

        long frame = numbers.Unwrap(descriptor.FrameId);
        _bursts.Add(new LossBurst(frame, frame));
        if (_inBurst)
        {
            LossBurst joined = new(Math.Min(_bursts[^2].FirstFrame, frame), Math.Max(_bursts[^2].LastFrame, frame));
            _bursts.RemoveAt(_bursts.Count - 1);
            _bursts[^1] = joined;
        }

        _inBurst = true;
        if (frame > _decoded)
        {
            _lost.TryAdd(frame, fate.Arrival);
        }
    }

    /// <summary>A frame is whole and has its reference.</summary>
    public void Arrived(ushort frameId, TimeSpan at) => _arrivals[numbers.Unwrap(frameId)] = at;

    /// <summary>A frame that arrived was decoded.</summary>
    public void Decoded(ushort frameId)
    {
        _decoded = numbers.Unwrap(frameId);
        _arrivals.Remove(_decoded, out TimeSpan arrival);
        if (_lost.Count == 0)
        {
            return;
        }

        (long first, TimeSpan expected) = _lost.First();
        if (first > _decoded)
        {
            return;
        }

        // A packet lost in vain (a repair that came too late, a copy) costs nothing.
        if (arrival > expected)
        {
            _recoveries.Add(arrival - expected);
        }

        while (_lost.Count > 0 && _lost.First().Key <= _decoded)
        {
            _lost.Remove(_lost.First().Key);
        }
    }
}
