from pathlib import Path

import numpy
import pytest
import torch

from export import wake
from mlvc.codec import CodecConfig, Symbols, build
from mlvc.pictures import bytes_of_picture, pack420, packed_of_planes, picture_of_bytes, planes_of_packed, unpack420
from mlvc.weights import load_weights

CONFIGS = Path(__file__).parents[1] / "configs"


def codec_of(name):
    torch.manual_seed(0)
    return build(CodecConfig.load(CONFIGS / f"{name}.json"))


@pytest.mark.parametrize("name, published", [("mlvc", 18_316_286), ("mlvc-s", 5_437_270), ("mlvc-xs", 1_093_512), ("mlvc-xs-skip", 1_093_512), ("mlvc-xs-motion", 1_860_624)])
def test_parameter_counts_are_exactly_the_documented_ones(name, published):
    assert sum(p.numel() for p in codec_of(name).parameters()) == published


def test_quality_shift_follows_the_eight_frame_pattern():
    shifts = [codec_of("mlvc-tiny").config.shift(n) for n in range(9)]
    assert shifts == [8, 0, 4, 0, 4, 0, 4, 0, 8]


def test_packing_puts_pixels_where_the_contract_says_and_back():
    random = numpy.random.default_rng(1)
    y, u, v = (random.integers(0, 256, shape, dtype=numpy.uint8) for shape in ((32, 48), (16, 24), (16, 24)))
    packed = pack420(y, u, v)
    i, j, dy, dx = 2, 3, 5, 6
    assert packed[8 * dy + dx, i, j] == y[8 * i + dy, 8 * j + dx]
    assert packed[64 + 4 * 3 + 1, i, j] == u[4 * i + 3, 4 * j + 1]
    assert packed[80 + 4 * 3 + 1, i, j] == v[4 * i + 3, 4 * j + 1]
    for plane, back in zip((y, u, v), unpack420(torch.from_numpy(packed)[None])):
        assert (back[0, 0].numpy() == plane).all()
    floats = torch.from_numpy(packed)[None].float()
    assert torch.equal(packed_of_planes(planes_of_packed(floats)), floats)


def test_every_byte_survives_the_picture_scale():
    values = torch.arange(256.0)
    assert torch.equal(bytes_of_picture(picture_of_bytes(values)), values)


@pytest.mark.parametrize("name", ["mlvc-tiny", "mlvc-xs", "mlvc-xs-motion"])
def test_decoder_follows_the_encoder_exactly_at_a_size_that_needs_padding(name):
    codec = codec_of(name).eval()
    wake(codec)
    x = torch.rand(1, 96, 10, 14) - 0.5  # 112x80 pixels: y is 7x5, z covers 8x8
    state = codec.zero_state(x)
    with torch.no_grad():
        for n in range(3):
            row = torch.tensor([30 + codec.config.shift(n)])
            next_state, symbols = codec.encode(codec.native(x), state, row)
            _, decoded_state = codec.decode(symbols, state, row)
            assert torch.equal(next_state, decoded_state)
            assert torch.equal(symbols.s0, symbols.s0.round())
            state = next_state


def test_untrained_xs_already_codes_a_smooth_picture():
    codec = codec_of("mlvc-xs").eval()
    rows, columns = torch.meshgrid(torch.arange(8.0), torch.arange(8.0), indexing="ij")
    x = (0.3 * torch.sin(rows / 3) * torch.cos(columns / 4)).expand(1, 96, 8, 8).contiguous()
    with torch.no_grad():
        result = codec(x, codec.zero_state(x), torch.tensor([40]), 8)
    assert (result.x_hat - x).square().mean().sqrt() < 0.03  # above 30 dB


def test_an_encoder_spends_symbols_in_allowed_cells_only():
    codec = codec_of("mlvc-xs-motion").eval()
    x, row = torch.rand(1, 96, 16, 16, generator=torch.Generator().manual_seed(3)) - 0.5, torch.tensor([60])
    state, cells = codec.zero_state(x), torch.ones(1, 1, 8, 8)
    cells[..., :5] = 0
    with torch.no_grad():
        free, all_cells = codec.encode(x, state, row)[1], codec.encode(x, state, row, torch.ones_like(cells))[1]
        next_state, symbols = codec.encode(x, state, row, cells)
        assert torch.equal(next_state, codec.decode(symbols, state, row)[1])
    assert all(torch.equal(a, b) for a, b in zip(free, all_cells))
    for part, others in (symbols.s0, free.s0), (symbols.s1, free.s1):
        assert not part[..., :5].any() and part[..., 5:].any() and others[..., :5].any()
    assert not symbols.z[..., 0].any() and symbols.z[..., 1].any()  # of cells 0 to 3, and 4 to 7


def test_cells_without_a_symbol_keep_the_previous_picture_to_the_byte():
    codec = codec_of("mlvc-xs-skip").eval()
    for parameter in codec.recon.parameters():  # a network that changes everything that it may
        torch.nn.init.normal_(parameter, std=0.1)
    zero, row = torch.zeros(1, 48, 3, 4), torch.tensor([40])
    z, state = torch.zeros(1, 48, 1, 1), torch.zeros(1, 192, 6, 8)
    state[:, -96:] = picture_of_bytes(torch.randint(0, 256, (1, 96, 6, 8)).float())
    one = zero.clone()
    one[0, 7, 1, 2] = -1
    with torch.no_grad():
        quiet, _ = codec.decode(Symbols(z, zero, zero), state, row)
        changed, _ = codec.decode(Symbols(z, zero, one), state, row)
        fresh, _ = codec.decode(Symbols(z, zero, zero), torch.zeros_like(state), row)
    assert torch.equal(quiet, state[:, -96:])
    differs = (changed != state[:, -96:]).any(1)[0]
    assert differs[2:4, 4:6].all() and differs.sum() == 4
    assert (fresh != 0).any(1).all()


def test_a_scale_is_in_use_where_a_symbol_of_its_channels_and_cells_is_not_zero():
    codec = codec_of("mlvc-xs-motion")
    config = codec.config
    y, params = torch.zeros(1, config.y_channels, 6, 9), torch.zeros(1, 2 * config.y_channels, 6, 9)
    params[:, : config.y_channels] = 2.0  # quantiser steps
    y[0, 7, 1, 4] = 1.1  # more than half a step: scale 7 // 5, position (1 // 4, 4 // 4)
    y[0, 12, 1, 4] = 0.9  # less
    y[0, 239, 5, 8] = 5.9
    params[0, config.y_channels + 239, 5, 8] = 3.0  # as expected
    y[0, 100, 5, 8] = -1.1
    expected = torch.zeros(1, config.z_channels, 2, 3)
    expected[0, 1, 0, 1] = expected[0, 20, 1, 2] = 1
    expected[0, 48:, 0, 1] = expected[0, 48:, 1, 2] = 1  # no scales
    assert torch.equal(codec.in_use(y, params), expected)


def test_the_encoder_sends_no_z_for_cells_that_have_no_symbols():
    codec = codec_of("mlvc-xs-motion").eval()
    codec.hyper_analysis = lambda y: torch.full((1, 72, 1, 1), 3.0)
    with torch.no_grad():
        for parameter in codec.hyper_decoder.parameters():
            parameter.zero_()  # z changes scales only
        x = torch.zeros(1, 96, 8, 8)
        row = torch.tensor([20])
        z = codec.encode(x, codec.zero_state(x), row)[1].z
        assert (z == 0).all()
        x[:, :64, :4] = 0.3
        symbols, frame = codec.encode(x, codec.zero_state(x), row)[1], codec(x, codec.zero_state(x), row, 0)
        assert (symbols.z[:, :48] == 3).any() and (symbols.z[:, :48] == 0).any() and (symbols.z[:, 48:] == 3).all()
        assert all(torch.equal(a, b) for a, b in zip(symbols, frame.symbols))


def test_known_answer_of_the_seed_weights(shared):
    codec = load_weights(codec_of("mlvc-xs"), shared / "weights" / "mlvc-xs-seed.npz").eval()
    answer = numpy.load(shared / "weights" / "mlvc-xs-parity.npz")
    state = None
    for t in range(4):
        x = picture_of_bytes(torch.from_numpy(pack420(*(answer[f"{p}{t}"] for p in "yuv")))[None].float())
        state = codec.zero_state(x) if state is None else state
        q, shift = torch.tensor([40]), codec.config.shift(t)
        with torch.no_grad():
            result = codec(x, state, q, shift)
            # The answer's bits were counted with the z prior's SHIFTED row; the bitstream uses the unshifted one.
            z = result.symbols.z
            bits = result.bits + (codec.z_prior.bits(z, q + shift) - codec.z_prior.bits(z, q)).sum()
        state = result.state
        for name, symbols in zip((f"z{t}", f"s0_{t}", f"s1_{t}"), result.symbols):
            assert (symbols[0].numpy() != answer[name]).mean() <= 0.001
        assert numpy.abs(result.x_hat[0].numpy() - answer[f"xhat{t}"].astype(numpy.float32)).max() < 0.01
        assert abs(float(bits) - float(answer[f"bits{t}"])) < 1
