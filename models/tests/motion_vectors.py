"""Writes tests/vectors/motion.json, which C# is held to, too: `python3 tests/motion_vectors.py` in this folder, after a change of the format and never otherwise."""

import base64
import json
import sys
from pathlib import Path

import numpy
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))
from mlvc import rans  # noqa: E402
from mlvc.logits import steps_of  # noqa: E402
from mlvc.motion import BLOCK, compensate  # noqa: E402
from mlvc.motion_coding import LIMIT, choices_of, counts_of  # noqa: E402
from mlvc.pictures import pack420, unpack420  # noqa: E402

PATH = Path(__file__).parents[2] / "tests" / "vectors" / "motion.json"


GROUPS = 9


def bytes_of_vectors(vectors, q):
    """vectors (2, H, W) -> a stream of nothing else"""
    return rans.stream(steps_of([n * 7919 % 4001 - 2000 for n in range(sum(counts_of(GROUPS)))], choices_of(vectors, q, GROUPS)))


def planes(generator, width, height):
    """A picture with smooth parts, edges and noise up to both ends of the range."""
    rows, columns = numpy.mgrid[0:height, 0:width]
    y = 128 + 90 * numpy.sin(columns / 5.0) * numpy.cos(rows / 7.0) + 200 * ((rows // 9 + columns // 11) % 2) - 100
    y = y + 40 * generator.standard_normal(y.shape)
    chroma = [128 + 140 * generator.standard_normal((height // 2, width // 2)) for _ in "uv"]
    return [numpy.clip(numpy.rint(plane), 0, 255).astype(numpy.uint8) for plane in (y, *chroma)]


def field(generator, rows, columns, kind):
    """-> vectors (2, rows, columns) as a search might find them, or as none would"""
    if kind == "still":
        return numpy.zeros((2, rows, columns), int)
    if kind == "anything":
        return generator.integers(-LIMIT, LIMIT + 1, (2, rows, columns))
    vectors = numpy.zeros((2, rows, columns), int)
    vectors[:, rows // 4 : 3 * rows // 4, columns // 4 : 3 * columns // 4] = [[[-6]], [[13]]]
    return numpy.clip(vectors + (generator.random(vectors.shape) < 0.08) * generator.integers(-3, 4, vectors.shape), -LIMIT, LIMIT)


def base64_of(parts):
    return base64.b64encode(b"".join(part.tobytes() for part in parts)).decode("ascii")


def compensation(generator, width, height, kind):
    picture, vectors = planes(generator, width, height), field(generator, height // BLOCK, width // BLOCK, kind)
    moved = compensate(torch.from_numpy(pack420(*picture))[None].float(), torch.from_numpy(vectors)[None].float())
    return {
        "width": width,
        "height": height,
        "vectors": numpy.moveaxis(vectors, 0, 2).reshape(-1, 2).tolist(),
        "picture": base64_of(picture),
        "moved": base64_of(part[0, 0].numpy().astype(numpy.uint8) for part in unpack420(moved)),
    }


def coding(generator, rows, columns, kind):
    vectors, q = field(generator, rows, columns, kind), int(generator.integers(8 * GROUPS))
    return {"rows": rows, "columns": columns, "q": q, "vectors": numpy.moveaxis(vectors, 0, 2).reshape(-1, 2).tolist(), "bytes": bytes_of_vectors(vectors, q).hex()}


def too_far():
    """One block, moved by one quarter sample too much."""
    return bytes_of_vectors(numpy.array([[[-LIMIT - 1]], [[0]]]), 0)


def vectors():
    generator = numpy.random.default_rng(7)
    whole = coding(generator, 6, 9, "block")
    data = bytes.fromhex(whole["bytes"])
    refused = {"Truncated": [data[:3], data[:-1]], "InvalidStart": [bytes(4)], "InvalidEnd": [data + b"\0"], "InvalidMotion": [too_far()]}
    return {
        "note": "Motion compensation and the coding of its vectors (docs/bitstream.md §10), written by models/tests/motion_vectors.py. Vectors: rows, columns in quarter "
        "samples, block after block; pictures: Y, U, V bytes, base64; bytes: a stream that holds the vectors of a frame of quality index q and nothing else; logit n is (7919·n mod 4001) − 2000, for 9 groups of qualities.",
        "compensation": [compensation(generator, *case) for case in ((32, 16, "still"), (48, 32, "anything"), (64, 64, "anything"), (80, 48, "block"))],
        "coding": [whole, *(coding(generator, *case) for case in ((1, 1, "anything"), (1, 7, "block"), (5, 3, "still"), (4, 5, "anything"), (23, 40, "block")))],
        "refused": [
            {"rows": 1 if status == "InvalidMotion" else 6, "columns": 1 if status == "InvalidMotion" else 9, "q": 0 if status == "InvalidMotion" else whole["q"], "bytes": part.hex(), "status": status}
            for status, parts in refused.items()
            for part in parts
        ],
    }


def text():
    return json.dumps(vectors(), separators=(",", ":"), ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(text())
