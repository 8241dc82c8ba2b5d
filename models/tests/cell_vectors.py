"""Writes tests/vectors/cells.json, which C# is held to, too: `python3 tests/cell_vectors.py` in this folder, after a change of the format and never otherwise."""

import json
import sys
from pathlib import Path

import numpy
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))
from mlvc import motion_coding  # noqa: E402
from mlvc.choices import PREDICTION_WEIGHTS, bases_of, counts_of  # noqa: E402
from mlvc.codec import checkerboard  # noqa: E402
from mlvc.contexts import flag_counts, frame_bytes, hyper_counts  # noqa: E402

PATH = Path(__file__).parents[2] / "tests" / "vectors" / "cells.json"
LEVELS = 5
Y_CHANNELS, Z_CHANNELS, REPEAT, STRIDE, GROUPS = 16, 6, 4, 4, 2


def logits_of(total):
    return [n * 7919 % 4001 - 2000 for n in range(total)]


def tables():
    return {
        "choice_logits": logits_of(bases_of(counts_of(Y_CHANNELS, LEVELS, GROUPS))[1]),
        "key_prediction": [n * 31 % 257 - 64 for n in range(PREDICTION_WEIGHTS)],
        "hyper_logits": logits_of(sum(hyper_counts(Z_CHANNELS, GROUPS))),
        "flag_logits": logits_of(sum(flag_counts(GROUPS))),
        "vector_logits": logits_of(sum(motion_coding.counts_of(GROUPS))),
    }


def expanded(z, rows, columns):
    """Scale indices of s0 and s1: |z|, spread, by the checkerboard."""
    index = torch.from_numpy(numpy.abs(z[: Y_CHANNELS // REPEAT]).clip(0, LEVELS - 1)).float()
    index = index.repeat_interleave(REPEAT, 0).repeat_interleave(STRIDE, 1).repeat_interleave(STRIDE, 2)[:, :rows, :columns]
    even, odd = (mask[0] for mask in checkerboard(index[None]))
    a, b = index.chunk(2)
    return [(one * even + other * odd).int().numpy() for one, other in ((a, b), (b, a))]


def case(generator, rows, columns, share, intra):
    half = Y_CHANNELS // 2, rows, columns
    busy = generator.random((rows, columns)) < share
    s0, s1 = (numpy.rint(generator.laplace(0, 1.2, half) * busy * (generator.random(half) < 0.4)).astype(int) for _ in range(2))
    if share:
        s0[1, -1, -1] = 4000  # an escape
    z = numpy.rint(generator.laplace(0, 1.5, (Z_CHANNELS, -(-rows // STRIDE), -(-columns // STRIDE)))).astype(int)
    z[0, 0, 0] = 300  # one here
    q = int(generator.integers(0, 16))
    vectors = None if intra else generator.integers(-3, 4, (2, rows, columns)) * (generator.random((rows, columns)) < 0.5)
    data = frame_bytes(tables(), LEVELS, q, GROUPS, z, s0, s1, expanded(z, rows, columns), STRIDE, intra, vectors)
    frame = {"rows": rows, "columns": columns, "q": q, "intra": intra, "z": z.ravel().tolist(), "y0": s0.ravel().tolist(), "y1": s1.ravel().tolist(), "bytes": data.hex()}
    return frame if vectors is None else {**frame, "vectors": numpy.moveaxis(vectors, 0, 2).reshape(-1, 2).tolist()}


def text():
    generator = numpy.random.default_rng(11)
    vectors = {
        "note": "Frames coded by contexts (docs/bitstream.md §10 to §12), written by models/tests/cell_vectors.py. Logit n of every list is (7919·n mod 4001) − 2000, prediction weight n (31·n mod 257) − 64. "
        "Vectors: rows, columns in quarter samples, block after block; frames predicted from nothing have none.",
        "levels": LEVELS,
        "y_channels": Y_CHANNELS,
        "z_channels": Z_CHANNELS,
        "scale_repeat": REPEAT,
        "hyper_stride": STRIDE,
        "q_groups": GROUPS,
        "frames": [case(generator, *size) for size in ((1, 1, 1, True), (3, 7, 0, False), (4, 6, 0.3, False), (9, 5, 1, True), (8, 12, 0.1, False), (5, 6, 0.5, True))],
    }
    return json.dumps(vectors, separators=(",", ":"), ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(text())
