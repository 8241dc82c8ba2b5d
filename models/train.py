#!/usr/bin/env python3
"""Trains a codec; stops cleanly after --minutes, and continues where it stopped when started again with the same --run.

    train.py --run runs/xs --init ../../shared/weights/mlvc-xs-seed.npz --data ../../shared/data/train --minutes 40

A run is a function of its config, its data, the weights it began from, --learning-rate, --bf16 and --seed: batches and noise depend on the step alone, so an interrupted and
resumed run equals an uninterrupted one. Weights to evaluate and export (`checkpoint.pt`, or --export FILE.npz) are the
running average (EMA).
"""

import argparse
import copy
import json
import math
import signal
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy
import torch
from torch import nn

from export import config_path
from mlvc import cascade
from mlvc.codec import CodecConfig, Mlvc, build
from mlvc.data import Segments, load_clips, split
from mlvc.layers import dct_basis
from mlvc.losses import rate_distortion
from mlvc.pictures import picture_of_bytes
from mlvc.weights import load_weights, save_weights

HERE = Path(__file__).parent
REPORT_STEPS = 50
JUMP_STEPS = 2, 3  # how far back a jump goes, in steps
WARM_UP_STEPS = 500  # linear, so that fresh Adam moments do not throw warm-started weights about
START_SCALE, START_DECADE = 3.2, 63  # q_encoder of the DCT start: 3.2 · 10^(q/63) per unit of an orthonormal coefficient


class Trainer:
    """One run: codec, average, optimiser, and the states that segments carry from step to step.

    A batch has a lane for every item of the config's `lanes`: the steps, of `frames` frames each, that a segment of that lane lasts. The state crosses
    steps, the gradient does not. Short segments bring many clips and starts, long ones what a chain does after minutes without a key frame.
    """

    def __init__(self, codec, training, segments, seed=0, device="cpu", learning_rate=None, half=False, workers=0):
        self.codec = codec.to(device).to(memory_format=torch.channels_last).train()
        self.average = copy.deepcopy(self.codec).eval()
        self.training, self.seed, self.device, self.half = training, seed, device, half
        self.source = SegmentSource(segments, training["lanes"], training["frames"], workers)
        rate = learning_rate or training["learning_rate"]
        prior_rate = rate * training["prior_learning_rate"] / training["learning_rate"]
        prior = list(self.codec.z_prior.parameters())
        others = [p for name, p in self.codec.named_parameters() if not name.startswith("z_prior.")]
        self.rates = [rate, prior_rate]
        self.optimizer = torch.optim.Adam([{"params": others, "lr": rate}, {"params": prior, "lr": prior_rate}])
        self.step = 0
        self.carried = None  # (states before this step and the steps before it, newest first; frames since the I-frame (lanes,))
        kinds = torch.tensor(codec.config.frame_index_map)
        self.kinds, self.shifts = kinds.to(device), torch.tensor(codec.config.qp_shift, device=device)

    def first_state(self, before, x, q):
        """State and frame number (B,) at the start of a segment. before, x (B, 96, H/8, W/8): the pictures around it.

        Some clips start from nothing, as an I-frame; the others start "inside a call": the previous picture is known,
        about as coarse as its place and q would leave it.
        """
        state = self.codec.zero_state(x)
        inside = torch.rand(len(x), device=self.device) < self.training["inside_call"]
        period = cascade.PERIOD if self.training.get("cascade") else len(self.kinds)
        number = torch.randint(1, period + 1, (len(x),), device=self.device)
        if isinstance(self.codec, Mlvc):
            known = self.codec.state_of_picture(before)
        else:
            known = state.clone()
            known[:, -x.shape[1] :] = coarse_picture(before, self.quality(q, number - 1, self.by_place()))
        mask = inside.view(-1, 1, 1, 1)
        return torch.where(mask, known, state), torch.where(inside, number, torch.zeros_like(number))

    def states(self, before, x, q, part):
        """State and frame number (B,) that this step starts from. part (B,): steps since the start of each lane's segment.

        By chance `jump` a lane goes on from an older state, as a call does after a loss: from a long-term reference 2 or 3 steps back.
        """
        state, number = self.first_state(before, x, q)
        if self.carried is None:
            return state, number
        carried, numbers = self.carried
        latest = carried[0]
        back = torch.randint(JUMP_STEPS[0], JUMP_STEPS[1] + 1, (len(x),), device=self.device)
        jumps = (torch.rand(len(x), device=self.device) < self.training["jump"]) & (part > back)  # equal: the state before the first frame, which nobody has coded
        for steps in range(JUMP_STEPS[0], min(JUMP_STEPS[1] + 1, len(carried))):
            latest = torch.where((jumps & (back == steps)).view(-1, 1, 1, 1), carried[steps], latest)
        going = part > 0
        return torch.where(going.view(-1, 1, 1, 1), latest, state), torch.where(going, numbers, number)

    def by_place(self):
        """Whether each lane's segment is coded by the cascade (B,): evenly spread over its segments, the share `cascade` of them."""
        share = self.training.get("cascade", 0)
        numbers = ((self.step + lane) // steps + lane for lane, steps in enumerate(self.training["lanes"]))
        return torch.tensor([int((n + 1) * share) > int(n * share) for n in numbers], device=self.device)

    def quality(self, setting, number, by_place):
        """Quality indices of frames `number` (B,) at a setting (B,): the setting itself, or where `by_place` (B,) that of their place."""
        return torch.where(by_place, cascade.quality_of(setting, number, self.codec.config.qp_num), setting)

    def train_step(self):
        """-> loss, bits per pixel, mean squared error of luma (floats, for the log)"""
        torch.manual_seed(self.seed * 1_000_003 + self.step)
        training = self.training
        frames = training["frames"]
        pictures, q, part = self.source.step(self.step)
        window = picture_of_bytes(torch.from_numpy(pictures).to(self.device).float())  # (B, 1 + frames, 96, crop/8, crop/8)
        q, part = torch.from_numpy(q).to(self.device), torch.from_numpy(part).to(self.device)
        x = [window[:, t].contiguous(memory_format=torch.channels_last) for t in range(frames + 1)]
        state, number = self.states(x[0], x[1], q, part)
        earlier = [state.detach()] if self.carried is None else [state.detach(), *self.carried[0][1 : JUMP_STEPS[1]]]
        by_place = self.by_place()
        loss, bpp, mse = 0, 0, 0
        for t in range(1, frames + 1):
            kind = self.kinds[(number + 1) % len(self.kinds)]
            quality = self.quality(q, number, by_place)
            with torch.autocast(self.device.split(":")[0], torch.bfloat16, enabled=self.half):
                result = self.codec(x[t], state, quality, self.shifts[kind])
            frame_loss, frame_bpp = rate_distortion(result, x[t], quality, kind, training)
            loss, bpp = loss + frame_loss.mean() / frames, bpp + frame_bpp.mean().detach() / frames
            mse = mse + (result.x_hat.detach().float() - x[t])[:, :64].square().mean() / frames
            state, number = result.state.float(), number + 1
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.codec.parameters(), training["gradient_norm"])
        for group, rate in zip(self.optimizer.param_groups, self.rates):
            group["lr"] = rate * min(1, (self.step + 1) / WARM_UP_STEPS)
        if torch.isfinite(norm):  # a step with a broken gradient is skipped, not repaired
            self.optimizer.step()
        self.average_weights()
        self.step += 1
        self.carried = [state.detach(), *earlier], number
        return float(loss.detach()), float(bpp), float(mse)

    @torch.no_grad()
    def average_weights(self):
        decay = min(self.training["average_decay"], (1 + self.step) / (10 + self.step))  # a short memory at first
        for mean, value in zip(self.average.parameters(), self.codec.parameters()):
            mean.lerp_(value, 1 - decay)

    def save(self, path):
        """Writes a checkpoint so that a crash leaves either the old or the new one."""
        partial = path.with_suffix(".part")
        content = {
            "step": self.step,
            "model": self.codec.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "carried": self.carried,
        }
        torch.save(content, partial)
        partial.replace(path)

    def restore(self, path):
        content = torch.load(path, map_location=self.device)
        self.step, self.carried = content["step"], content["carried"]
        self.codec.load_state_dict(content["model"])
        self.average.load_state_dict(content["average"])
        self.optimizer.load_state_dict(content["optimizer"])


def coarse_picture(x, q):
    """A packed picture through a DCT quantiser about as coarse as q. x (B, 96, h, w), q (B,)"""
    step = 1 / (START_SCALE * 10 ** (q.float() / START_DECADE)).view(-1, 1, 1, 1)
    basis = torch.block_diag(dct_basis(8), dct_basis(4), dct_basis(4)).to(x.device)  # (coefficient, packed channel)
    coefficients = torch.einsum("kc,bchw->bkhw", basis, x)
    return torch.einsum("kc,bkhw->bchw", basis, torch.round(coefficients / step) * step).clamp(-0.5, 0.5)


class SegmentSource:
    """What every lane shows in a step. Segments come from worker processes, each lane's next one ahead of its time, or, with no workers, from here."""

    def __init__(self, segments, lanes, frames, workers=0):
        self.segments, self.lanes, self.frames = segments, lanes, frames
        self.current = [(None, None)] * len(lanes)  # number and content of each lane's segment
        self.pool, self.ahead = ProcessPoolExecutor(workers) if workers else None, {}

    def step(self, step):
        """-> pictures (B, 1 + frames, 96, crop/8, crop/8) uint8, q (B,), part (B,): steps since the start of the segment"""
        items = [self.item(lane, *divmod(step + lane, steps)) for lane, steps in enumerate(self.lanes)]  # lanes start one after the other
        pictures, q, part = zip(*items)
        return numpy.stack(pictures), numpy.array(q), numpy.array(part)

    def item(self, lane, number, part):
        if self.current[lane][0] != number:
            self.current[lane] = number, self.load(lane, number)
        pictures, q = self.current[lane][1]
        return pictures[part * self.frames : (part + 1) * self.frames + 1], q[part], part

    def load(self, lane, number):
        arguments = self.lanes[lane], self.frames
        if self.pool is None:
            return self.segments.segment(lane, number, *arguments)
        ready = self.ahead.pop((lane, number), None) or self.pool.submit(self.segments.segment, lane, number, *arguments)
        self.ahead[lane, number + 1] = self.pool.submit(self.segments.segment, lane, number + 1, *arguments)
        return ready.result()


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", default="mlvc-xs", help="name in configs/ or a path (default: %(default)s)")
    parser.add_argument("--run", type=Path, required=True, help="folder of the run; its checkpoint is resumed")
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders of videos")
    parser.add_argument("--cache", type=Path, default=HERE / "runs" / "cache", help="decoded frames (about 0.3 MB each at 360p)")
    parser.add_argument("--hold-out", type=float, default=0.0, help="share of the sources left out (default: none)")
    parser.add_argument("--init", type=Path, help="weights to start from when the run is new (.npz, checkpoint, or bundle .tar)")
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop cleanly after this long (default: never)")
    parser.add_argument("--steps", type=int, default=1 << 40, help="stop at this step of the run (default: never)")
    parser.add_argument("--checkpoint-minutes", type=float, default=3.0, help="(default: %(default)s)")
    parser.add_argument("--learning-rate", type=float, help="instead of the config's; lower it for a last stretch")
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=JSON", help="other values of the config's training object")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", help="(default: %(default)s)")
    parser.add_argument("--bf16", action="store_true", help="bfloat16 autocast for the convolutions; a quarter to a third faster on processors that have it")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=0, help="processes that prepare batches (default: %(default)s)")
    parser.add_argument("--export", type=Path, help="write the averaged weights as .npz at the end")
    options = parser.parse_args(arguments)

    started = time.monotonic()
    torch.set_num_threads(options.threads)
    path = config_path(options.config)
    training = json.loads(path.read_text())["training"]
    training.update({key: json.loads(value) for key, value in (item.split("=", 1) for item in options.set)})
    config = CodecConfig.load(path)
    clips, _ = split(load_clips(options.data, options.cache), options.hold_out)
    weights, change = training["content_weights"], training["quality_change"]
    segments = Segments(clips, options.seed, training["crop"], training["max_gap"], config.qp_num, weights, change)
    torch.manual_seed(options.seed)
    codec = build(config)
    options.run.mkdir(parents=True, exist_ok=True)
    checkpoint = options.run / "checkpoint.pt"
    if options.init and not checkpoint.exists():
        load_weights(codec, options.init)
    trainer = Trainer(codec, training, segments, options.seed, options.device, options.learning_rate, options.bf16, options.workers)
    if checkpoint.exists():
        trainer.restore(checkpoint)
    (options.run / "training.json").write_text(json.dumps(training, indent=1) + "\n")
    print(f"{config.name}: {len(segments.clips)} clips, step {trainer.step}, {options.device}", flush=True)

    stopping = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.append(True))
    saved, sums, steps, since = time.monotonic(), [0.0, 0.0, 0.0], 0, time.monotonic()
    with open(options.run / "log.jsonl", "a", encoding="utf-8") as log:
        while trainer.step < options.steps and time.monotonic() - started < 60 * options.minutes and not stopping:
            sums, steps = [a + b for a, b in zip(sums, trainer.train_step())], steps + 1
            if trainer.step % REPORT_STEPS == 0:
                seconds, since = time.monotonic() - since, time.monotonic()
                loss, bpp, mse = (value / steps for value in sums)
                pictures = steps * training["frames"] * len(training["lanes"]) / seconds
                line = {"step": trainer.step, "loss": loss, "bpp": bpp, "psnr_y": -10 * math.log10(mse), "pictures_per_s": pictures}
                log.write(json.dumps(line) + "\n")
                log.flush()
                print("step {step}  loss {loss:.4f}  bpp {bpp:.4f}  Y {psnr_y:.2f} dB  {pictures_per_s:.0f} pictures/s".format(**line), flush=True)
                sums, steps = [0.0, 0.0, 0.0], 0
            if time.monotonic() - saved > 60 * options.checkpoint_minutes:
                trainer.save(checkpoint)
                saved = time.monotonic()
    trainer.save(checkpoint)
    if options.export:
        save_weights(trainer.average, options.export)
    print(f"stopped at step {trainer.step}", flush=True)
    return trainer


if __name__ == "__main__":
    main()
