using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.UnitTests.Rtp.Packets;

public sealed class WrappingNumbersTests
{
    [Theory]
    [InlineData(1, 0, true)]
    [InlineData(0, 65535, true)]
    [InlineData(32767, 0, true)]
    [InlineData(32768, 0, false)]   // RFC 1982: half the circle has no order
    [InlineData(0, 32768, false)]
    [InlineData(5, 5, false)]
    [InlineData(65535, 0, false)]
    public void Newer_means_less_than_half_a_circle_ahead(int candidate, int reference, bool newer)
    {
        Assert.Equal(newer, SequenceNumber.IsNewer((ushort)candidate, (ushort)reference));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(32766)]
    [InlineData(32768)]
    [InlineData(65534)]
    [InlineData(65535)]
    public void Numbers_go_on_without_a_wrap_from_every_awkward_start(int start)
    {
        SequenceUnwrapper unwrapper = new();
        for (int i = 0; i < 200_000; i += 7)
        {
            Assert.Equal(start + i, unwrapper.Unwrap((ushort)(start + i)));
            Assert.Equal(start + i - 3, unwrapper.Unwrap((ushort)(start + i - 3)));  // a straggler
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(47_721)]      // just before 2^32 ticks = 47,721.86 s
    [InlineData(1_000_000)]   // a machine that is up for eleven days
    public void A_capture_time_survives_the_90_kHz_clock(int originSeconds)
    {
        for (int ms = 0; ms < 2000; ms += 33)
        {
            TimeSpan capture = TimeSpan.FromSeconds(originSeconds) + TimeSpan.FromMilliseconds(ms);
            TimeSpan back = RtpTimestamp.ToTimeSpan(RtpTimestamp.FromTimeSpan(capture), near: capture + TimeSpan.FromMilliseconds(200));
            Assert.InRange((back - capture).TotalMicroseconds, -6, 6);
        }
    }
}
