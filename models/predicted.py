#!/usr/bin/env python3
"""What sending scales costs once a network has been trained not to: the counter-example's other half.

    predicted.py --weights ../../shared/weights/mlvc-xs-seed.npz --data ../../shared/data/train --clips ../../shared/data/test --only '*akiyo*'

Two copies of one network are trained alike for a short while, the same parts of both: everything between the transforms (z, its prior, quant step, means).
One keeps its scales in z. The other sends nothing in those channels and has a scale head (mlvc/streams.py). Prints both curves.
"""

import argparse
import fnmatch
import json
import time
from pathlib import Path
from unittest import mock

import torch

import train
from counterexample import HERE, load_head
from evaluate import evaluate_clip
from export import config_path
from mlvc.codec import CodecConfig, FrameResult, MlvcXs, Symbols, build
from mlvc.data import Segments, load_clips
from mlvc.entropy import gaussian_bits, round_through
from mlvc.streams import ScaleHead, prior_of, unpacked
from mlvc.weights import load_weights

TRAINED = "hyper_encoder.", "hyper_decoder.", "temporal_prior.", "prior_fusion.", "spatial_prior.", "z_prior.", "head."
WARM_UP_STEPS = 50  # few steps in all, and the transforms stand still


class PredictedXs(MlvcXs):
    """`MlvcXs` that sends no scales: the channels of z that hold them are zero and cost nothing."""

    def __init__(self, config, head=None):
        super().__init__(config)
        self.head = head or ScaleHead(config)
        sent = torch.ones(1, config.z_channels, 1, 1)
        sent[:, : config.y_channels // config.y_scale_repeat] = 0
        self.register_buffer("sent", sent, persistent=False)

    def forward(self, x, state, q, shift):
        """One frame, as `Codec.forward`."""
        row = q + shift
        ctx_t, ctx = self.context(state, row)
        y = self.analysis(x, state, ctx, row)
        z = self.hyper_analysis(self.pad_latent(y)) * self.sent
        z_hat = round_through(z) if self.training else torch.round(z)
        params, known = prior_of(self, z_hat, ctx_t)
        s0, s1, y_hat, residuals = self.quantize(y, params)
        sigmas = self.head.sigma(0, known, row), self.head.sigma(1, torch.cat([known, unpacked(s0)], 1), row)
        noise = (lambda value: torch.rand_like(value) - 0.5) if self.training else torch.zeros_like
        coded = residuals if self.training else (s0, s1)
        bits = (self.z_prior.bits((z if self.training else z_hat) + noise(z), q) * self.sent).sum((1, 2, 3))
        for value, sigma in zip(coded, sigmas):
            bits = bits + gaussian_bits(value + noise(value), sigma).sum((1, 2, 3))
        x_hat, state = self.synthesis(y_hat, self.activity(s0, s1), ctx, state, row)
        return FrameResult(Symbols(z_hat, s0, s1), x_hat, state, bits)


def trained(codec, segments, training, steps, rate, report=print):
    """The averaged weights after so many steps; only `TRAINED` moves."""
    for name, parameter in codec.named_parameters():
        parameter.requires_grad_(name.startswith(TRAINED))
    trainer, since, losses = train.Trainer(codec, training, segments, learning_rate=rate), time.monotonic(), []
    with mock.patch.object(train, "WARM_UP_STEPS", WARM_UP_STEPS):
        for step in range(steps):
            losses.append(trainer.train_step()[0])
            if (step + 1) % 50 == 0:
                report(f"step {step + 1}  loss {sum(losses[-50:]) / 50:.4f}  {time.monotonic() - since:.0f} s")
    return trainer.average


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True, help=".npz of an xs network, or a training checkpoint")
    parser.add_argument("--head", type=Path, default=HERE / "runs" / "scale-head.npz", help="of counterexample.py train (default: runs/scale-head.npz)")
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders of TRAINING videos")
    parser.add_argument("--clips", type=Path, nargs="+", required=True, help="folders of videos to compare on")
    parser.add_argument("--only", default="*", help="pattern on their names")
    parser.add_argument("--which", choices=["sent", "predicted"], nargs="+", default=["sent", "predicted"])
    parser.add_argument("--steps", type=int, default=400, help="(default: %(default)s)")
    parser.add_argument("--learning-rate", type=float, default=5e-4, help="(default: %(default)s)")
    parser.add_argument("--q", type=int, nargs="+", default=[8, 24, 40, 56], help="q indices (default: 8 24 40 56)")
    parser.add_argument("--frames", type=int, default=17, help="frames per clip (default: %(default)s)")
    parser.add_argument("--cache", type=Path, default=HERE / "runs" / "cache", help="decoded frames")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads (default: %(default)s)")
    parser.add_argument("--output", type=Path, help="write the figures as JSON")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    path = config_path("mlvc-xs")
    config, training = CodecConfig.load(path), json.loads(path.read_text())["training"]
    clips = load_clips(options.data, options.cache)
    segments = Segments(clips, 2, training["crop"], training["max_gap"], config.qp_num, training["content_weights"])
    clips = [c for c in load_clips(options.clips, options.cache) if fnmatch.fnmatch(c.name, options.only)]
    figures = []
    for which in options.which:
        codec = load_weights(build(config), options.weights)
        if which == "predicted":
            plain, codec = codec, PredictedXs(config, load_head(config, options.head).train())
            codec.load_state_dict({**codec.state_dict(), **plain.state_dict()})
        for name, weights in (("before", None), ("after", options.steps)):
            if weights:
                codec = trained(codec, segments, training, options.steps, options.learning_rate, lambda line: print(which, line, flush=True))
            for clip in clips:
                for line in evaluate_clip(codec, clip, options.q, options.frames):
                    figures.append({"scales": which, "training": name, **line})
                    print("{scales:9s} {training:6s} {clip:36s} q {q:2d}  {psnr:.2f} dB  {kbps:.1f} kbit/s".format(**figures[-1]), flush=True)
    if options.output:
        options.output.write_text(json.dumps(figures, indent=1) + "\n")
    return figures


if __name__ == "__main__":
    main()
