#!/usr/bin/env python3
"""Rate and quality of a model on whole clips, in PyTorch: one I-frame, then P-frames; estimated bits, no headers, no contexts: of a network with
contexts it shows more than is sent for symbols (real bytes: mlvcrtc evaluate).

    evaluate.py --weights ../../shared/weights/mlvc-xs-seed.npz --clips ../../shared/data/test --q 32 --frames 96
"""

import argparse
import fnmatch
import json
from pathlib import Path

import torch

from export import config_path
from mlvc import cascade
from mlvc.codec import CodecConfig, build
from mlvc.data import load_clips, padded_frame
from mlvc.metrics import psnr_611
from mlvc.pictures import bytes_of_picture, picture_of_bytes
from mlvc.weights import load_weights


@torch.no_grad()
def evaluate_clip(codec, clip, qualities, frames, device="cpu", cascaded=False):
    """Codes one clip at every q of `qualities`, as one batch: a batch of one misses torch 1.13's fast convolutions.

    -> per q: kbit/s, PSNR 6:1:1 in dB (mean of frames), bits of the I-frame, frames coded
    """
    codec.eval()
    raw, state = clip.frames(), None
    count, q = min(frames, clip.count), torch.tensor(qualities, device=device)
    bits, quality = [], []  # per frame (Q,)
    for n in range(count):
        values = torch.from_numpy(padded_frame(clip, raw[n])).to(device).float().expand(len(q), -1, -1, -1)
        x = picture_of_bytes(values).contiguous(memory_format=torch.channels_last)  # (Q, 96, H/8, W/8)
        state = codec.zero_state(x) if state is None else state
        own = cascade.quality_of(q, torch.full_like(q, n), codec.config.qp_num) if cascaded else q
        result = codec(x, state, own, codec.config.shift(n))
        state = result.state
        bits.append(result.bits.double().cpu())
        quality.append(psnr_611(values, bytes_of_picture(result.x_hat), clip.width, clip.height).cpu())
    rates, means = torch.stack(bits).mean(0) * clip.rate / 1000, torch.stack(quality).mean(0)
    return [
        {
            "clip": clip.name,
            "q": qualities[k],
            "kbps": round(float(rates[k]), 2),
            "psnr": round(float(means[k]), 3),
            "i_frame_bits": round(float(bits[0][k]), 1),
            "frames": count,
        }
        for k in range(len(qualities))
    ]


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", default="mlvc-xs", help="name in configs/ or a path (default: %(default)s)")
    parser.add_argument("--weights", type=Path, required=True, help=".npz, or a training checkpoint")
    parser.add_argument("--clips", type=Path, nargs="+", required=True, help="folders of videos")
    parser.add_argument("--only", default="*", help="pattern on clip names, for example 'person-*'")
    parser.add_argument("--q", type=int, nargs="+", default=[0, 16, 32, 48, 63], help="q indices 0..63")
    parser.add_argument("--cascade", action="store_true", help="the quality of each frame by its place, as `mlvcrtc evaluate` codes (default: q for all)")
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
        for line in evaluate_clip(codec, clip, options.q, options.frames, options.device, options.cascade):
            figures.append(line)
            print("{clip:45s} q {q:2d}  {psnr:6.2f} dB  {kbps:7.1f} kbit/s  {frames} frames".format(**line), flush=True)
    if options.output:
        settings = {"config": options.config, "cascade": options.cascade, "weights": str(options.weights), "clips": [str(c) for c in options.clips]}
        options.output.write_text(json.dumps({**settings, "figures": figures}, indent=1) + "\n")
    return figures


if __name__ == "__main__":
    main()
