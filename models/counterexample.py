#!/usr/bin/env python3
"""The counter-example: the same network with scales that the network predicts, coded here, decoded on "another machine".

    counterexample.py train --weights ../../shared/weights/mlvc-xs-seed.npz --data ../../shared/data/train
    counterexample.py measure --weights ../../shared/weights/mlvc-xs-seed.npz --clips runs/franck.mp4 --output results/counterexample

`train` fits a scale head (mlvc/streams.py) to the symbols of the network, which stays as it is: a few minutes. `measure` encodes
under every environment (mlvc/environments.py) and decodes under every other, as `mlvcrtc interop` does, with scales sent and with
scales predicted; `rates` compares the bytes of both on more clips. A decoder refuses a frame whose symbols it cannot read, shows the picture before it, and has no state to read the next one with.
"""

import argparse
import json
import os
import platform
import shlex
import statistics
import subprocess
import sys
from pathlib import Path

import numpy
import torch

from export import calibration_pictures, config_path
from mlvc.bundle import moving_scene
from mlvc.codec import CodecConfig, build
from mlvc.data import Clip, Segments, decode_raw, load_clips, padded_frame
from mlvc.entropy import gaussian_bits
from mlvc.environments import FULL, environments_of
from mlvc.metrics import psnr_611
from mlvc.pictures import bytes_of_picture, picture_of_bytes
from mlvc.streams import ScaleHead, StreamCodec, prior_of, unpacked
from mlvc.weights import load_weights

HERE = Path(__file__).parent
TRAINING = {"batch": 4, "crop": 192, "frames": 8, "max_gap": 2, "learning_rate": 1e-3}
SCENE = "moving-scene", 320, 192, 30.0, 48  # the synthetic clip that models are verified with, and how many of its pictures
QUALITIES = 0, 16, 32, 48, 63  # of the comparison of rates
RATE = "{clip:36s} q {q:2d}  {psnr:.2f} dB  sent {sent:.0f} bytes ({scales:.0f} scales, {hyper:.0f} rest of z, {symbols:.0f} y), predicted {predicted:.0f}"
AFTER_FAILURE = -1, 0, 1, 4, 16  # frames of the picture strip, counted from the first that fails


# --- training -----------------------------------------------------------------------------------------------------------------


def train(codec, head, batch, steps, learning_rate=TRAINING["learning_rate"], report=print):
    """Fits the head to the symbols that the network makes of batch(step) = pictures, q: least bits. -> bits per pixel of the last steps: sent, predicted."""
    optimizer = torch.optim.Adam(head.parameters(), learning_rate)
    sent, predicted = [], []
    for step in range(steps):
        pictures, q = batch(step)
        q, state = torch.from_numpy(q), None
        for n in range(pictures.shape[1]):
            x = picture_of_bytes(torch.from_numpy(pictures[:, n]).float()).contiguous(memory_format=torch.channels_last)
            state = codec.zero_state(x) if state is None else state
            row = q + codec.config.shift(n)
            with torch.no_grad():
                ctx_t, ctx = codec.context(state, row)
                y = codec.analysis(x, state, ctx, row)
                z = torch.round(codec.hyper_analysis(codec.pad_latent(y)))
                params, known = prior_of(codec, z, ctx_t)
                s0, s1, y_hat, _ = codec.quantize(y, params)
                _, state = codec.synthesis(y_hat, codec.activity(s0, s1), ctx, state, row)
                by_z = sum(float(gaussian_bits(s, g).sum()) for s, g in zip((s0, s1), codec.sigmas(z, *s0.shape[-2:])))
            sigmas = head.sigma(0, known, row), head.sigma(1, torch.cat([known, unpacked(s0)], 1), row)
            bits = sum(gaussian_bits(s, sigma).sum() for s, sigma in zip((s0, s1), sigmas))
            pixels = 64 * x.shape[0] * x.shape[2] * x.shape[3]
            for group in optimizer.param_groups:
                group["lr"] = learning_rate * (1 - step / steps)
            optimizer.zero_grad(set_to_none=True)
            (bits / pixels).backward()
            optimizer.step()
            sent.append(by_z / pixels)
            predicted.append(float(bits.detach()) / pixels)
        if (step + 1) % 20 == 0:
            window = 20 * pictures.shape[1]
            report(f"step {step + 1}  bits of y per pixel: scales sent {statistics.mean(sent[-window:]):.4f}, predicted {statistics.mean(predicted[-window:]):.4f}")
    return statistics.mean(sent[-160:]), statistics.mean(predicted[-160:])


# --- pictures -----------------------------------------------------------------------------------------------------------------


class Pictures:
    """Packed pictures of one clip, edge-padded to multiples of 16; `width` x `height` of them count."""

    def __init__(self, name, width, height, rate, packed):
        self.name, self.width, self.height, self.rate, self.packed = name, width, height, rate, packed

    def psnr(self, n, picture):
        return float(psnr_611(torch.from_numpy(self.packed[n])[None].float(), picture, self.width, self.height))


def scene(count):
    """The verifier's clip, forward and backward until there are enough."""
    name, width, height, rate, most = SCENE
    once = list(moving_scene(width, height, min(count, most)))
    return Pictures(name, width, height, rate, ((once + once[-2:0:-1]) * count)[:count])


def first_pictures(video, count, cache):
    cache.mkdir(parents=True, exist_ok=True)
    raw = cache / f"first-{count}-{video.stem}.yuv"
    clip = Clip(video.stem, video.stem, "", path=raw, **decode_raw(video, raw, count))
    frames = clip.frames()
    return Pictures(clip.name, clip.width, clip.height, clip.rate, [padded_frame(clip, frame) for frame in frames])


# --- coding -------------------------------------------------------------------------------------------------------------------


def coder_of(environment, tables):
    return StreamCodec(environment.networks["codec"], tables, environment.networks["head"])


def encode(environment, tables, pictures, q):
    """-> [CodedFrame, …] of one clip."""
    end, state, coded = coder_of(environment, tables), None, []
    with environment.entered():
        for n, packed in enumerate(pictures.packed):
            x = picture_of_bytes(torch.from_numpy(packed)[None].float())
            state = end.codec.zero_state(x) if state is None else state
            coded.append(end.encode(x, state, q, end.codec.config.shift(n)))
            state = coded[-1].state
    return coded


def decode(environment, tables, pictures, coded, q, predicted, regardless=0):
    """Decodes one of the two streams of every frame. After a failure the last good picture stays, unless the decoder goes on `regardless` for so many frames.

    -> PSNR of every frame in dB, first failed frame or None, table numbers that differed there, pictures (bytes as floats)
    """
    end, state, shown, failed, wrong = coder_of(environment, tables), None, None, None, 0
    psnr, seen = [], []
    with environment.entered():
        for n, frame in enumerate(coded):
            if failed is None or n < failed + regardless:
                state = end.codec.zero_state(frame.x_hat) if state is None else state
                data = frame.predicted if predicted else frame.sent
                result = end.decode(data, state, q, end.codec.config.shift(n), predicted)
                state = result.state
                good = result.error is None and all(torch.equal(a, b) for a, b in zip(result.symbols, frame.symbols))
                if not good and failed is None:
                    failed = n
                    differing = [int((a != b).sum()) for a, b in zip(result.numbers, frame.numbers)] if predicted else [0]
                    wrong = next(filter(None, differing), 0)  # the second half's are computed from the first's symbols
                if good or regardless:
                    shown = bytes_of_picture(result.x_hat)
            shown = torch.full_like(frame.x_hat, 128) if shown is None else shown
            psnr.append(pictures.psnr(n, shown))
            seen.append(shown)
    return psnr, failed, wrong, seen


# --- the matrix ---------------------------------------------------------------------------------------------------------------


def end_loss(own, other):
    """PSNR lost over the last tenth of a clip, as `mlvcrtc interop` counts it."""
    window = max(1, len(own) // 10)
    return statistics.mean(a - b for a, b in zip(own[-window:], other[-window:]))


def matrix(environments, tables, clips, q, report=print):
    """Every environment encodes every clip, every environment decodes it twice: with scales sent and predicted. -> pairs"""
    pairs = []
    for encoder in environments:
        coded = [encode(encoder, tables, clip, q) for clip in clips]
        own = {
            predicted: [decode(encoder, tables, clip, frames, q, predicted) for clip, frames in zip(clips, coded)]
            for predicted in (False, True)
        }
        for decoder in environments:
            pair = {"encoder": encoder.name, "decoder": decoder.name, "frames": sum(len(clip.packed) for clip in clips)}
            for predicted, name in ((False, "sent"), (True, "predicted")):
                there = own[predicted]
                if decoder is not encoder:
                    there = [decode(decoder, tables, clip, frames, q, predicted) for clip, frames in zip(clips, coded)]
                pair[name] = {
                    "first_failure": [failed for _, failed, _, _ in there],
                    "frames_lost": sum(len(psnr) - failed for psnr, failed, _, _ in there if failed is not None),
                    "end_loss_db": round(statistics.mean(end_loss(a[0], b[0]) for a, b in zip(own[False], there)), 3) + 0.0,
                    "equal_pictures": sum(torch.equal(a, b) for mine, theirs in zip(own[False], there) for a, b in zip(mine[3], theirs[3])),
                }
                if predicted:
                    pair[name]["wrong_numbers"] = [wrong for _, _, wrong, _ in there]
                if encoder is environments[0]:
                    pair[name]["psnr"] = [[round(value, 2) for value in psnr] for psnr, _, _, _ in there]
            pairs.append(pair)
            report(
                f"{encoder.name:14s} -> {decoder.name:14s} sent: first failures {pair['sent']['first_failure']}, {pair['sent']['end_loss_db']:.3f} dB at the end"
                f"   predicted: first failures {pair['predicted']['first_failure']}, {pair['predicted']['end_loss_db']:.3f} dB"
            )
    return pairs


def rates(environment, tables, pictures, qualities):
    """What sending scales costs: the same symbols coded with both. -> per q: mean bytes of a P-frame by part, and PSNR"""
    found = []
    for q in qualities:
        coded = encode(environment, tables, pictures, q)[1:]
        parts = {part: statistics.mean(frame.sent_bytes[part] for frame in coded) for part in coded[0].sent_bytes}
        sent, predicted = (statistics.mean(len(data) for data in stream) for stream in zip(*((f.sent, f.predicted) for f in coded)))
        psnr = statistics.mean(pictures.psnr(n + 1, bytes_of_picture(frame.x_hat)) for n, frame in enumerate(coded))
        line = {"clip": pictures.name, "q": q, "psnr": psnr, "sent": sent, "predicted": predicted, **parts}
        found.append({key: round(value, 2) if isinstance(value, float) else value for key, value in line.items()})
    return found


def strip(environments, tables, pictures, q, pairs, clip):
    """Frames around the first failure of a full-precision pair -> first failed frame, encoder, decoder, {row: [(frame number, picture, dB), …]}"""
    encoder = environments[0]
    names = [e.name for e in environments if e.family == FULL]
    failing = [p for p in pairs if p["encoder"] == encoder.name and p["decoder"] in names and p["predicted"]["first_failure"][clip] is not None]
    if not failing:
        return None
    pair = max(failing, key=lambda p: p["predicted"]["first_failure"][clip])
    decoder = next(e for e in environments if e.name == pair["decoder"])
    first = pair["predicted"]["first_failure"][clip]
    count = min(len(pictures.packed), first + max(AFTER_FAILURE) + 1)
    some = Pictures(pictures.name, pictures.width, pictures.height, pictures.rate, pictures.packed[:count])
    coded = encode(encoder, tables, some, q)
    rows = {}
    for name, predicted, regardless in (("scales sent", False, 0), ("predicted, frames refused", True, 0), ("predicted, read on regardless", True, count)):
        psnr, _, _, seen = decode(decoder, tables, some, coded, q, predicted, regardless)
        rows[name] = [(n, seen[n], psnr[n]) for n in (first + k for k in AFTER_FAILURE) if 0 <= n < count]
    return first, encoder.name, decoder.name, rows


# --- the doors ----------------------------------------------------------------------------------------------------------------


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8") if line.startswith("model name")), platform.processor())
    return {"processor": model, "cores": os.cpu_count(), "torch": torch.__version__, "python": platform.python_version()}


def commit():
    return subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=HERE, capture_output=True, text=True).stdout.strip()


def save_head(head, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    numpy.savez(path, **{name: value.numpy() for name, value in head.state_dict().items()})


def load_head(config, path):
    head = ScaleHead(config)
    with numpy.load(path) as arrays:
        head.load_state_dict({name: torch.from_numpy(arrays[name]) for name in arrays.files})
    return head.eval()


def train_door(options):
    codec = load_weights(build(CodecConfig.load(config_path("mlvc-xs"))), options.weights).eval().to(memory_format=torch.channels_last)
    segments = Segments(load_clips(options.data, options.cache), 0, TRAINING["crop"], TRAINING["max_gap"], codec.config.qp_num)
    torch.manual_seed(0)
    head = ScaleHead(codec.config).to(memory_format=torch.channels_last)
    train(codec, head, lambda step: segments.batch(step, TRAINING["batch"], TRAINING["frames"]), options.steps, report=lambda line: print(line, flush=True))
    save_head(head, options.head)
    print(f"wrote {options.head}")


def measure_door(options, typed):
    codec = load_weights(build(CodecConfig.load(config_path("mlvc-xs"))), options.weights).eval()
    head, tables = load_head(codec.config, options.head), StreamCodec.tables_of(codec)
    calibration = calibration_pictures(options.calibrate, options.cache) if options.calibrate else None
    environments = environments_of(codec, head, calibration)
    clips = [first_pictures(video, options.frames, options.cache) for video in options.clips] + [scene(options.frames)]
    say = lambda line: print(line, flush=True)
    pairs = matrix(environments, tables, clips, options.q, say)
    cost = [line for clip in clips for line in rates(environments[0], tables, clip, QUALITIES)]
    for line in cost:
        say(RATE.format(**line))
    report = {
        "command": typed,
        "commit": commit(),
        "machine": machine(),
        "clips": [{"name": c.name, "width": c.width, "height": c.height, "frames": len(c.packed)} for c in clips],
        "q": options.q,
        "environments": [{"name": e.name, "family": e.family, "what": e.what} for e in environments],
        "frames_decoded": sum(pair["frames"] for pair in pairs),
        "failed_pairs": {name: sum(any(f is not None for f in pair[name]["first_failure"]) for pair in pairs) for name in ("sent", "predicted")},
        "pairs": pairs,
        "rates": cost,
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.with_suffix(".json").write_text(json.dumps(report) + "\n")
    if options.pictures:
        from mlvc.drawing import draw_matrices, draw_strip  # needs Pillow, and nothing else does

        draw_matrices(report).save(options.output.with_name(options.output.name + "-matrix.png"), optimize=True)
        shown = strip(environments, tables, clips[0], options.q, pairs, 0)
        if shown:
            draw_strip(clips[0], *shown).save(options.output.with_name(options.output.name + "-frames.jpg"), quality=85)
    return report


def rates_door(options):
    codec = load_weights(build(CodecConfig.load(config_path("mlvc-xs"))), options.weights).eval()
    tables = StreamCodec.tables_of(codec)
    environment = environments_of(codec, load_head(codec.config, options.head))[0]
    found = []
    for video in options.clips:
        found += rates(environment, tables, first_pictures(video, options.frames, options.cache), options.q)
        for line in found[-len(options.q) :]:
            print(RATE.format(**line), flush=True)
    if options.output:
        options.output.write_text(json.dumps(found, indent=1) + "\n")
    return found


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    doors = parser.add_subparsers(dest="door", required=True)
    both = argparse.ArgumentParser(add_help=False)
    both.add_argument("--weights", type=Path, required=True, help=".npz of an xs network, or a training checkpoint")
    both.add_argument("--head", type=Path, default=HERE / "runs" / "scale-head.npz", help="the scale head (default: runs/scale-head.npz)")
    both.add_argument("--cache", type=Path, default=HERE / "runs" / "cache", help="decoded frames")
    both.add_argument("--threads", type=int, default=1, help="CPU threads (default: %(default)s)")
    training = doors.add_parser("train", parents=[both], help="fit a scale head")
    training.add_argument("--data", type=Path, nargs="+", required=True, help="folders of TRAINING videos")
    training.add_argument("--steps", type=int, default=300, help="segments of 4 crops x 9 pictures (default: %(default)s)")
    measuring = doors.add_parser("measure", parents=[both], help="the matrix, the rates and the pictures")
    measuring.add_argument("--clips", type=Path, nargs="*", default=[], help="videos; the verifier's synthetic scene is always added")
    measuring.add_argument("--calibrate", type=Path, help="folder of TRAINING videos that int8 is fitted to; without it there is no int8")
    measuring.add_argument("--frames", type=int, default=96, help="frames of each clip (default: %(default)s)")
    measuring.add_argument("--q", type=int, default=32, help="q index 0..63 (default: %(default)s)")
    measuring.add_argument("--output", type=Path, required=True, help="writes OUTPUT.json, OUTPUT-matrix.png and OUTPUT-frames.jpg")
    measuring.add_argument("--no-pictures", dest="pictures", action="store_false", help="only the JSON; needs no Pillow")
    comparing = doors.add_parser("rates", parents=[both], help="what sending scales costs, on more clips")
    comparing.add_argument("--clips", type=Path, nargs="+", required=True, help="videos")
    comparing.add_argument("--frames", type=int, default=16, help="frames of each clip (default: %(default)s)")
    comparing.add_argument("--q", type=int, nargs="+", default=[16, 32, 48], help="q indices (default: 16 32 48)")
    comparing.add_argument("--output", type=Path, help="write the figures as JSON")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    if options.door == "train":
        return train_door(options)
    if options.door == "rates":
        return rates_door(options)
    return measure_door(options, shlex.join(["counterexample.py", *(arguments or sys.argv[1:])]))


if __name__ == "__main__":
    main()
