#!/usr/bin/env python3
"""Writes a model bundle: `export.py --weights FILE --version 0.200 --output bundles/NAME.tar`.

Exits non-zero when a graph fails the ONNX checker or when `--verify COMMAND` (the product's own runtime replaying the
known answer, for example `dotnet run --project src/MlvcRtc.App -c Release -- models verify`) does.
"""

import argparse
import copy
import shlex
import subprocess
import sys
from pathlib import Path

import torch

from mlvc import contexts
from mlvc.bundle import pack_bundle, write_tar
from mlvc.codec import CodecConfig, build
from mlvc.data import Segments, load_clips
from mlvc.entropy import gaussian_tables, prior_tables
from mlvc.pictures import pack420
from mlvc.weights import load_weights

HERE = Path(__file__).parent
CALIBRATION_CLIPS, CALIBRATION_FRAMES = 14, 6  # of --calibrate: clips spread over the folder, every second picture
CALIBRATION_WINDOW = 320, 192  # pixels of each picture, at most
CONTEXT_BATCHES, CONTEXT_LANES, CONTEXT_FRAMES, CONTEXT_CROP = 60, 8, 9, 288  # segments that logits are fitted to: one frame in nine is a key frame there, so that those are known well
SIZES = "320x192,384x288,432x240,640x368,640x480,960x544"  # coded sizes of a call, multiples of 16


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", default="mlvc-xs", help="name in configs/ or a path (default: %(default)s)")
    weights = parser.add_mutually_exclusive_group(required=True)
    weights.add_argument("--weights", type=Path, help="an .npz, a training checkpoint (its averaged weights are taken) or a bundle (.tar)")
    weights.add_argument("--random", action="store_true", help="random weights, for tests of the layout")
    parser.add_argument("--version", default="0.200", help="stream contract major.minor, never reused (default: %(default)s)")
    parser.add_argument("--sizes", default=SIZES, help="comma-separated WxH (default: %(default)s)")
    parser.add_argument("--precision", choices=["fp16", "fp32"], help="default: fp32 for xs, fp16 for mlvc")
    parser.add_argument("--int8", action="store_true", help="add a variant that runs in integers; needs --calibrate")
    parser.add_argument("--calibrate", type=Path, nargs="+", help="folders of TRAINING videos: the steps of integers are fitted to the first, the tables of y and z to all")
    parser.add_argument("--cache", type=Path, default=HERE / "runs" / "cache", help="decoded frames")
    parser.add_argument("--output", type=Path, required=True, help="the .tar to write")
    parser.add_argument("--verify", metavar="COMMAND", help="run as COMMAND FILE afterwards; its failure is ours")
    options = parser.parse_args(arguments)

    config = CodecConfig.load(config_path(options.config))
    torch.manual_seed(0)
    codec = build(config)
    if options.random:
        wake(codec)
    else:
        load_weights(codec, options.weights)
    precision = options.precision or ("fp32" if config.family == "mlvc-xs" else "fp16")
    if precision == "fp16" and config.family == "mlvc-xs":
        parser.error("the xs interface is fp32")
    if options.int8 and (config.family != "mlvc-xs" or options.calibrate is None):
        parser.error("--int8 is for xs networks and needs --calibrate")
    if config.contexts and options.calibrate is None and not options.random:
        parser.error(f"{config.name} codes symbols by contexts: its tables are fitted to training videos; name their folders with --calibrate")
    clips = calibration_pictures(options.calibrate[0], options.cache) if options.int8 else None
    tables = fitted_tables(codec, load_clips(options.calibrate, options.cache)) if config.contexts and options.calibrate else None
    major, minor = map(int, options.version.split("."))
    sizes = [tuple(map(int, size.split("x"))) for size in options.sizes.split(",")]
    files = pack_bundle(codec, config.name, (major, minor), sizes, half_precision=precision == "fp16", clips=clips, tables=tables)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    digest = write_tar(files, options.output)
    print(f"{options.output}  {options.output.stat().st_size:,} bytes  sha256 {digest}")
    if options.verify:
        return subprocess.run([*shlex.split(options.verify), str(options.output)]).returncode
    return 0


def calibration_pictures(folder, cache):
    """-> packed pictures of some clips of a folder: windows from their middle."""
    clips = load_clips([folder], cache)
    chosen = clips[:: max(1, len(clips) // CALIBRATION_CLIPS)][:CALIBRATION_CLIPS]
    return [[middle_of(clip, n) for n in range(0, min(2 * CALIBRATION_FRAMES, clip.count), 2)] for clip in chosen]


def fitted_tables(codec, clips):
    """The tables of a model with contexts (contexts.py), fitted to training segments of every quality."""
    segments = Segments(clips, 3, CONTEXT_CROP, 1, codec.config.qp_num)
    codec = copy.deepcopy(codec).eval().to(memory_format=torch.channels_last)

    def report(line):
        print(f"\rtables: {line}", end="", file=sys.stderr, flush=True)

    fit = contexts.counted(codec, lambda n: segments.batch(n, CONTEXT_LANES, CONTEXT_FRAMES - 1), CONTEXT_BATCHES, report)
    fit.learn(report=report)
    print(file=sys.stderr)
    return {**gaussian_tables(), **fit.tables()}, prior_tables(codec.z_prior)


def middle_of(clip, n):
    columns, rows = (min(most, side // 16 * 16) for most, side in zip(CALIBRATION_WINDOW, (clip.width, clip.height)))
    top, left = ((whole - part) // 4 * 2 for whole, part in ((clip.height, rows), (clip.width, columns)))
    return pack420(*clip.planes(clip.frames()[n], top, left, rows, columns))


def config_path(name):
    return Path(name) if name.endswith(".json") else HERE / "configs" / f"{name}.json"


@torch.no_grad()
def wake(codec):
    """Gives a random network gains that are not zero, so that every node of its graphs matters."""
    for name, parameter in codec.named_parameters():
        if name.endswith(".gain"):
            parameter.fill_(0.1)
        elif name == "direct.conv.weight":
            parameter.normal_(0, 0.01)
        elif name.startswith("z_prior.h"):
            parameter.fill_(0.5)


if __name__ == "__main__":
    sys.exit(main())
