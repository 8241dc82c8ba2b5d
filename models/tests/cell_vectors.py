"""Writes tests/vectors/cells.json, which C# is held to, too: `python3 tests/cell_vectors.py` in this folder, after a change of the format and never otherwise."""

import json
import sys
from pathlib import Path

import numpy
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))
from mlvc import rans  # noqa: E402
from mlvc.choices import PREDICTION_WEIGHTS, bases_of, counts_of  # noqa: E402
from mlvc.codec import checkerboard  # noqa: E402
from mlvc.contexts import HYPER_CONTEXTS, frame_bytes  # noqa: E402
from mlvc.entropy import table_set  # noqa: E402

PATH = Path(__file__).parents[2] / "tests" / "vectors" / "cells.json"
LEVELS = 5
Y_CHANNELS, Z_CHANNELS, REPEAT, STRIDE, GROUPS = 16, 6, 4, 4, 2


def peaked(number):
    """A table of 7 entries and an escape that spreads with its number."""
    side = 30 + 150 * number
    return 3, [side, 2 * side, 4 * side, 65536 - 15 * side, 4 * side, 2 * side, side, side]


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
    logits = bases_of(counts_of(Y_CHANNELS, LEVELS, GROUPS))[1]
    y_tables = {
        "choice_logits": [n * 7919 % 4001 - 2000 for n in range(logits)],
        "key_prediction": [n * 31 % 257 - 64 for n in range(PREDICTION_WEIGHTS)],
    }
    z_tables = table_set([peaked(row + context + channel) for row in range(GROUPS) for context in range(HYPER_CONTEXTS) for channel in range(Z_CHANNELS)])
    q = int(generator.integers(0, 16))
    data = frame_bytes(rans.Tables(z_tables), y_tables, LEVELS, q, z, s0, s1, expanded(z, rows, columns), STRIDE, intra)
    return {"rows": rows, "columns": columns, "q": q, "intra": intra, "z": z.ravel().tolist(), "y0": s0.ravel().tolist(), "y1": s1.ravel().tolist(), "bytes": data.hex()}


def text():
    generator = numpy.random.default_rng(11)
    vectors = {
        "note": "Frames whose symbols are coded by contexts (docs/bitstream.md §11), written by models/tests/cell_vectors.py. Logit n of y is (7919·n mod 4001) − 2000, "
        "prediction weight n (31·n mod 257) − 64; tables of z, for 16 qualities, hold entries s, 2s, 4s, 65536 - 15s, 4s, 2s, s and an escape of s, s = 30 + 150·(channel + context + ⌊q/8⌋).",
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
