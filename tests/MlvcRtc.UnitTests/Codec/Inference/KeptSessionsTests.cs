using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Inference;
using MlvcRtc.Media;
using Decoder = MlvcRtc.Codec.Decoder;
using Encoder = MlvcRtc.Codec.Encoder;

namespace MlvcRtc.UnitTests.Codec.Inference;

public sealed class KeptSessionsTests
{
    [Fact]
    public void A_call_that_goes_to_a_prepared_size_and_back_loads_nothing()
    {
        FakeEngine engine = new();
        ModelBundle bundle = FakeModel.Bundle((64, 64), (32, 32));
        using KeptSessions sessions = new(engine);
        sessions.Prepare(bundle.Models.Single(model => model.Width == 32));
        using Encoder encoder = new(bundle, sessions);
        using Decoder decoder = new([bundle], sessions);
        Code(encoder, decoder, 64);
        Assert.Equal(4, engine.Loads);

        Code(encoder, decoder, 32);
        Code(encoder, decoder, 64);

        Assert.Equal(4, engine.Loads);
    }

    [Fact]
    public void Nothing_is_left_open_whichever_ends_first()
    {
        FakeEngine engine = new();
        KeptSessions sessions = new(engine);
        INeuralSession early = sessions.Load("encoder 32 32");
        INeuralSession late = sessions.Load("encoder 32 32");
        early.Dispose();
        early.Dispose();
        sessions.Dispose();
        Assert.Equal(1, engine.Open);

        late.Dispose();

        Assert.Equal(0, engine.Open);
        Assert.Throws<ObjectDisposedException>(() => sessions.Load("encoder 32 32"));
    }

    private static void Code(Encoder encoder, Decoder decoder, int side)
    {
        VideoFrame picture = new(side, side);
        EncodedFrame coded = new();
        Assert.Equal(EncodeStatus.Ok, encoder.Encode(picture, new EncodeRequest(Qp: 32), coded));
        Assert.Equal(DecodeStatus.Ok, decoder.Decode(coded, new VideoFrame()));
    }
}
