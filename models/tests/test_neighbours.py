import torch

from counterexample import Pictures, config_path
from mlvc.bundle import moving_scene
from mlvc.codec import CodecConfig, build
from mlvc.streams import StreamCodec
from neighbours import chain, code_with, coded_with_books, coded_with_rans, drawn_out, fit_books, through_books


def codec_and_pictures(frames=4):
    torch.manual_seed(5)
    codec = build(CodecConfig.load(config_path("mlvc-xs"))).eval()
    return codec, Pictures("scene", 64, 48, 30.0, list(moving_scene(64, 48, frames)))


def test_every_codebook_leaves_less_to_the_next():
    torch.manual_seed(1)
    vectors = torch.randn(2000, 8) * torch.linspace(0.1, 2, 8)
    books = fit_books(vectors, 32, 3)
    cells = vectors[:100].t().reshape(1, 8, 10, 10)
    errors = [(through_books(cells, books[:n]) - cells).square().mean() for n in range(4)]
    assert errors[0] > 1.5 * errors[1] > errors[1] > 1.1 * errors[2] > 1.1 * errors[3]


def test_rounded_residuals_are_the_codec_itself():
    codec, pictures = codec_and_pictures()
    end, q = StreamCodec(codec, StreamCodec.tables_of(codec)), 30
    x = torch.from_numpy(pictures.packed[0])[None].float() / 255 - 0.5
    frame = end.encode(x, codec.zero_state(x), q, 8)
    with torch.no_grad():
        z, x_hat, state = code_with(codec, x, codec.zero_state(x), torch.tensor([q + 8]), (torch.round, torch.round))
    assert torch.equal(z, frame.symbols.z) and torch.equal(x_hat, frame.x_hat) and torch.equal(state, frame.state)


def test_more_indices_cost_their_bits_and_bring_quality():
    codec, pictures = codec_and_pictures()
    tables = StreamCodec.tables_of(codec)
    torch.manual_seed(2)
    books = [fit_books(torch.randn(3000, 48) * 2, 64, 8) for _ in range(2)]
    (few, small), (many, large) = (coded_with_books(codec, tables, pictures, 40, books, stages) for stages in (1, 8))
    assert large - small == 7 * 2 * 6 / 8 * 12  # stages, halves, bits of an index, cells of 16x16
    assert many > few
    assert coded_with_rans(codec, tables, pictures, 40)[0] > many  # noise was a poor teacher


def test_a_refresh_changes_the_frames_after_it_and_none_before():
    codec, pictures = codec_and_pictures(6)
    with torch.no_grad():
        for name, parameter in codec.named_parameters():
            if name in ("decoder.head.weight", "feature_adaptor.weight") or "feature_extractor" in name and name.endswith("weight"):
                parameter.mul_(40)  # the DCT start hardly looks at the temporal feature
    plain, refreshed = chain(codec, pictures, 30, 4, [0, 4])
    assert plain["bits"] == refreshed["bits"] and plain["psnr"] == refreshed["psnr"]
    plain, refreshed = chain(codec, pictures, 30, 8, [0, 4])
    assert plain["bits"] != refreshed["bits"]


def test_tables_go_on_below_their_lowest_row_as_they_fall_above_it():
    codec, pictures = codec_and_pictures()
    lower, tables = drawn_out(codec, 16), StreamCodec.tables_of(codec)
    expected = codec.q_encoder[0] * (codec.q_encoder[0] / codec.q_encoder[16]) ** 0.5
    assert torch.allclose(lower.q_encoder[8], expected) and torch.equal(lower.q_recon[20], codec.q_recon[4])
    (below, small), (lowest, large) = coded_with_rans(lower, tables, pictures, 0), coded_with_rans(codec, tables, pictures, 0)
    assert below < lowest and small < large


def test_a_key_frame_starts_the_chain_again():
    codec, pictures = codec_and_pictures(3)  # forward and backward: frame 4 shows what frame 0 did
    once, again = (chain(codec, pictures, 30, frames, [], [4])[0] for frames in (4, 8))
    assert once["bits"] == again["bits"] and once["psnr"] == again["psnr"]
    assert chain(codec, pictures, 30, 8, [0])[0]["bits"] != again["bits"]
