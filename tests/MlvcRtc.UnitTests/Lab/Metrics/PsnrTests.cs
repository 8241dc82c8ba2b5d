using MlvcRtc.Lab.Metrics;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Lab.Metrics;

public sealed class PsnrTests
{
    [Fact]
    public void One_step_of_error_everywhere_is_48_13_dB_and_ten_steps_28_13()
    {
        VideoFrame reference = Grey(100, 128, 128);
        Psnr psnr = Psnr.Compare(Grey(101, 138, 128), reference);
        Assert.Equal(48.13, psnr.Y, 2);   // 10 log10(255²)
        Assert.Equal(28.13, psnr.U, 2);   // 10 log10(255² / 100)
        Assert.Equal(100, psnr.V);
        Assert.Equal(((6 * 48.1308) + 28.1308 + 100) / 8, psnr.Weighted611, 3);
    }

    [Fact]
    public void Pictures_of_different_sizes_are_not_compared()
    {
        Assert.Throws<ArgumentException>(() => Psnr.Compare(new VideoFrame(16, 16), new VideoFrame(16, 18)));
    }

    private static VideoFrame Grey(byte y, byte u, byte v)
    {
        VideoFrame frame = new(32, 16);
        frame.Y.Fill(y);
        frame.U.Fill(u);
        frame.V.Fill(v);
        return frame;
    }
}
