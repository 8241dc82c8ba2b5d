using MlvcRtc.Media;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.Rtp.Recovery;

/// <summary>
/// Which frame each long-term slot holds, and which of them the receiver has confirmed. Only a confirmed one may be referred to. Two are pinned, so that no mark
/// overwrites them: the newest confirmed one, until a newer one is confirmed, and the root, from which the chain of predictions is renewed (<see cref="ChainRenewal"/>).
/// Every renewal begins a branch; frames of a newer branch go before those of an older one. One thread at a time; allocates nothing.
/// </summary>
/// <param name="slots">Slots in use, 1..8.</param>
public sealed class AcknowledgedReferences(int slots)
{
    /// <summary>Frames after which a reference is given up: the codec's own bound is 2^15, where a 16-bit frame index becomes ambiguous.</summary>
    private const long MaxAge = 30_000;

    private readonly Held[] _held = new Held[slots];
    private long _number = -1;
    private long _branch;        // of the frame that an ordinary frame follows
    private long _newestBranch;
    private long _chain;         // changes with every frame that is not predicted from the one before

    /// <summary>Frames coded since the last key frame, which is 0; -1 before the first.</summary>
    public long FrameNumber { get; private set; } = -1;

    /// <summary>Frames coded since the newest mark; 0 = the last frame is marked.</summary>
    public long SinceMark { get; private set; } = long.MaxValue;

    /// <summary>Slot of the newest confirmed reference of the newest branch that has one; null = there is none.</summary>
    public int? NewestAcknowledged
    {
        get
        {
            int newest = -1;
            for (int slot = 0; slot < _held.Length; slot++)
            {
                if (_held[slot].IsAcknowledged && (newest < 0 || _held[slot].IsPreferredTo(_held[newest])))
                {
                    newest = slot;
                }
            }

            return newest < 0 ? null : newest;
        }
    }

    /// <summary>Slot of the newest confirmed root; null = there is none.</summary>
    public int? Root => NewestRoot(acknowledged: true);

    /// <summary>The slot for the next mark: an empty one, else the oldest that is not pinned; null when all are.</summary>
    public int? SlotForMark
    {
        get
        {
            int? pinned = NewestAcknowledged;
            int? root = Root;
            int? rootOnItsWay = NewestRoot(acknowledged: false);
            int oldest = -1;
            for (int slot = 0; slot < _held.Length; slot++)
            {
                if (!_held[slot].IsOccupied)
                {
                    return slot;
                }

                if (slot != pinned && slot != root && slot != rootOnItsWay && (oldest < 0 || _held[slot].Number < _held[oldest].Number))
                {
                    oldest = slot;
                }
            }

            return oldest < 0 ? null : oldest;
        }
    }

    /// <summary>FRAME_ID of the frame in a slot; null = empty.</summary>
    public ushort? FrameIn(int slot) => _held[slot].IsOccupied ? _held[slot].FrameId : null;

    /// <summary>Whether the frame in a slot is confirmed.</summary>
    public bool IsAcknowledged(int slot) => _held[slot].IsAcknowledged;

    /// <summary>Frames from the one in this slot to the next frame.</summary>
    public long AgeOfNext(int slot) => _number + 1 - _held[slot].Number;

    /// <summary>A frame was coded: a key frame empties all slots, and a marked frame takes the place of what its slot held, unconfirmed.</summary>
    /// <param name="frame">What the encoder made.</param>
    /// <param name="isRoot">If it is marked, chains are renewed from it: a key frame, a renewal, or the first good frame after a key frame.</param>
    /// <param name="renews">It begins a branch.</param>
    public void FrameCoded(EncodedFrame frame, bool isRoot, bool renews)
    {
        ArgumentNullException.ThrowIfNull(frame);
        _chain += frame.Type == FrameType.Inter ? 0 : 1;
        if (frame.Type == FrameType.Recovery)
        {
            int from = Find(frame.ReferenceId);
            _branch = renews ? ++_newestBranch : from >= 0 ? _held[from].Branch : _branch;
        }

        _number++;
        FrameNumber++;
        SinceMark = SinceMark == long.MaxValue ? SinceMark : SinceMark + 1;
        if (frame.Type == FrameType.Intra)
        {
            Array.Clear(_held);
            FrameNumber = 0;
            SinceMark = long.MaxValue;
            _branch = _newestBranch = 0;
        }

        for (int slot = 0; slot < _held.Length; slot++)
        {
            if (_number - _held[slot].Number > MaxAge)
            {
                _held[slot] = default;
            }
        }

        if (frame.LtrSlot is { } marked && (uint)marked < (uint)_held.Length)
        {
            _held[marked] = new Held(IsOccupied: true, frame.FrameId, _number, _branch, _chain, isRoot, IsAcknowledged: false);
            SinceMark = 0;
        }
    }

    /// <summary>
    /// The receiver keeps this frame, and with it every marked frame from which it was predicted step by step: without those it could not have been decoded. So an acknowledgement that was lost
    /// is made good by the next. False when no slot holds the frame (any more): then it means nothing.
    /// </summary>
    public bool Acknowledge(ushort frameId)
    {
        int confirmed = Find(frameId);
        for (int slot = 0; confirmed >= 0 && slot < _held.Length; slot++)
        {
            if (_held[slot].IsOccupied && _held[slot].Chain == _held[confirmed].Chain && _held[slot].Number <= _held[confirmed].Number)
            {
                _held[slot] = _held[slot] with { IsAcknowledged = true };
            }
        }

        return confirmed >= 0;
    }

    /// <summary>
    /// The receiver keeps nothing newer than this frame: what it confirmed beyond it was lost since, or was never its word. The frame itself need not be held here any more.
    /// </summary>
    public void ForgetNewerThan(ushort frameId)
    {
        for (int slot = 0; slot < _held.Length; slot++)
        {
            if (SequenceNumber.IsNewer(_held[slot].FrameId, frameId))
            {
                _held[slot] = _held[slot] with { IsAcknowledged = false };
            }
        }
    }

    /// <summary>The receiver keeps nothing that is older than this frame either.</summary>
    public void ForgetOlderThan(ushort frameId)
    {
        for (int slot = 0; slot < _held.Length; slot++)
        {
            if (SequenceNumber.IsNewer(frameId, _held[slot].FrameId))
            {
                _held[slot] = _held[slot] with { IsAcknowledged = false };
            }
        }
    }

    /// <summary>The receiver keeps nothing.</summary>
    public void ForgetAll()
    {
        for (int slot = 0; slot < _held.Length; slot++)
        {
            _held[slot] = _held[slot] with { IsAcknowledged = false };
        }
    }

    /// <summary>The encoder has no such reference.</summary>
    public void Remove(int slot) => _held[slot] = default;

    private int Find(ushort frameId)
    {
        for (int slot = 0; slot < _held.Length; slot++)
        {
            if (_held[slot].IsOccupied && _held[slot].FrameId == frameId)
            {
                return slot;
            }
        }

        return -1;
    }

    private int? NewestRoot(bool acknowledged)
    {
        int newest = -1;
        for (int slot = 0; slot < _held.Length; slot++)
        {
            bool candidate = _held[slot].IsOccupied && _held[slot].IsRoot && _held[slot].IsAcknowledged == acknowledged;
            newest = candidate && (newest < 0 || _held[slot].Number > _held[newest].Number) ? slot : newest;
        }

        return newest < 0 ? null : newest;
    }

    private readonly record struct Held(bool IsOccupied, ushort FrameId, long Number, long Branch, long Chain, bool IsRoot, bool IsAcknowledged)
    {
        public bool IsPreferredTo(in Held other) => Branch > other.Branch || (Branch == other.Branch && Number > other.Number);
    }
}
