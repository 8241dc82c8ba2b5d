import dataclasses

import torch
from test_networks import codec_of

from mlvc.codec import build
from mlvc.data import Segments, load_clips
from mlvc.pictures import picture_of_bytes
from widen import directions, observed, places, widened


def pair():
    """A narrow network that codes something, and the configuration that it is widened to."""
    wide = codec_of("mlvc-xs-motion").config
    narrow = dataclasses.replace(wide, y_channels=192, y_scale_repeat=4)
    torch.manual_seed(3)
    return build(narrow).eval(), wide


@torch.no_grad()
def coded(codec, x):
    """Frames of x (n, 96, h, w) at a high quality -> the last one's result"""
    q, state = torch.tensor([60]), codec.zero_state(x[:1])
    for n in range(len(x)):
        result = codec(x[n : n + 1], state, q, codec.config.shift(n))
        state = result.state
    return result


def test_a_network_that_gets_directions_of_nothing_computes_what_it_did():
    narrow, config = pair()
    wide = widened(narrow, config, torch.zeros(48, 96, 2, 2), torch.zeros(384, 48)).eval()
    x = 0.3 * torch.rand(2, 96, 16, 16)
    one, other = coded(narrow, x), coded(wide, x)
    assert (one.x_hat - other.x_hat).abs().max() < 1e-5
    old = places(narrow.config, config)[:96]  # of the first half; the second lies alike
    for before, after in ((one.symbols.s0, other.symbols.s0), (one.symbols.s1, other.symbols.s1)):
        assert before.abs().max() > 0 and torch.equal(before, after[:, old])
        assert after.abs().sum() == before.abs().sum()


def test_the_directions_that_it_gets_bring_back_what_pictures_lack(clip_folder, tmp_path):
    narrow, config = pair()
    segments = Segments(load_clips([clip_folder], tmp_path), 0, 64, 1, 64)
    known, errors = observed(narrow, segments, 6, lambda line: None)
    down, picture, share = directions(known, errors, narrow.encoder.down.weight, 48)
    assert 0.1 < share < 1
    wide = widened(narrow, config, down, picture).eval()
    x = picture_of_bytes(torch.from_numpy(segments.segment(0, 0, 1, 3)[0]).float())
    one, other = coded(narrow, x), coded(wide, x)
    errors = [(result.x_hat - x[-1:]).square().mean() for result in (one, other)]
    assert other.symbols.s0[:, 4::5].abs().sum() > 0 and errors[1] < 0.9 * errors[0]
    assert torch.isfinite(other.bits).all()
