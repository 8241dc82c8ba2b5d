#!/usr/bin/env python3
"""Central claims of neighbouring approaches, tried on this network (models/experiments.md says what came of it).

    neighbours.py range --weights ../../shared/weights/mlvc-xs-seed.npz --clips runs/franck.mp4
    neighbours.py chain --weights ../../shared/weights/mlvc-xs-seed.npz --clips runs/franck.mp4
    neighbours.py codebook --weights ../../shared/weights/mlvc-xs-seed.npz --data ../../shared/data/train --clips runs/franck.mp4

`range` (DCVC-FM: one model over 11 dB): the learned quality tables, and the same drawn out beyond their lowest row without training.
`chain` (DCVC-FM: a single I-frame and a periodic refresh of the temporal feature): a clip played forward and backward, with and without a refresh.
`codebook` (Tian et al.: no entropy model, indices of codebooks of fixed length): the residuals that are otherwise rounded and rANS-coded are
vector-quantised in stages, with codebooks fitted to training clips.
"""

import argparse
import copy
import json
import statistics
from pathlib import Path

import torch

from counterexample import HERE, first_pictures
from export import config_path
from mlvc import rans
from mlvc.codec import CodecConfig, build, checkerboard
from mlvc.data import Segments, load_clips
from mlvc.metrics import psnr_611
from mlvc.pictures import bytes_of_picture, picture_of_bytes
from mlvc.streams import StreamCodec, prior_of
from mlvc.weights import load_weights

WINDOW = 100  # frames of a chain that are averaged
ITERATIONS = 12  # of Lloyd's algorithm
SAMPLE = 40_000  # vectors that a codebook is fitted to


# --- quality range ------------------------------------------------------------------------------------------------------------


@torch.no_grad()
def drawn_out(codec, rows):
    """A copy whose q index 0 is `rows` below the lowest that was trained: its tables go on as they fall from row `rows` to row 0."""
    codec = copy.deepcopy(codec)
    for table in (parameter for name, parameter in codec.named_parameters() if name.startswith("q_")):
        ratio = (table[0] / table[rows]).clamp(0.1, 10)  # signs that change, and channels that hardly matter, stay within reason
        below = [table[0] * ratio ** ((rows - k) / rows) for k in range(rows)]
        table.copy_(torch.cat([torch.stack(below), table[:-rows].clone()]))
    for table in codec.z_prior.parameters():
        table.copy_(torch.cat([table[:1].expand(rows, -1, -1, -1), table[:-rows].clone()]))
    return codec


# --- long chains --------------------------------------------------------------------------------------------------------------


@torch.no_grad()
def chain(codec, pictures, q, frames, refreshes, keys=()):
    """One I-frame, then P-frames only, forward and backward through the clip. refreshes: every so many frames (0: never) the state keeps
    nothing but the previous picture. keys: the same with an I-frame every so many. -> per variant: PSNR in dB and bits per frame, by windows"""
    variants = [(refresh, 0) for refresh in refreshes] + [(0, key) for key in keys]
    order = list(range(len(pictures.packed))) + list(range(len(pictures.packed) - 2, 0, -1))
    known = codec.config.state_channels - 2 * codec.config.feature_channels
    state, bits, quality = None, [], []
    for n in range(frames):
        values = torch.from_numpy(pictures.packed[order[n % len(order)]]).float().expand(len(variants), -1, -1, -1)
        x = picture_of_bytes(values).contiguous(memory_format=torch.channels_last)
        state = codec.zero_state(x) if state is None else state
        for row, (refresh, key) in enumerate(variants):
            if n and refresh and n % refresh == 0:
                state[row, :-known] = 0
            if n and key and n % key == 0:
                state[row] = 0
        shift = torch.tensor([codec.config.shift(n % key if key else n) for _, key in variants])
        result = codec(x, state, torch.full((len(variants),), q), shift)
        state = result.state
        bits.append(result.bits.double())
        quality.append(psnr_611(values, bytes_of_picture(result.x_hat), pictures.width, pictures.height))
    windows = [slice(at, at + WINDOW) for at in range(0, frames, WINDOW)]
    bits, quality = torch.stack(bits), torch.stack(quality)
    return [
        {
            "clip": pictures.name,
            "q": q,
            "refresh": refresh,
            "key": key,
            "psnr": [round(float(quality[w, row].mean()), 2) for w in windows],
            "bits": [round(float(bits[w, row].mean())) for w in windows],
        }
        for row, (refresh, key) in enumerate(variants)
    ]


# --- codebooks ----------------------------------------------------------------------------------------------------------------


def nearest(vectors, book):
    """-> row of `book` (K, C) closest to each of `vectors` (N, C)"""
    return (book.square().sum(1) - 2 * vectors @ book.t()).argmin(1)


def fit_book(vectors, size, generator):
    """k-means: Lloyd's algorithm from random vectors; entries that nobody is nearest to stay where they are. Entry 0 is the zero vector."""
    book = vectors[torch.randperm(len(vectors), generator=generator)[:size]].clone()
    for _ in range(ITERATIONS):
        index = nearest(vectors, book)
        counts = torch.bincount(index, minlength=size).clamp_min(1)[:, None]
        sums = torch.zeros_like(book).index_add_(0, index, vectors)
        book = torch.where(torch.bincount(index, minlength=size)[:, None] > 0, sums / counts, book)
        book[0] = 0
    return book


def fit_books(vectors, size, stages):
    """One codebook per stage, each for what the stages before it leave."""
    generator, books, rest = torch.Generator().manual_seed(0), [], vectors
    for _ in range(stages):
        books.append(fit_book(rest[:SAMPLE], size, generator))
        rest = rest - books[-1][nearest(rest, books[-1])]
    return books


def through_books(residual, books):
    """residual (1, C, H, W) -> its approximation by one entry of every codebook, at each position"""
    vectors = residual.permute(0, 2, 3, 1).reshape(-1, residual.shape[1])
    rest = vectors
    for book in books:
        rest = rest - book[nearest(rest, book)]
    return (vectors - rest).view(residual.shape[0], *residual.shape[2:], -1).permute(0, 3, 1, 2)


def code_with(codec, x, state, row, halves):
    """One frame whose residuals become halves[0](residual), halves[1](residual) instead of integers -> z, x_hat, next state"""
    ctx_t, ctx = codec.context(state, row)
    y = codec.analysis(x, state, ctx, row)
    z = torch.round(codec.hyper_analysis(codec.pad_latent(y)))
    params, _ = prior_of(codec, z, ctx_t)
    even, odd = checkerboard(params)

    def first(mean, step):
        a, b = (y / step).chunk(2, 1)
        return halves[0](a * even + b * odd - mean)

    def second(mean, step):
        a, b = (y / step).chunk(2, 1)
        return halves[1](a * odd + b * even - mean)

    s0, s1, y_hat = codec.unpack_symbols(first, second, params)
    return z, *codec.synthesis(y_hat, codec.activity(s0, s1), ctx, state, row)


@torch.no_grad()
def residuals_of(codec, batch, count, q):
    """Residuals of the P-frames of batch(0), batch(1), … -> two tensors (N, Y/2)"""
    found = [], []
    for number in range(count):
        pictures, _ = batch(number)
        state = None
        for n in range(pictures.shape[1]):
            x = picture_of_bytes(torch.from_numpy(pictures[:, n]).float()).contiguous(memory_format=torch.channels_last)
            state = codec.zero_state(x) if state is None else state
            seen = []

            def watch(residual):
                seen.append(residual)
                return torch.round(residual)

            _, _, state = code_with(codec, x, state, torch.full((len(x),), q + codec.config.shift(n)), (watch, watch))
            for half, residual in zip(found, seen if n else []):
                half.append(residual.permute(0, 2, 3, 1).reshape(-1, residual.shape[1]))
    mix = torch.Generator().manual_seed(0)
    whole = [torch.cat(half) for half in found]
    return [half[torch.randperm(len(half), generator=mix)] for half in whole]


@torch.no_grad()
def coded_with_books(codec, tables, pictures, q, books, stages):
    """I-frame in rANS, P-frames with `stages` indices per half and position; z in rANS with its static tables, its scales for free.

    -> PSNR in dB and bytes of a P-frame, means
    """
    end, state, psnr, size = StreamCodec(codec, tables), None, [], []
    bits_of_index = (len(books[0][0]) - 1).bit_length()
    for n, packed in enumerate(pictures.packed):
        x = picture_of_bytes(torch.from_numpy(packed)[None].float())
        state = codec.zero_state(x) if state is None else state
        shift = codec.config.shift(n)
        if n == 0:
            state = end.encode(x, state, q, shift).state
            continue
        halves = [lambda residual, book=book: through_books(residual, book[:stages]) for book in books]
        z, x_hat, state = code_with(codec, x, state, torch.tensor([q + shift]), halves)
        scales = codec.config.y_channels // codec.config.y_scale_repeat * z[0, 0].numel()
        hyper = len(rans.encode([(tables[1], z.flatten()[scales:], end.z_numbers(z.shape, q)[scales:])]))
        positions = x.shape[2] * x.shape[3] // 4
        size.append(hyper + positions * 2 * stages * bits_of_index / 8)
        psnr.append(pictures.psnr(n, bytes_of_picture(x_hat)))
    return statistics.mean(psnr), statistics.mean(size)


@torch.no_grad()
def coded_with_rans(codec, tables, pictures, q):
    """-> PSNR in dB and bytes of a P-frame, means"""
    end, state, psnr, size = StreamCodec(codec, tables), None, [], []
    for n, packed in enumerate(pictures.packed):
        x = picture_of_bytes(torch.from_numpy(packed)[None].float())
        state = codec.zero_state(x) if state is None else state
        frame = end.encode(x, state, q, codec.config.shift(n))
        state = frame.state
        if n:
            psnr.append(pictures.psnr(n, bytes_of_picture(frame.x_hat)))
            size.append(len(frame.sent))
    return statistics.mean(psnr), statistics.mean(size)


# --- the doors ----------------------------------------------------------------------------------------------------------------


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    doors = parser.add_subparsers(dest="door", required=True)
    both = argparse.ArgumentParser(add_help=False)
    both.add_argument("--config", default="mlvc-xs", help="name in configs/ or a path (default: %(default)s)")
    both.add_argument("--weights", type=Path, required=True, help=".npz of an xs network, or a training checkpoint")
    both.add_argument("--clips", type=Path, nargs="+", required=True, help="videos")
    both.add_argument("--cache", type=Path, default=HERE / "runs" / "cache", help="decoded frames")
    both.add_argument("--threads", type=int, default=1, help="CPU threads (default: %(default)s)")
    both.add_argument("--q", type=int, default=32, help="q index 0..63 (default: %(default)s)")
    both.add_argument("--output", type=Path, help="write the figures as JSON")
    ranges = doors.add_parser("range", parents=[both], help="PSNR from the lowest to the highest quality")
    ranges.add_argument("--frames", type=int, default=24, help="(default: %(default)s)")
    ranges.add_argument("--below", type=int, default=24, help="rows that the tables are drawn out (default: %(default)s)")
    chains = doors.add_parser("chain", parents=[both], help="long chains, with and without a refresh")
    chains.add_argument("--frames", type=int, default=600, help="(default: %(default)s)")
    chains.add_argument("--refresh", type=int, nargs="+", default=[0, 32, 8], help="intervals; 0 = never (default: 0 32 8)")
    chains.add_argument("--key", type=int, nargs="*", default=[100], help="intervals of I-frames (default: 100)")
    books = doors.add_parser("codebook", parents=[both], help="vector quantisation against rANS")
    books.add_argument("--data", type=Path, nargs="+", required=True, help="folders of TRAINING videos")
    books.add_argument("--frames", type=int, default=24, help="(default: %(default)s)")
    books.add_argument("--size", type=int, default=1024, help="entries of a codebook, a power of two (default: %(default)s)")
    books.add_argument("--stages", type=int, default=6, help="most codebooks per half (default: %(default)s)")
    books.add_argument("--segments", type=int, default=40, help="training segments of 4 crops x 8 pictures (default: %(default)s)")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    codec = load_weights(build(CodecConfig.load(config_path(options.config))), options.weights).eval()
    figures = []
    if options.door == "range":
        lower = drawn_out(codec, options.below)
        for video in options.clips:
            pictures = first_pictures(video, options.frames, options.cache)
            for q, network in [*((k - options.below, lower) for k in range(0, options.below, 8)), *((k, codec) for k in (0, 16, 32, 48, 63))]:
                row = q + options.below if network is lower else q
                psnr, size = coded_with_rans(network, StreamCodec.tables_of(network), pictures, row)
                figures.append({"clip": pictures.name, "q": q, "psnr": round(psnr, 2), "bytes": round(size)})
                print("{clip:36s} q {q:3d}  {psnr:.2f} dB, {bytes} bytes".format(**figures[-1]), flush=True)
    elif options.door == "chain":
        codec = codec.to(memory_format=torch.channels_last)
        for video in options.clips:
            pictures = first_pictures(video, WINDOW, options.cache)
            for line in chain(codec, pictures, options.q, options.frames, options.refresh, options.key):
                figures.append(line)
                print("{clip:36s} q {q}  refresh {refresh:3d}  key {key:3d}  dB {psnr}  bits {bits}".format(**line), flush=True)
    else:
        tables = StreamCodec.tables_of(codec)
        segments = Segments(load_clips(options.data, options.cache), 1, 192, 2, codec.config.qp_num)
        residuals = residuals_of(codec, lambda number: segments.batch(number, 4, 7), options.segments, options.q)
        halves = [fit_books(half, options.size, options.stages) for half in residuals]
        for video in options.clips:
            pictures = first_pictures(video, options.frames, options.cache)
            for q in range(max(0, options.q - 32), min(64, options.q + 17), 8):
                psnr, size = coded_with_rans(codec, tables, pictures, q)
                figures.append({"clip": pictures.name, "coder": "rans", "q": q, "psnr": round(psnr, 2), "bytes": round(size)})
                print("{clip}  rANS, q {q}: {psnr:.2f} dB, {bytes} bytes".format(**figures[-1]), flush=True)
            for stages in range(1, options.stages + 1):
                psnr, size = coded_with_books(codec, tables, pictures, options.q, halves, stages)
                figures.append({"clip": pictures.name, "coder": "codebooks", "stages": stages, "psnr": round(psnr, 2), "bytes": round(size)})
                print("{clip}  {stages} codebooks: {psnr:.2f} dB, {bytes} bytes".format(**figures[-1]), flush=True)
    if options.output:
        options.output.write_text(json.dumps(figures, indent=1) + "\n")
    return figures


if __name__ == "__main__":
    main()
