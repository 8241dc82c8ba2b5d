using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Inference;
using MlvcRtc.Codec.Motion;
using MlvcRtc.Codec.References;
using MlvcRtc.Media;

namespace MlvcRtc.Codec;

/// <summary>The encoder's side of motion compensation: finds the vectors, then moves the reference as a decoder will.</summary>
internal sealed class MotionEstimation : IDisposable
{
    private readonly MovedReference _reference;
    private readonly MotionSearch _search;
    private readonly MotionField _field;
    private readonly RecentQualities _qualities = new();

    private MotionEstimation(MovedReference reference, ModelVariant model)
    {
        _reference = reference;
        _search = new MotionSearch(model.Width, model.Height);
        _field = new MotionField(model.Width, model.Height);
    }

    /// <summary>What the frame is predicted from, after <see cref="Move"/>.</summary>
    public VideoFrame Prediction => _reference.Picture;

    /// <summary>Null for a model that moves nothing.</summary>
    /// <exception cref="InvalidDataException">The model's state holds no picture.</exception>
    public static MotionEstimation? Of(ModelVariant model, StateStore states) => MovedReference.Of(model, states) is { } reference ? new MotionEstimation(reference, model) : null;

    /// <summary>The vectors of a picture of the model's size; valid until the next call.</summary>
    /// <param name="picture">To be coded.</param>
    /// <param name="referenceSlot">Of the state that it is predicted from; not the zero state.</param>
    /// <param name="qIndex">Quality index before the hierarchical shift.</param>
    public MotionField Find(VideoFrame picture, int referenceSlot, int qIndex)
    {
        _reference.Start(referenceSlot);
        _search.Find(picture, _reference.Compensation, qIndex, _qualities.IsSteadyWith(qIndex), _field);
        return _field;
    }

    /// <summary>Moves the reference by what was found.</summary>
    /// <returns>The slot to predict from.</returns>
    public int Move(int referenceSlot) => _reference.Move(referenceSlot, _field);

    /// <summary>A frame was coded.</summary>
    /// <param name="qIndex">Its quality index before the hierarchical shift.</param>
    public void Commit(int qIndex) => _qualities.Add(qIndex);

    public void Dispose() => _reference.Dispose();
}
