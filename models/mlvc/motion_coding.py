"""A field of motion vectors as choices with trained logits (docs/bitstream.md §10; C#: Motion/MotionCoder).

Does a vector differ from the median of its neighbours; if so, is it that of one neighbour, or none; if not, by how much. All of this looks at the same frame only,
so that it can be read when the one before it is lost. Integers only.
"""

import math

import numpy
import torch
from torch.nn import functional

from . import logits
from .logits import Q_STEP, bins, shifted
from .motion import REACH, around, predicted

LIMIT = 4 * REACH  # quarter samples
LARGEST_SIZE = 8  # floor(log2(|difference| + 1)) of the largest difference, 2·LIMIT
SPREAD_STARTS = 1, 3, 5, 9, 17, 33  # of how far the three vectors lie apart
APART_STARTS = 1, 3, 6, 12, 24  # the same of one part
SHARES = 64, 24, 12, 6, 3  # one of so many vectors so far differs: steps of how restless the frame is
SPREADS, APARTS, RESTLESS = (len(starts) + 1 for starts in (SPREAD_STARTS, APART_STARTS, SHARES))
ALIKE = 5  # which of left, above, above right are the same: none, left and above, above and above right, left and above right, all
CANDIDATES = 5  # left, above, above right, above left, none
PREFIXES = 32  # of the bits below a difference's first that have contexts
TABLES = 6
KINDS = 64  # choices of a block at most: room in the order of reading


def counts_of(q_groups):
    """-> contexts of each table: does anything move; six for whether a vector differs; four for each candidate; four for a size; one for its bits; three for its sign"""
    axes = 2 * LARGEST_SIZE
    differs = 16 * ALIKE, 3 * SPREADS * q_groups, RESTLESS * 5, 5 * 2 * ALIKE, 3 * 3, q_groups * ALIKE
    candidate = CANDIDATES * 5 * ALIKE, CANDIDATES * q_groups, CANDIDATES * SPREADS, CANDIDATES * 5 * 4
    size = axes * 4 * q_groups, axes * APARTS, axes * 6 * 6, axes * 5
    return (q_groups, *differs, *candidate, *size, 2 * (LARGEST_SIZE + 1) * PREFIXES, 2 * 81, 2 * 9, 2 * 3)


def choices_of(vectors, q, q_groups):
    """vectors (2, H, W) integers -> places of logits (n, TABLES) and answers (n,) in the order of reading"""
    bases = logits.bases_of(counts_of(q_groups))[0]
    found, group = logits.Choices(TABLES), q // Q_STEP
    found.add(numpy.array([-1]), [bases[0] + group], [vectors.any()])
    if not vectors.any():
        return found.ordered()
    rows, columns = vectors.shape[1:]
    order = KINDS * numpy.arange(rows * columns).reshape(rows, columns)
    left, above, right, before = neighbours = [shifted(vectors, *by) for by in ((0, 1), (1, 0), (1, -1), (1, 1))]
    expected = numpy.median([left, above, right], 0).astype(int)
    difference = vectors - expected
    apart = difference.any(0).astype(int)

    def same(a, b):
        return (a == b).all(0)

    alike = numpy.select([same(left, above) & same(above, right), same(left, above), same(above, right), same(left, right)], [4, 1, 2, 3], 0)
    beside = [shifted(apart, *by) for by in ((0, 1), (1, 0), (1, -1), (1, 1))]
    around, both = sum(beside), beside[0] + beside[1]
    spread = bins(SPREAD_STARTS, abs(left - above).sum(0) + abs(above - right).sum(0) + abs(left - right).sum(0))
    moving = sum(vector.any(0).astype(int) for vector in neighbours)
    moves = expected.any(0).astype(int)
    seen, so_far = (numpy.cumsum(apart) - apart.ravel()).reshape(rows, columns), order // KINDS
    restless = sum((share * (10 * seen + 3) >= 10 * so_far + 120).astype(int) for share in SHARES)

    def ask(here, kind, contexts, first, answer):
        places = [base + context[here] for base, context in zip(bases[first:], contexts)]
        found.add(order[here] + kind, places, answer[here])

    everywhere = numpy.ones((rows, columns), bool)
    differs = (
        (beside[0] + 2 * beside[1] + 4 * beside[2] + 8 * beside[3]) * ALIKE + alike,
        (both * SPREADS + spread) * q_groups + group,
        restless * 5 + around,
        (moving * 2 + moves) * ALIKE + alike,
        (shifted(apart, 0, 2) + shifted(apart, 2, 0)) * 3 + both,
        group * ALIKE + alike,
    )
    ask(everywhere, 0, differs, 1, apart)
    rest, tried = apart > 0, [expected]
    for number, candidate in enumerate((*neighbours, 0 * vectors)):
        here = rest & ~numpy.any([same(candidate, other) for other in tried], 0)
        contexts = (
            (number * 5 + around) * ALIKE + alike,
            number * q_groups + group + 0 * alike,
            number * SPREADS + spread,
            (number * 5 + moving) * 4 + 2 * beside[0] + beside[1],
        )
        taken = same(candidate, vectors)
        ask(here, 1 + number, contexts, 7, taken)
        rest, tried = rest & ~(here & taken), [*tried, candidate]
    sizes = [floor_log2(abs(part) + 1) for part in difference]
    for axis in (0, 1):
        part, size, kind = difference[axis], sizes[axis], 1 + CANDIDATES + 20 * axis
        parts_apart = bins(APART_STARTS, abs(left[axis] - above[axis]) + abs(above[axis] - right[axis]))
        part_left, part_above = shifted(part, 0, 1), shifted(part, 1, 0)
        larger = numpy.minimum(floor_log2(numpy.maximum(abs(part_left), abs(part_above)) + 1), 5)
        length = numpy.minimum(floor_log2(abs(expected[axis]) + 1), 5)
        rows_size = numpy.minimum(sizes[0], 3) * axis
        least = (sizes[0] == 0) * axis
        for step in range(LARGEST_SIZE):
            number = axis * LARGEST_SIZE + step
            contexts = (number * 4 + rows_size) * q_groups + group, number * APARTS + parts_apart, (number * 6 + larger) * 6 + length, number * 5 + around
            ask(rest & (size >= step) & (least <= step), kind + step, contexts, 11, size > step)
        for top in range(1, LARGEST_SIZE + 1):
            for bit in range(top):
                prefix = (abs(part) + 1) >> (top - bit)
                contexts = [(axis * (LARGEST_SIZE + 1) + top) * PREFIXES + prefix] if bit < 5 else []
                ask(rest & (size == top), kind + LARGEST_SIZE + bit, contexts, 15, (abs(part) + 1) >> (top - bit - 1) & 1)
        signs = [numpy.sign(vector[axis] - expected[axis]) + 1 for vector in (before, left, above, right)]
        contexts = (
            axis * 81 + ((signs[0] * 3 + signs[1]) * 3 + signs[2]) * 3 + signs[3],
            axis * 9 + (numpy.sign(part_left) + 1) * 3 + numpy.sign(part_above) + 1,
            axis * 3 + numpy.sign(expected[axis]) + 1,
        )
        ask(rest & (size > 0), kind + 2 * LARGEST_SIZE, contexts, 16, part < 0)
    return found.ordered()


def floor_log2(values):
    """Of whole numbers from 1 on"""
    return numpy.frexp(values.astype(float))[1] - 1


# --- about what that costs, for a batch: odds that adapt in the field instead of trained ones -----------------------------------


def adaptive_bits(flags, asked):
    """What binary flags (B, 1, h, w) cost where they are asked, with odds that adapt -> (B,)"""
    asked = asked.float()
    ones, zeros = (asked * flags).sum((1, 2, 3)), (asked * (1 - flags)).sum((1, 2, 3))
    return (2 * math.lgamma(0.5) + torch.lgamma(ones + zeros + 1) - torch.lgamma(ones + 0.5) - torch.lgamma(zeros + 0.5)) / math.log(2)


@torch.no_grad()
def motion_bits(vectors):
    """Bits of fields (B, 2, H/16, W/16), an eighth more than what they take in the stream -> (B,)"""
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
