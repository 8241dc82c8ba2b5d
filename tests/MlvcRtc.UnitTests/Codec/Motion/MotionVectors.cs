using System.Text.Json;
using MlvcRtc.Codec.Entropy;
using MlvcRtc.Codec.Motion;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Codec.Motion;

/// <summary>tests/vectors/motion.json: what the training code makes of pictures and of vectors.</summary>
internal sealed record MotionVectors(IReadOnlyList<MovedCase> Compensation, IReadOnlyList<FieldCase> Coding, IReadOnlyList<RefusedCase> Refused)
{
    private const int Groups = 9;

    public static MotionVectors Load()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Root, "tests", "vectors", "motion.json")));
        JsonElement root = document.RootElement;
        return new MotionVectors(
            [.. root.GetProperty("compensation").EnumerateArray().Select(one => new MovedCase(PictureOf(one, "picture"), FieldOf(one, Number(one, "width"), Number(one, "height")), PictureOf(one, "moved")))],
            [.. root.GetProperty("coding").EnumerateArray().Select(one => new FieldCase(Number(one, "q"), FieldOf(one, 16 * Number(one, "columns"), 16 * Number(one, "rows")), Bytes(one)))],
            [.. root.GetProperty("refused").EnumerateArray().Select(one => new RefusedCase(
                Number(one, "q"), new MotionField(16 * Number(one, "columns"), 16 * Number(one, "rows")), Bytes(one), Enum.Parse<EntropyStatus>(one.GetProperty("status").GetString()!)))]);
    }

    /// <summary>A coder with the logits that the note in the file describes.</summary>
    public static MotionCoder NewCoder() => new(Groups, TrainedLogits.Of([.. Enumerable.Range(0, MotionCoder.CountOf(Groups)).Select(n => (n * 7919 % 4001) - 2000)]));

    private static int Number(JsonElement one, string name) => one.GetProperty(name).GetInt32();

    private static byte[] Bytes(JsonElement one) => Convert.FromHexString(one.GetProperty("bytes").GetString()!);

    private static VideoFrame PictureOf(JsonElement one, string name)
    {
        VideoFrame picture = new(Number(one, "width"), Number(one, "height"));
        Convert.FromBase64String(one.GetProperty(name).GetString()!).CopyTo(picture.Samples);
        return picture;
    }

    /// <summary>The vectors of a case.</summary>
    public static MotionField FieldOf(JsonElement one, int width, int height)
    {
        MotionField field = new(width, height);
        foreach ((int k, JsonElement vector) in one.GetProperty("vectors").EnumerateArray().Index())
        {
            field.Vectors[k] = new MotionVector(vector[0].GetInt16(), vector[1].GetInt16());
        }

        return field;
    }
}

internal sealed record MovedCase(VideoFrame Picture, MotionField Field, VideoFrame Moved);

internal sealed record FieldCase(int Q, MotionField Field, byte[] Bytes);

internal sealed record RefusedCase(int Q, MotionField Field, byte[] Bytes, EntropyStatus Status);
