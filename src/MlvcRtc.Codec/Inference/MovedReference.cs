using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Motion;
using MlvcRtc.Codec.References;
using MlvcRtc.Media;

namespace MlvcRtc.Codec.Inference;

/// <summary>
/// What a frame of a model with motion compensation is predicted from: a copy of its reference's state in which blocks of the picture were moved. The reference
/// itself, which may be kept for long, stays as it is. Allocates nothing per frame. One thread at a time.
/// </summary>
internal sealed class MovedReference : IDisposable
{
    private readonly StateStore _states;
    private readonly StatePicture _picture;
    private readonly VideoFrame _previous = new();

    private MovedReference(ModelVariant model, StateStore states)
    {
        _states = states;
        _picture = new StatePicture(states.Spec);
        Compensation = new MotionCompensation(model.Width, model.Height);
    }

    /// <summary>Null for a model that moves nothing.</summary>
    /// <exception cref="InvalidDataException">The model's state holds no picture.</exception>
    public static MovedReference? Of(ModelVariant model, StateStore states) => model.Metadata.MotionCompensation == MotionCompensationKind.None ? null : new MovedReference(model, states);

    /// <summary>Holds the reference's picture after <see cref="Start"/>.</summary>
    public MotionCompensation Compensation { get; }

    /// <summary>The reference's picture after <see cref="Start"/>, moved after <see cref="Move"/>.</summary>
    public VideoFrame Picture => _previous;

    /// <summary>Reads the picture of a reference.</summary>
    /// <param name="referenceSlot">Not the zero state.</param>
    public void Start(int referenceSlot)
    {
        _picture.Read(_states.TensorOf(referenceSlot), _previous);
        Compensation.Start(_previous);
    }

    /// <summary>Moves the picture of the reference that was started with.</summary>
    /// <returns>The slot to predict from: the reference's own when nothing moves.</returns>
    public int Move(int referenceSlot, MotionField field)
    {
        if (field.IsStill)
        {
            return referenceSlot;
        }

        Compensation.Move(field, _previous);
        NativeTensor moved = _states.TensorOf(StateStore.MovedSlot);
        _states.TensorOf(referenceSlot).Bytes[.._picture.Begin].CopyTo(moved.Bytes);
        _picture.Write(_previous, moved);
        return StateStore.MovedSlot;
    }

    public void Dispose() => _picture.Dispose();
}
