"""A field of motion vectors as bytes: binary decisions with probabilities that adapt within the frame, in the frame's rANS stream (docs/bitstream.md §10).

A frame starts from even odds, so that it can be read when the one before it is lost. Integers only, the same as src/MlvcRtc.Codec/Motion.
"""

import math

import torch
from torch.nn import functional

from .entropy import FREQUENCY_BITS
from .motion import REACH, around, predicted
from .rans import SLOTS, Decoder, stream

LIMIT = 4 * REACH  # quarter samples
LARGEST_SIZE = 6  # floor(log2(|difference| + 1)) of the largest difference, 2·LIMIT
# Contexts: does anything move; does the vector differ from its prediction, by whether the neighbours' vectors agree and how many of the blocks left and above
# differ; is a size larger still, by axis and size
MOVES, DIFFERS, LARGER, CONTEXTS = 0, 1, 7, 7 + 2 * LARGEST_SIZE
EVEN = -1  # no context: both answers are as likely


class Odds:
    """How often each answer came in each context, as 16-bit frequencies (Krichevsky and Trofimov: half a count each before the first)."""

    def __init__(self):
        self.seen = [[0, 0] for _ in range(CONTEXTS)]

    def slots(self, context):
        """-> slots of 2^16 that mean no; the rest mean yes"""
        if context == EVEN:
            return SLOTS // 2
        no, yes = self.seen[context]
        likely = (2 * yes + 1) * SLOTS // (2 * (no + yes) + 2)
        return SLOTS - min(max(likely, 1), SLOTS - 1)

    def saw(self, context, answer):
        if context != EVEN:
            self.seen[context][answer] += 1


class Writer:
    """Takes decisions in their order; the bytes come when all are known."""

    def __init__(self):
        self.odds, self.steps = Odds(), []

    def ask(self, context, answer):
        no = self.odds.slots(context)
        self.steps.append((*span(no, answer), FREQUENCY_BITS))
        self.odds.saw(context, answer)
        return answer

    def finish(self):
        return stream(self.steps)


class Reader:
    """Answers what a Writer was told; no, once the bytes have proved damaged."""

    def __init__(self, data):
        self.odds, self.decoder = Odds(), Decoder(data)

    def ask(self, context, _):
        no = self.odds.slots(context)
        answer = int(self.decoder.state & (SLOTS - 1) >= no)
        if self.decoder.error:
            return 0
        self.decoder.pull(*span(no, answer), FREQUENCY_BITS)
        self.odds.saw(context, answer)
        return answer

    def finish(self):
        if self.decoder.finish():
            raise ValueError(f"no stream of vectors: {self.decoder.error}")


def span(no, answer):
    """-> start and frequency of an answer where the first `no` slots mean no"""
    return (no, SLOTS - no) if answer else (0, no)


def coded(field, coder):
    """Passes a field [row][column] = (rows, columns) through a Writer, or fills it from a Reader."""
    height, width = len(field), len(field[0])
    if not coder.ask(MOVES, int(any(vector != (0, 0) for line in field for vector in line))):
        return field
    differs = [[0] * width for _ in range(height)]
    for i in range(height):
        for j in range(width):
            beside = around_of(field, i, j)
            centre = median_of(beside)
            context = DIFFERS + (differs[i][j - 1] if j else 0) + (differs[i - 1][j] if i else 0) + (0 if len(set(beside)) == 1 else 3)
            differs[i][j] = coder.ask(context, int(field[i][j] != centre))
            if not differs[i][j]:
                field[i][j] = centre
                continue
            rows = component(coder, 0, 0, field[i][j][0] - centre[0])
            columns = component(coder, 1, int(rows == 0), field[i][j][1] - centre[1])
            field[i][j] = (centre[0] + rows, centre[1] + columns)
            if max(map(abs, field[i][j])) > LIMIT:
                raise ValueError(f"a vector of {field[i][j]} quarter samples points further than {LIMIT}")
    return field


def component(coder, axis, least, difference):
    """One component of a difference; `least` is 1 where it cannot be zero."""
    magnitude = abs(difference) + 1
    size = least
    while size < LARGEST_SIZE and coder.ask(LARGER + axis * LARGEST_SIZE + size, int(magnitude >> (size + 1) > 0)):
        size += 1
    if size == 0:
        return 0
    found = 1
    for bit in reversed(range(size)):
        found = 2 * found + coder.ask(EVEN, magnitude >> bit & 1)
    return 1 - found if coder.ask(EVEN, int(difference < 0)) else found - 1


def around_of(field, i, j):
    """The vectors left, above and above right of a block; outside, zero."""
    left = field[i][j - 1] if j else (0, 0)
    above = field[i - 1][j] if i else (0, 0)
    corner = field[i - 1][j + 1] if i and j + 1 < len(field[0]) else (0, 0)
    return left, above, corner


def median_of(beside):
    """As `motion.predicted`, one block."""
    return tuple(sorted(parts)[1] for parts in zip(*beside))


def bytes_of_vectors(vectors):
    """vectors (2, H/16, W/16) -> a stream of nothing else"""
    writer = Writer()
    rows, columns = vectors.int().tolist()
    coded([list(zip(*line)) for line in zip(rows, columns)], writer)
    return writer.finish()


def vectors_of_bytes(data, rows, columns):
    """The inverse, for a field of rows x columns blocks. ValueError says what is wrong with the bytes."""
    reader = Reader(data)
    field = coded([[(0, 0)] * columns for _ in range(rows)], reader)
    reader.finish()
    return torch.tensor(field).permute(2, 0, 1)


# --- the same cost for a batch, without bytes -----------------------------------------------------------------------------------


def adaptive_bits(flags, asked):
    """What binary flags (B, 1, h, w) cost where they are asked, with odds that adapt -> (B,)"""
    asked = asked.float()
    ones, zeros = (asked * flags).sum((1, 2, 3)), (asked * (1 - flags)).sum((1, 2, 3))
    return (2 * math.lgamma(0.5) + torch.lgamma(ones + zeros + 1) - torch.lgamma(ones + 0.5) - torch.lgamma(zeros + 0.5)) / math.log(2)


@torch.no_grad()
def motion_bits(vectors):
    """Bits of fields (B, 2, H/16, W/16) within the frame's stream -> (B,)"""
    left, above, corner = around(vectors)
    difference = vectors - predicted(vectors)
    differs = difference.abs().amax(1, keepdim=True).clamp_max(1)
    apart = ((left != above) | (above != corner)).amax(1, keepdim=True)
    context = functional.pad(differs, (1, 0))[..., :-1] + functional.pad(differs, (0, 0, 1, 0))[..., :-1, :] + 3 * apart
    bits = sum(adaptive_bits(differs, context == k) for k in range(6))
    sizes = torch.log2(difference.abs() + 1).floor()  # (B, 2, h, w)
    least = torch.stack([torch.zeros_like(sizes[:, 0]), (sizes[:, 0] == 0).float()], 1)
    for axis in (0, 1):
        size, first = sizes[:, axis : axis + 1], least[:, axis : axis + 1]
        for level in range(LARGEST_SIZE):
            bits = bits + adaptive_bits((size > level).float(), (differs > 0) & (size >= level) & (first <= level))
        bits = bits + (differs * (size + (size > 0))).sum((1, 2, 3))
    return 1 + bits * (vectors.abs().amax((1, 2, 3)) > 0)
