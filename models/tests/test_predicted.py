import json

import torch

from counterexample import config_path
from mlvc.bundle import moving_scene
from mlvc.codec import CodecConfig, build
from mlvc.data import Segments, load_clips
from mlvc.pictures import picture_of_bytes
from predicted import PredictedXs, trained

PATH = config_path("mlvc-xs")
CONFIG = CodecConfig.load(PATH)


def network():
    torch.manual_seed(3)
    return PredictedXs(CONFIG).eval()


@torch.no_grad()
def test_nothing_is_sent_where_scales_were_and_nothing_else_is_lost():
    codec, plain = network(), build(CONFIG)
    plain.load_state_dict({name: value for name, value in codec.state_dict().items() if not name.startswith("head.")})
    x = picture_of_bytes(torch.from_numpy(next(iter(moving_scene(64, 48, 1))))[None].float())
    state, q = codec.zero_state(x), torch.tensor([40])
    predicted, sent = codec(x, state, q, 8), plain.eval()(x, state, q, 8)
    assert sent.symbols.z[:, :24].abs().max() > 0 and predicted.symbols.z[:, :24].abs().max() == 0
    assert torch.equal(predicted.symbols.z[:, 24:], sent.symbols.z[:, 24:])
    codec.z_prior.b[0][:, :24] += 5  # a prior that makes those channels dear
    assert codec(x, state, q, 8).bits == predicted.bits


def test_training_moves_what_is_between_the_transforms_and_only_that(clip_folder, tmp_path):
    codec = network()
    before = {name: value.clone() for name, value in codec.named_parameters()}
    training = {**json.loads(PATH.read_text())["training"], "frames": 2, "lanes": [1, 1], "crop": 64}
    after = trained(codec, Segments(load_clips([clip_folder], tmp_path), 0, 64, 2, 64), training, 3, 1e-3)
    moved = {name.split(".")[0] for name, value in after.named_parameters() if not torch.equal(value, before[name])}
    assert moved == {"hyper_encoder", "hyper_decoder", "temporal_prior", "prior_fusion", "spatial_prior", "z_prior", "head"}
