using System.Buffers.Binary;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.Rtp.Feedback;

/// <summary>
/// Which numbered packets of a transport arrived, and when (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1): transport-layer
/// feedback, FMT 15. A view, valid as long as the datagram's bytes; <see cref="TryRead"/> has checked all lengths.
/// <code>
/// sender SSRC | media SSRC | base number:16 | count of statuses:16 | reference time:24 (64 ms) | message count:8 | chunks | deltas
/// chunk  T=0: run     0 | S:2 | length:13
///        T=1, S=0:    1 | 0 | fourteen 1-bit statuses
///        T=1, S=1:    1 | 1 | seven 2-bit statuses
/// status 0 not arrived, 1 small delta (8 bit, 0..63.75 ms), 2 large delta (16 bit signed), 3 reserved; deltas in 250 µs
/// </code>
/// </summary>
public readonly ref struct TransportFeedback
{
    /// <summary>One step of an arrival delta.</summary>
    public static readonly TimeSpan DeltaTick = TimeSpan.FromMicroseconds(250);

    /// <summary>One step of the reference time; it wraps after 2^24 of them, 12.4 days.</summary>
    public static readonly TimeSpan ReferenceTick = TimeSpan.FromMilliseconds(64);

    internal const byte Fmt = 15;
    internal const int FixedBodyBytes = 16;

    private TransportFeedback(ReadOnlySpan<byte> body, ReadOnlySpan<byte> chunks, ReadOnlySpan<byte> deltas)
    {
        SenderSsrc = BinaryPrimitives.ReadUInt32BigEndian(body);
        MediaSsrc = BinaryPrimitives.ReadUInt32BigEndian(body[4..]);
        BaseNumber = BinaryPrimitives.ReadUInt16BigEndian(body[8..]);
        StatusCount = BinaryPrimitives.ReadUInt16BigEndian(body[10..]);
        ReferenceTime = BinaryPrimitives.ReadUInt32BigEndian(body[12..]) >> 8;
        Count = body[15];
        Chunks = chunks;
        Deltas = deltas;
    }

    public uint SenderSsrc { get; }

    public uint MediaSsrc { get; }

    /// <summary>Transport-wide number of the first status.</summary>
    public ushort BaseNumber { get; }

    /// <summary>1..65,535.</summary>
    public int StatusCount { get; }

    /// <summary>The receiver's clock in steps of 64 ms, modulo 2^24; the first delta counts from here.</summary>
    public uint ReferenceTime { get; }

    /// <summary>+1 per message, modulo 256.</summary>
    public byte Count { get; }

    internal ReadOnlySpan<byte> Chunks { get; }

    internal ReadOnlySpan<byte> Deltas { get; }

    /// <summary>True when <paramref name="packet"/> is such a message and all it announces is there. Work is bounded by its bytes.</summary>
    public static bool TryRead(RtcpPacket packet, out TransportFeedback feedback)
    {
        feedback = default;
        ReadOnlySpan<byte> body = packet.Body;
        if (packet.PacketType != RtcpPacket.TransportFeedback || packet.Count != Fmt || body.Length < FixedBodyBytes + 2)
        {
            return false;
        }

        int statuses = BinaryPrimitives.ReadUInt16BigEndian(body[10..]);
        int deltaBytes = 0;
        int at = FixedBodyBytes;
        for (int left = statuses; left > 0; at += 2)
        {
            if (body.Length < at + 2)
            {
                return false;
            }

            StatusChunk chunk = new(BinaryPrimitives.ReadUInt16BigEndian(body[at..]));
            int taken = Math.Min(left, chunk.Length);
            if (taken == 0 || !chunk.TryCountDeltaBytes(taken, out int bytes))
            {
                return false;
            }

            deltaBytes += bytes;
            left -= taken;
        }

        if (statuses == 0 || body.Length < at + deltaBytes)
        {
            return false;
        }

        feedback = new TransportFeedback(body, body[FixedBodyBytes..at], body.Slice(at, deltaBytes));
        return true;
    }

    /// <summary>Walks the statuses in order of their numbers.</summary>
    public ArrivalReader ReadArrivals() => new(this);
}

/// <summary>Walks the statuses of a <see cref="TransportFeedback"/>.</summary>
public ref struct ArrivalReader
{
    private readonly TransportFeedback _feedback;
    private ReadOnlySpan<byte> _chunks;
    private ReadOnlySpan<byte> _deltas;
    private StatusChunk _chunk;
    private int _inChunk;
    private int _read;
    private long _ticks;  // of 250 µs since the reference time

    internal ArrivalReader(TransportFeedback feedback)
    {
        _feedback = feedback;
        _chunks = feedback.Chunks;
        _deltas = feedback.Deltas;
    }

    /// <summary>The next status; false after the last.</summary>
    /// <param name="sinceReference">Arrival after the reference time; meaningless when it did not arrive.</param>
    public bool TryNext(out ushort number, out bool arrived, out TimeSpan sinceReference)
    {
        number = unchecked((ushort)(_feedback.BaseNumber + _read));
        arrived = false;
        sinceReference = default;
        if (_read == _feedback.StatusCount)
        {
            return false;
        }

        if (_inChunk == _chunk.Length)
        {
            _chunk = new StatusChunk(BinaryPrimitives.ReadUInt16BigEndian(_chunks));
            _chunks = _chunks[2..];
            _inChunk = 0;
        }

        int status = _chunk[_inChunk++];
        _read++;
        if (status == StatusChunk.SmallDelta)
        {
            _ticks += _deltas[0];
            _deltas = _deltas[1..];
        }
        else if (status == StatusChunk.LargeDelta)
        {
            _ticks += BinaryPrimitives.ReadInt16BigEndian(_deltas);
            _deltas = _deltas[2..];
        }

        arrived = status != StatusChunk.NotArrived;
        sinceReference = _ticks * TransportFeedback.DeltaTick;
        return true;
    }
}
