using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.UnitTests.Rtp.Congestion;

/// <summary>Transport feedback messages for tests.</summary>
internal static class FeedbackOf
{
    /// <summary>A message about packets from <paramref name="first"/> on; null = not arrived.</summary>
    public static byte[] Arrivals(int first, params double?[] arrivalsMs)
    {
        byte[] bytes = new byte[TransportFeedbackWriter.MaxBytes];
        TimeSpan[] arrivals = [.. arrivalsMs.Select(ms => ms is { } at ? TimeSpan.FromMilliseconds(at) : TransportFeedbackWriter.NotArrived)];
        int length = TransportFeedbackWriter.Write(bytes, 1, 2, unchecked((ushort)first), 0, arrivals, out _);
        return bytes[..length];
    }

    public static TransportFeedback Read(ReadOnlySpan<byte> bytes)
    {
        RtcpReader reader = new(bytes);
        Assert.True(reader.TryNext(out RtcpPacket packet));
        Assert.True(TransportFeedback.TryRead(packet, out TransportFeedback feedback));
        return feedback;
    }
}
