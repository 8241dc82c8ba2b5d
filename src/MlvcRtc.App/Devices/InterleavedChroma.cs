using MlvcRtc.Media;

namespace MlvcRtc.App.Devices;

/// <summary>NV12's chroma plane: U and V taking turns, [Height/2, Width/2, 2].</summary>
internal static class InterleavedChroma
{
    public static void Split(ReadOnlySpan<byte> interleaved, VideoFrame picture)
    {
        Span<byte> u = picture.U;
        Span<byte> v = picture.V;
        for (int i = 0; i < u.Length; i++)
        {
            u[i] = interleaved[2 * i];
            v[i] = interleaved[(2 * i) + 1];
        }
    }

    public static void Join(VideoFrame picture, Span<byte> interleaved)
    {
        ReadOnlySpan<byte> u = picture.U;
        ReadOnlySpan<byte> v = picture.V;
        for (int i = 0; i < u.Length; i++)
        {
            interleaved[2 * i] = u[i];
            interleaved[(2 * i) + 1] = v[i];
        }
    }
}
