#!/usr/bin/env python3
"""Gives a trained xs network more coefficients of y: those directions that hold most of what its pictures still lack.

    git show b121120:models/configs/mlvc-xs-motion.json > narrow.json  # v0.207: Y 192
    widen.py --from narrow.json --weights mlvc-xs-onnx-generic-v0.207.tar --to mlvc-xs-motion --data ../../shared/data/train --output wide.npz
    train.py --config mlvc-xs-motion --init wide.npz …

What the encoder knows of a cell before it throws all but Y numbers away (the input of `down`, 4N numbers) explains part of the picture's error
linearly, beyond what those Y numbers do. The strongest directions of that part (reduced-rank regression, Izenman 1975) become new rows of `down` and
of the linear path to the picture, dealt out to the scales of z that there are. All else stays: old symbols mean what they did.
"""

import argparse
import dataclasses
import math
import sys
from pathlib import Path

import torch

from export import config_path
from mlvc.codec import CodecConfig, build, row_of
from mlvc.data import Segments, load_clips
from mlvc.losses import PLANES
from mlvc.pictures import PICTURE_CHANNELS, picture_of_bytes
from mlvc.weights import load_weights, save_weights

CELL = 4 * PICTURE_CHANNELS  # samples of a cell of y: 2x2 packed cells
FRAMES, FRAME_STEP, FIRST = 8, 2, 1  # of every segment; errors of every second P-frame are taken
CROP = 192
RIDGE = 1e-3  # of the regression, in mean squares of its inputs
CHROMA = 2 * math.sqrt(5 / 6)  # weight of a chroma sample's error: a plane has a quarter of luma's samples, and plane_weights are 6, 5, 5
STEP = 1.3  # quantisation step of the new coefficients, in those of an orthonormal transform: about that of the old ones
SPREAD = -0.7  # of the new coefficients to begin with: log of their sigma in those of their scale


def cells(x):
    """(B, C, h, w) -> (B·h/2·w/2, 4C), a cell's numbers in the order of `down`'s weights: channel, row, column; double"""
    batch, channels, rows, columns = x.shape
    x = x.reshape(batch, channels, rows // 2, 2, columns // 2, 2)
    return x.permute(0, 2, 4, 1, 3, 5).reshape(-1, 4 * channels).double()


@torch.no_grad()
def observed(codec, segments, count, report):
    """What `down` saw, at the scale of q_encoder = 1, and what the picture lacked afterwards, at the best quality -> two (cells, 384)"""
    inputs, errors, seen = [], [], {}
    hook = codec.encoder.down.register_forward_pre_hook(lambda _, given: seen.update(h=given[0]))
    q = torch.tensor([codec.config.qp_num - 1])
    for number in range(count):
        pictures, _ = segments.segment(0, number, 1, FRAMES - 1)
        window = picture_of_bytes(torch.from_numpy(pictures).float())
        state = codec.zero_state(window[:1])
        for n in range(FRAMES):
            shift = codec.config.shift(n)
            result = codec(window[n : n + 1], state, q, shift)
            state = result.state
            if n >= FIRST and (n - FIRST) % FRAME_STEP == 0:
                inputs.append(cells(seen["h"] / row_of(codec.q_encoder, q + shift).mean()))
                errors.append(cells(window[n : n + 1] - result.x_hat.clamp(-0.5, 0.5)))
        report(f"{number + 1} of {count} segments")
    hook.remove()
    return torch.cat(inputs), torch.cat(errors)


@torch.no_grad()
def directions(known, errors, down, count):
    """-> rows of `down` (count, N, 2, 2) and of the picture (384, count), strongest first, and the share of the error's energy they hold"""
    taken, _ = torch.linalg.qr(down.reshape(len(down), -1).double().T)
    free = torch.eye(len(taken), dtype=torch.float64) - taken @ taken.T  # what the old coefficients do not say
    rest = known @ free
    moments = rest.T @ rest
    ridge = RIDGE * moments.diagonal().mean() * torch.eye(len(moments), dtype=torch.float64)
    map_of = torch.linalg.solve(moments + ridge, rest.T @ errors)  # errors ≈ rest @ map_of
    weight = torch.ones(CELL, dtype=torch.float64)
    weight[4 * PLANES["y"].stop :] = CHROMA
    explained = rest @ map_of * weight
    _, basis = torch.linalg.eigh(explained.T @ explained)
    basis = basis.flip(1)[:, :count]
    synthesis, analysis = basis / weight[:, None], basis * weight[:, None]
    norms = synthesis.norm(dim=0)
    synthesis, analysis = synthesis / norms, analysis * norms
    share = 1 - (errors - rest @ map_of @ analysis @ synthesis.T).square().sum() / errors.square().sum()
    return (free @ map_of @ analysis / STEP).T.reshape(count, *down.shape[1:]).float(), (STEP * synthesis).float(), float(share)


def places(narrow, wide):
    """Where the old channels of y lie among the new: behind those of each scale come that scale's new ones. -> (Y,)"""
    old, new = narrow.y_scale_repeat, wide.y_scale_repeat
    channel = torch.arange(narrow.y_channels)
    return channel // old * new + channel % old


@torch.no_grad()
def widened(codec, config, down, picture):
    """A network of `config` that computes what `codec` does, and codes the given directions besides. down (K, N, 2, 2), picture (384, K)"""
    narrow, more = codec.config, config.y_channels - codec.config.y_channels
    scales = narrow.y_channels // narrow.y_scale_repeat
    if config != dataclasses.replace(narrow, y_channels=config.y_channels, y_scale_repeat=config.y_scale_repeat) or config.y_channels != scales * config.y_scale_repeat or more <= 0 or not narrow.direct:
        raise ValueError(f"{narrow.name} with Y {narrow.y_channels} cannot become {config.name} with Y {config.y_channels}: only y grows, by more channels for each of its {scales} scales, and a network needs `direct`")
    y, wide_y = places(narrow, config), config.y_channels
    moved = {  # name -> {axis: new places of what lay there}
        "encoder.down": {0: y},
        "hyper_encoder": {1: torch.cat([y, y + wide_y])},
        f"prior_fusion.{len(codec.prior_fusion) - 1}": {0: torch.cat([y, y + wide_y])},
        "spatial_prior.0.adaptor": {1: torch.cat([y, y + wide_y, y + 2 * wide_y])},
        f"spatial_prior.{len(codec.spatial_prior) - 1}": {0: y},
        "decoder.up.conv": {1: y},
        "direct.conv": {1: y},
        "spread": {0: y},
    }
    wide = build(config)
    old = dict(codec.named_parameters())
    for name, value in wide.named_parameters():
        axes = next((axes for prefix, axes in moved.items() if name.startswith(prefix)), {}) if value.shape != old[name].shape else {}
        index = [axes.get(axis, torch.arange(length)) for axis, length in enumerate(old[name].shape)]
        value.zero_()
        value[torch.meshgrid(*index, indexing="ij")] = old[name]
    new = torch.tensor([k for k in range(wide_y) if k not in set(y.tolist())])
    order = torch.arange(more).view(-1, scales).T.flatten()  # every scale gets one of the strongest directions, then one of the next, …
    wide.encoder.down.weight[new] = down[order]
    best = narrow.qp_num - 1
    scale = (codec.q_direct[best] * codec.q_encoder[best].mean()).view(-1, 1, 1)  # `directions` are those of q_encoder = 1
    by_position = picture.view(PICTURE_CHANNELS, 4, more) / scale  # 2·row + column: the order of a pixel shuffle, too
    wide.direct.conv.weight[:, new, 0, 0] = by_position.view(-1, more)[:, order]
    wide.prior_fusion[-1].bias[new] = 1.0  # quantisation steps
    wide.spread[new] = SPREAD
    return wide


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="narrow", required=True, help="configuration of the weights: a name in configs/ or a path")
    parser.add_argument("--weights", type=Path, required=True, help="an .npz, a training checkpoint or a bundle (.tar)")
    parser.add_argument("--to", required=True, help="the wider configuration")
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders of TRAINING videos")
    parser.add_argument("--cache", type=Path, default=Path(__file__).parent / "runs" / "cache", help="decoded frames")
    parser.add_argument("--segments", type=int, default=60, help="(default: %(default)s)")
    parser.add_argument("--output", type=Path, required=True, help="the .npz to write")
    options = parser.parse_args(arguments)
    torch.manual_seed(0)
    narrow, config = (CodecConfig.load(config_path(name)) for name in (options.narrow, options.to))
    codec = load_weights(build(narrow), options.weights).eval()
    segments = Segments(load_clips(options.data, options.cache), 5, CROP, 2, narrow.qp_num)
    known, errors = observed(codec, segments, options.segments, lambda line: print(f"\r{line}", end="", file=sys.stderr, flush=True))
    print(file=sys.stderr)
    down, picture, share = directions(known, errors, codec.encoder.down.weight, config.y_channels - narrow.y_channels)
    save_weights(widened(codec, config, down, picture), options.output)
    print(f"{options.output}: {len(down)} more coefficients, which hold {share:.0%} of what pictures lacked at the best quality")
    return 0


if __name__ == "__main__":
    sys.exit(main())
