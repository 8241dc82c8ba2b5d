using MlvcRtc.WebRtc;
using MlvcRtc.WebRtc.Sdp;

namespace MlvcRtc.UnitTests.WebRtc.Sdp;

public sealed class MlvcParametersTests
{
    private const string Documented = "profile-id=0;model=1a2b3c4d,5e6f7081;max-fs=3600;max-fr=30;max-ltr=8;max-frame=294400;packet=1150;partial=0";

    [Fact]
    public void The_documented_line_is_read_and_written_to_the_letter()
    {
        MlvcParameters read = Read(Documented);
        Assert.Equal([0x1a2b3c4du, 0x5e6f7081u], read.Models);
        Assert.Equal(Documented, read.ToString());
    }

    [Fact]
    public void What_is_absent_means_the_documented_default() =>
        Assert.Equal(Documented, (Read("future=3; model=1a2b3c4d,5e6f7081") with { ProfileId = 0 }).ToString());

    [Theory]
    [InlineData("max-fs=0")]
    [InlineData("max-fr=")]
    [InlineData("max-ltr=9")]
    [InlineData("max-frame=294401")]
    [InlineData("packet=-1")]
    [InlineData("model=1a2b3c4")]
    [InlineData("model=1a2b3c4g")]
    [InlineData("profile-id=99999999999999999999")]
    public void Values_out_of_range_are_refused_by_name(string text)
    {
        Assert.False(MlvcParameters.TryParse(text, out _, out string? reason));
        Assert.StartsWith(text.Split('=')[0], reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_answer_names_the_common_models_in_the_order_of_the_offer_so_that_both_ends_use_the_first()
    {
        MlvcParameters offer = new() { Models = [1, 2, 3] }, own = new() { Models = [3, 2], MaxFrameSize = 900, MaxReferences = 4 };
        MlvcParameters answer = own.Answer(offer)!;
        Assert.Equal([2u, 3u], answer.Models);
        Assert.Equal((900, 4), (answer.MaxFrameSize, answer.MaxReferences));
        Assert.Equal(2u, offer.ModelFor(answer));
        Assert.Equal(2u, own.ModelFor(offer with { Models = answer.Models }));
    }

    [Fact]
    public void Without_a_common_model_or_version_the_line_is_rejected()
    {
        MediaDescription own = MlvcMedia.Describe(new MlvcParameters { Models = [1, 2] });
        Assert.Null(own.AnswerParameters!("model=00000003"));
        Assert.Null(own.AnswerParameters!("profile-id=1;model=00000001"));
        Assert.Null(own.AnswerParameters!("model=1"));
        Assert.NotNull(own.AnswerParameters!("model=00000001"));
        Assert.NotNull(own.AnswerParameters!(""));
    }

    private static MlvcParameters Read(string text) => MlvcParameters.TryParse(text, out MlvcParameters? read, out string? reason) ? read : throw new FormatException(reason);
}
