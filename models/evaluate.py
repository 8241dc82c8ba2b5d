#!/usr/bin/env python3
"""Rate and quality of a model on whole clips, in PyTorch: one I-frame, then P-frames; estimated bits, no headers.

    evaluate.py --weights ../../shared/weights/mlvc-xs-seed.npz --clips ../../shared/data/test --q 32 --frames 96
"""

import argparse
import fnmatch
import json
import sys
from pathlib import Path

import torch

from export import config_path
from mlvc.codec import CodecConfig, build, bytes_of_picture, load_weights, picture_of_bytes
from mlvc.data import load_clips, padded_frame
from mlvc.metrics import psnr_611


@torch.no_grad()
def evaluate_clip(codec, clip, q, frames, device="cpu"):
    """-> kbit/s, PSNR 6:1:1 in dB (mean of frames), bits of the I-frame, frames coded"""
    codec.eval()
    raw, state, bits, quality = clip.frames(), None, [], []
    count = min(frames, clip.count)
    for n in range(count):
        values = torch.from_numpy(padded_frame(clip, raw[n]))[None].to(device).float()
        x = picture_of_bytes(values).contiguous(memory_format=torch.channels_last)
        state = codec.zero_state(x) if state is None else state
        result = codec(x, state, torch.tensor([q], device=device), codec.config.shift(n))
        state = result.state
        bits.append(float(result.bits))
        quality.append(float(psnr_611(values, bytes_of_picture(result.x_hat), clip.width, clip.height)))
    return {
        "clip": clip.name,
        "q": q,
        "kbps": sum(bits) / count * clip.rate / 1000,
        "psnr": sum(quality) / count,
        "i_frame_bits": bits[0],
        "frames": count,
    }


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", default="mlvc-xs", help="name in configs/ or a path (default: %(default)s)")
    parser.add_argument("--weights", type=Path, required=True, help=".npz, or a training checkpoint")
    parser.add_argument("--clips", type=Path, nargs="+", required=True, help="folders of videos")
    parser.add_argument("--only", default="*", help="pattern on clip names, for example 'person-*'")
    parser.add_argument("--q", type=int, nargs="+", default=[0, 16, 32, 48, 63], help="q indices 0..63")
    parser.add_argument("--frames", type=int, default=96, help="frames per clip (default: %(default)s)")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads (default: %(default)s)")
    parser.add_argument("--cache", type=Path, default=Path(__file__).parent / "runs" / "cache", help="decoded frames")
    parser.add_argument("--output", type=Path, help="write the figures as JSON")
    options = parser.parse_args(arguments)

    torch.set_num_threads(options.threads)
    codec = load_weights(build(CodecConfig.load(config_path(options.config))), options.weights)
    codec = codec.to(options.device).to(memory_format=torch.channels_last)
    figures = []
    for clip in load_clips(options.clips, options.cache):
        if not fnmatch.fnmatch(clip.name, options.only):
            continue
        for q in options.q:
            figures.append(evaluate_clip(codec, clip, q, options.frames, options.device))
            print("{clip:45s} q {q:2d}  {psnr:6.2f} dB  {kbps:7.1f} kbit/s  {frames} frames".format(**figures[-1]), flush=True)
    if options.output:
        command = "evaluate.py " + " ".join(arguments or sys.argv[1:])
        options.output.write_text(json.dumps({"command": command, "figures": figures}, indent=1) + "\n")
    return figures


if __name__ == "__main__":
    main()
