using MlvcRtc.Codec.Bitstream;
using MlvcRtc.Codec.Inference;

namespace MlvcRtc.Codec.References;

/// <summary>
/// The recurrent states that frames may be predicted from, by frame index: the newest frame of each temporal layer and the long-term references. Each is the
/// whole state of the network. Slot 0 is the all-zero state of an I-frame. Sender and receiver prune by the same rule, so that the sender knows what
/// the receiver holds. Tensors are made when first needed and reused; at most <see cref="MaxSlots"/> of them. One thread at a time.
/// </summary>
public sealed class StateStore : IDisposable
{
    /// <summary>The slot of the all-zero state; never written.</summary>
    public const int ZeroSlot = 0;

    /// <summary>The zero state, all that the rule can hold, and the one being written.</summary>
    public const int MaxSlots = 1 + ReferencePruning.MaxHeldFrames + 1;

    /// <summary>Behind the others: the copy of a reference whose picture was moved, for the frame being coded only. Never found by an index.</summary>
    public const int MovedSlot = MaxSlots;

    private static readonly HeldFrame Nothing = new(-1, -1);

    private readonly TensorSpec _spec;
    private readonly NativeTensor?[] _tensors = new NativeTensor?[MaxSlots + 1];
    private readonly HeldFrame[] _frameInSlot = new HeldFrame[MaxSlots];

    /// <param name="spec">The state tensor of the graph.</param>
    public StateStore(TensorSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        _spec = spec;
        _tensors[ZeroSlot] = new NativeTensor(spec.Type, spec.Shape);
        Clear();
    }

    /// <summary>The state tensor of the graph.</summary>
    public TensorSpec Spec => _spec;

    /// <summary>Bytes of one state.</summary>
    public int BytesPerSlot => _tensors[ZeroSlot]!.ByteLength;

    /// <summary>Bytes of all states made so far, the zero state included.</summary>
    public long AllocatedBytes => (long)BytesPerSlot * _tensors.Count(tensor => tensor is not null);

    /// <summary>The tensor of a slot, made when first asked for.</summary>
    public NativeTensor TensorOf(int slot) => _tensors[slot] ??= new NativeTensor(_spec.Type, _spec.Shape);

    /// <summary>The slot that holds a frame's state, or -1: lookup is by exact index, so a stale neighbour is never mistaken for it.</summary>
    public int Find(int frameIndex)
    {
        for (int slot = ZeroSlot + 1; slot < MaxSlots; slot++)
        {
            if (frameIndex >= 0 && _frameInSlot[slot].FrameIndex == frameIndex)
            {
                return slot;
            }
        }

        return -1;
    }

    /// <summary>A slot to write the next state into. The same one is given again until it is committed.</summary>
    public int FreeSlot()
    {
        int slot = ZeroSlot + 1;
        while (_frameInSlot[slot] != Nothing)
        {
            slot++;
        }

        return slot;
    }

    /// <summary>The frame is coded: its state in <paramref name="slot"/> becomes a reference, and what the rule does not keep is dropped.</summary>
    /// <param name="slot">From <see cref="FreeSlot"/>.</param>
    /// <param name="header">The frame's header; its long-term reference table already includes the frame.</param>
    /// <param name="indices">The stream's index width.</param>
    public void Commit(int slot, in FrameHeader header, FrameIndexSpace indices)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(slot, FreeSlot());
        Prune(header, indices);
        _frameInSlot[slot] = new HeldFrame(header.FrameIndex, header.TemporalId);
    }

    /// <summary>Forgets all frames; the tensors stay for reuse.</summary>
    public void Clear() => _frameInSlot.AsSpan().Fill(Nothing);

    private void Prune(in FrameHeader header, FrameIndexSpace indices)
    {
        Span<HeldFrame> held = stackalloc HeldFrame[MaxSlots];
        Span<int> slots = stackalloc int[MaxSlots];
        int count = 0;
        for (int slot = ZeroSlot + 1; slot < MaxSlots; slot++)
        {
            if (_frameInSlot[slot] != Nothing)
            {
                held[count] = _frameInSlot[slot];
                slots[count++] = slot;
            }
        }

        uint kept = ReferencePruning.Keep(held[..count], header, indices);
        for (int k = 0; k < count; k++)
        {
            if ((kept & (1u << k)) == 0)
            {
                _frameInSlot[slots[k]] = Nothing;
            }
        }
    }

    public void Dispose()
    {
        foreach (NativeTensor? tensor in _tensors)
        {
            tensor?.Dispose();
        }
    }
}
