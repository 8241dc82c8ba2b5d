using MlvcRtc.Media;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Reassembly;
using MlvcRtc.Rtp.Recovery;

namespace MlvcRtc.Rtp.Retransmission;

/// <summary>
/// The receiver's half of retransmission, letter c: which sequence numbers are missing, and when to ask for them. A retransmission has a number of its own, so
/// what was asked for is here when the assembler has the fragment (or is past its frame), not when the number comes. Each packet is asked for
/// once the network had a fair chance to deliver it late; where references are in use again a quarter of the round trip later, and both once more after a round trip, else every round trip up to ten times; and only while <see cref="RepairRule"/> finds it worth
/// it. Bounded; allocates nothing after construction. Time comes in; one thread at a time.
/// </summary>
public sealed class MissingPackets
{
    /// <summary>Missing packets remembered at most: one frame of the largest size. A longer gap is an outage, which references or key frames mend.</summary>
    public const int MaxMissing = 256;

    /// <summary>Where references do the main work, a packet that was lost three times is forgotten.</summary>
    private const int TriesWithReferences = 4;

    /// <summary>Where they do not: libwebrtc's former limit (kMaxNackRetries).</summary>
    private const int TriesWithout = 10;

    /// <summary>A gap is believed after this many packets of higher number (docs/payload-format.md §5).</summary>
    private const int LaterPackets = 2;

    private readonly FrameAssembler _assembler;
    private readonly RepairRule _rule;
    private readonly bool _hasReferences;
    private readonly int _maxTries;
    private readonly MissingPacket[] _missing = new MissingPacket[MaxMissing];
    private readonly SequenceUnwrapper _numbers = new();
    private int _count;
    private long _highest = -1;
    private long _packets;
    private PacketPosition? _lastOriginal;
    private int _missingSinceOriginal;
    private int _generation;
    private long _suspected = -1;
    private int _suspectedCount;
    private long _suspectedFrame = -1;
    private TimeSpan _suspectedAt;

    /// <param name="assembler">Where the packets go; it is asked what is still missing.</param>
    public MissingPackets(FrameAssembler assembler, RecoveryTools tools)
    {
        ArgumentNullException.ThrowIfNull(assembler);
        _assembler = assembler;
        _rule = new RepairRule(assembler, tools);
        _hasReferences = (tools & RecoveryTools.References) != 0;
        _maxTries = _hasReferences ? TriesWithReferences : TriesWithout;
    }

    /// <inheritdoc cref="RepairRule.DecoderIsCongested"/>
    public bool DecoderIsCongested
    {
        set => _rule.DecoderIsCongested = value;
    }

    /// <summary>When <see cref="Collect"/> may have something to ask for; null = nothing to wait for.</summary>
    public TimeSpan? NextRequest { get; private set; }

    private TimeSpan RetryAfter => _assembler.RoundTripTime + FrameAssembler.RepairMargin;

    /// <summary>
    /// Request and answer are lost as easily as the packet was: at 5 % each way one repair in ten fails. Where frames are repaired because others follow them, every request is made twice, a
    /// quarter of the round trip apart, and answered twice: one in a hundred fails then, for 5 % more packets. Ours.
    /// </summary>
    private TimeSpan RepeatAfter => _hasReferences ? _assembler.RoundTripTime / 4 : RetryAfter;

    /// <summary>Forgets everything, as for a new stream.</summary>
    public void Reset()
    {
        _count = 0;
        _highest = -1;
        _lastOriginal = null;
        _missingSinceOriginal = 0;
        _suspected = _suspectedFrame = -1;
        NextRequest = null;
    }

    /// <summary>
    /// The packets that come next are overdue, before a later one proves them lost: asks for them, once. A sender that has not sent them passes that over.
    /// </summary>
    /// <returns>How many numbers were written to <paramref name="due"/>; 0 when they were asked for before, or when it is something else that is missing.</returns>
    public int Suspect(TimeSpan now, Span<ushort> due)
    {
        FrameWindow window = _assembler.Window;
        bool endIsMissing = window.Newest < window.Next || (window.Newest == window.Next && window.Find(window.Next) is { Complete: false, BeyondHole: 0 });
        if (_highest < 0 || !window.Started || !endIsMissing || window.Next == _suspectedFrame)
        {
            return 0;
        }

        _suspectedFrame = window.Next;
        _suspected = _highest + 1;
        _suspectedCount = Math.Min(due.Length, _assembler.TailMissing);
        _suspectedAt = now;
        for (int i = 0; i < _suspectedCount; i++)
        {
            due[i] = (ushort)(_suspected + i);
        }

        return _suspectedCount;
    }

    /// <summary>A packet of the stream came and was given to the assembler.</summary>
    /// <param name="position">null = it holds no fragment (padding, or refused).</param>
    /// <returns>True when it is a retransmission: newer by its number than the newest packet, but not by its place.</returns>
    public bool Received(ushort sequenceNumber, PacketPosition? position, TimeSpan now)
    {
        long sequence = _numbers.Unwrap(sequenceNumber);
        bool startedAnew = _generation != _assembler.Window.Generation;
        _generation = _assembler.Window.Generation;
        if (startedAnew || _highest < 0 || sequence - _highest > MaxMissing || _highest - sequence > MaxMissing)
        {
            Reset();  // the beginning, an outage, or a sender that counts anew
            _highest = sequence;
            _lastOriginal = position;
            return false;
        }

        if (sequence <= _highest)
        {
            Remove(sequence);
            return false;
        }

        bool original = position is { } here && !(_lastOriginal is { } last && !here.IsAfter(last));
        _packets++;
        for (long gap = _highest + 1; gap < sequence; gap++)
        {
            Add(gap, now);
        }

        if (original)
        {
            TellAbove(position!.Value, sequence);
            _lastOriginal = position;
            _missingSinceOriginal = 0;
        }

        _highest = sequence;
        return position is not null && !original;
    }

    /// <summary>The sequence numbers to ask for now, oldest first; they then count as asked for. Drops what is not needed any more.</summary>
    /// <returns>How many were written to <paramref name="due"/>.</returns>
    public int Collect(TimeSpan now, Span<ushort> due)
    {
        NextRequest = null;
        int kept = 0, taken = 0;
        for (int i = 0; i < _count; i++)
        {
            ref MissingPacket packet = ref _missing[i];
            long? frame = packet.WantedBy(_assembler);
            if (frame < 0 || (packet.Tries >= _maxTries && now >= packet.RequestedAt + RetryAfter))
            {
                continue;
            }

            TimeSpan ready = packet.RequestedAt + (packet.Tries % 2 != 0 ? RepeatAfter : RetryAfter) ?? (_packets - packet.NoticedAtPacket >= LaterPackets ? now : packet.NoticedAt + _assembler.ReorderAllowance);
            if (frame is { } wanted && ready <= now && taken < due.Length && packet.Tries < _maxTries && _rule.IsWorth(wanted, now))
            {
                due[taken++] = (ushort)packet.Sequence;
                packet.RequestedAt = now;
                packet.Tries++;
                ready = now + (packet.Tries % 2 != 0 ? RepeatAfter : RetryAfter);
            }

            NextRequest = ready > now && !(ready >= NextRequest) ? ready : NextRequest;
            _missing[kept++] = packet;
        }

        _count = kept;
        return taken;
    }

    /// <summary>
    /// A repair that was asked for may still come, and makes another remedy needless for now. Where references can mend the picture, only the first two requests are waited for; but a key frame
    /// as long as it may come, since a second one would be as fat.
    /// </summary>
    public bool AwaitsRepair(TimeSpan now)
    {
        if (_highest >= 0 && _suspected == _highest + 1 && now < _suspectedAt + RetryAfter)
        {
            return true;
        }

        for (int i = 0; i < _count; i++)
        {
            bool pending = _missing[i].RequestedAt is { } asked ? now < asked + RetryAfter : now < _missing[i].NoticedAt + _assembler.ReorderAllowance;
            if (pending
                && _missing[i].WantedBy(_assembler) is >= 0 and long wanted
                && _rule.IsWorth(wanted, now)
                && (!_hasReferences || _missing[i].Tries <= 2 || _assembler.Window.Find(wanted) is { Type: FrameType.Intra }))
            {
                return true;
            }
        }

        return false;
    }

    private void Add(long sequence, TimeSpan now)
    {
        if (_lastOriginal is not { } below)
        {
            return;  // before the first fragment nothing can be placed
        }

        if (_count == MaxMissing)
        {
            _missing.AsSpan(1).CopyTo(_missing);  // the oldest is the least likely to matter
            _count--;
        }

        bool suspected = sequence >= _suspected && sequence < _suspected + _suspectedCount;
        _missing[_count++] = new MissingPacket
        {
            Sequence = sequence,
            Below = below,
            Ahead = ++_missingSinceOriginal,
            NoticedAt = now,
            NoticedAtPacket = _packets - 1,
            RequestedAt = suspected ? _suspectedAt : null,
            Tries = suspected ? 1 : 0,
        };
    }

    private void TellAbove(in PacketPosition above, long sequence)
    {
        for (int i = _count - 1; i >= 0 && _missing[i].Above is null; i--)
        {
            // Only an unbroken run of missing numbers can be counted back from here.
            _missing[i].Above = above;
            _missing[i].Back = _missing[i].Sequence > _highest ? (int)(sequence - _missing[i].Sequence) : 0;
        }
    }

    private void Remove(long sequence)
    {
        for (int i = _count - 1; i >= 0; i--)
        {
            if (_missing[i].Sequence == sequence)
            {
                _missing.AsSpan((i + 1)..).CopyTo(_missing.AsSpan(i));
                _count--;
                return;
            }
        }
    }
}
