using MlvcRtc.Media;

namespace MlvcRtc.Codec.References;

/// <summary>
/// The encoder's reference rules, those of libmlvc: which frame each frame is predicted from, in which temporal layer, when chains are
/// renewed and which frames are kept. <see cref="Decide"/> asks without changing anything; <see cref="Commit"/> makes it true once the frame
/// is coded. Allocates nothing per frame; one thread at a time.
/// </summary>
public sealed class GopStructure
{
    private GopOptions _options;
    private FrameIndexSpace _indices;
    private GopState _state;

    /// <exception cref="ArgumentException">The options do not fit together.</exception>
    public GopStructure(in GopOptions options)
    {
        options.Validate();
        _options = options;
        _indices = new FrameIndexSpace(options.FrameIndexBits);
        _state = GopState.Initial(options.LtrSlotCount);
    }

    public GopOptions Options => _options;

    /// <summary>The long-term references after the last committed frame.</summary>
    public LtrSlots Slots => _state.Slots;

    /// <summary>
    /// Changes the options. Another number of temporal layers restarts the layer pattern at the next frame; any other change makes the next
    /// frame an IDR. A mark that waits for a base-layer frame is dropped.
    /// </summary>
    /// <exception cref="ArgumentException">The options do not fit together; nothing was changed.</exception>
    public void Configure(in GopOptions options)
    {
        options.Validate();
        bool sameButLayers = options with { TemporalLayers = _options.TemporalLayers } == _options;
        _options = options;
        _indices = new FrameIndexSpace(options.FrameIndexBits);
        if (sameButLayers)
        {
            _state.PendingMark = -1;
            _state.Serial++;
        }
        else
        {
            Restart();
        }
    }

    /// <summary>Makes the next frame an IDR, whatever is asked: the encoder's own states were lost.</summary>
    public void Restart() => _state = GopState.Initial(_options.LtrSlotCount) with { Serial = _state.Serial + 1 };

    /// <summary>Decides the next frame. A pure query: asked twice, it answers the same.</summary>
    /// <param name="request">What the caller wants.</param>
    /// <param name="decision">Valid when the answer is Ok, until the next Commit, Configure or Restart.</param>
    public GopStatus Decide(in GopRequest request, out FrameDecision decision)
    {
        decision = default;
        if (IsOutOfRange(request.RecoverFromSlot) || (_options.LtrMode == LtrMode.External && IsOutOfRange(request.MarkSlot)))
        {
            return GopStatus.SlotOutOfRange;
        }

        // Slots too old to be named are gone for this frame and all later ones.
        LtrSlots slots = _state.Slots;
        long number = _state.FrameNumber + 1;
        if (_indices.Wraps)
        {
            slots.InvalidateBefore(number - _indices.StaleAge + 1);
        }

        // 1. Recovery? A renewal that is due goes before a hint, but uses nothing newer than the hinted frame.
        bool restartsPattern = _state.FrameNumber < 0 || _state.TemporalLayers != _options.TemporalLayers;
        long gopIndex = restartsPattern ? 0 : _state.GopIndex + 1;
        LtrSlot hint = request.RecoverFromSlot is { } slot ? slots[slot] : LtrSlot.Empty;
        long bound = hint.IsOccupied ? hint.FrameNumber : long.MaxValue;
        bool renews = LtrMarking.RenewalIsDue(_state, slots, _options, bound, isBaseLayer: TemporalIdOf(gopIndex) == 0);
        LtrSlot recoverFrom = renews ? slots.LatestRoot(bound) : hint;
        bool recovers = recoverFrom.IsOccupied;

        // 2. Place in the pattern, and reference. A frame of layer 1 always follows the newest base frame, so that both layers refer to that.
        gopIndex = recovers ? 0 : gopIndex;
        LtrSlot reference = recovers ? recoverFrom : _state.NewestBase;
        long chain = reference.ChainLength + 1;

        // 3. Or an IDR after all?
        bool intra = request.KeyFrame
            || number == 0
            || (renews && !recovers)
            || (_options.IframePeriod > 0 && (gopIndex >= _options.IframePeriod || number >= _options.IframePeriod))
            || (!_indices.Wraps && number >= _indices.Size)
            || (_options.MaxChainLength > 0 && chain > _options.MaxChainLength);

        // 4. The state after this frame.
        GopState next = _state;
        if (intra)
        {
            (number, gopIndex, chain, reference, recovers, renews) = (0, 0, 0, default, false, false);
            next = GopState.Initial(_options.LtrSlotCount);
        }
        else
        {
            next.Slots = slots;
        }

        next.Serial = _state.Serial + 1;
        next.FrameNumber = number;
        next.GopIndex = gopIndex;
        next.TemporalLayers = _options.TemporalLayers;
        if (recovers && hint.IsOccupied && !_options.KeepsNewerSlots)
        {
            next.Slots.InvalidateAfter(hint.FrameNumber);
        }

        int temporalId = request.Discardable && !intra && !recovers ? GopOptions.MaxTemporalLayers - 1 : TemporalIdOf(gopIndex);
        if (temporalId == 0)
        {
            next.NewestBase = new LtrSlot(number, chain, IsRoot: false);
        }

        int marked = _options.LtrMode == LtrMode.Internal
            ? LtrMarking.MarkByPeriod(ref next, _options, recovers, renews, temporalId == 0)
            : LtrMarking.MarkByRequest(ref next, request.MarkSlot, intra, temporalId == 0);

        decision = new FrameDecision
        {
            Type = intra ? FrameType.Intra : recovers ? FrameType.Recovery : FrameType.Inter,
            FrameIndex = _indices.IndexOf(number),
            ReferenceIndex = _indices.IndexOf(reference.FrameNumber),
            FrameNumber = number,
            GopIndex = gopIndex,
            TemporalId = temporalId,
            ChainLength = chain,
            LtrTable = next.Slots.ToTable(_indices),
            MarkedSlot = marked < 0 ? null : marked,
            HintIgnored = request.RecoverFromSlot is not null && !hint.IsOccupied,
            Next = next,
        };
        return GopStatus.Ok;
    }

    /// <summary>Makes a decision true: its frame was coded. A frame that failed is simply not committed.</summary>
    /// <exception cref="InvalidOperationException">The decision was made before another commit or change of options.</exception>
    public void Commit(in FrameDecision decision)
    {
        if (decision.Next.Serial != _state.Serial + 1)
        {
            throw new InvalidOperationException("This decision belongs to another state of the GOP structure; decide again.");
        }

        _state = decision.Next;
    }

    private int TemporalIdOf(long gopIndex) => _options.TemporalLayers == 2 ? (int)(gopIndex & 1) : 0;

    private bool IsOutOfRange(int? slot) => slot is { } value && (uint)value >= (uint)_options.LtrSlotCount;
}
