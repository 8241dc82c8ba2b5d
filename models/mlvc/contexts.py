"""Coded cells and contexts of symbols, integers only (docs/bitstream.md §11; C#: Codec/Entropy/CodedCells and HyperContexts).

A sent scale serves 4 channels and 4x4 cells: too many to tell a cell at an edge from the wall beside it. So every cell of 16x16 samples has a flag that says
whether any of its symbols is not zero; others are not coded. And the table of a symbol is chosen by its scale and by what its cell has shown before it: the sum
of min(|s|, 3) over the channels of s0, then of s1. A symbol of z is coded by how many of the cells under it are coded and by its neighbours left and above: what
tells still walls from faces, and P-frames from I-frames. Tables are fitted to symbols of training segments, since a shared scale does not leave a Gaussian.
"""

import numpy
import torch

from . import rans
from .entropy import EXTENT_MAX, EXTENT_MIN, FREQUENCY_BITS, SIGMA_LEVELS, TAIL_MASS, gaussian_tables, quantize, table_set
from .motion_coding import Odds, span
from .pictures import picture_of_bytes

CONTEXT_STARTS = 0, 1, 2, 3, 5, 8, 12, 17, 25, 41  # the least sum of each context
CONTEXTS = len(CONTEXT_STARTS)
LARGEST = 3  # what a symbol adds at most
LEVEL_STARTS = 0, 1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 23, 31  # scales whose symbols are counted together
PRIOR_COUNT = 20  # symbols that the Gaussian of a scale counts for in a fit
SHARES, NEIGHBOURS = 6, 3  # of coded cells under a symbol of z, and what its neighbours come to
HYPER_CONTEXTS = SHARES * NEIGHBOURS
LARGEST_NEIGHBOUR = 9
Q_STEP = 8  # quality indices that share tables of z
HYPER_EXTENT = 16  # the tables of z reach that far at most
HYPER_PRIOR_COUNT = 4, 0.5  # symbols that all qualities of a channel and context count for, and the whole of z


def contexts_of(s0, s1):
    """(C, H, W) integers each -> the contexts of s0 and of s1, and the flags of the cells (H, W)"""
    shown = numpy.minimum(numpy.abs(numpy.concatenate([s0, s1])), LARGEST)
    before = numpy.cumsum(shown, 0) - shown
    contexts = numpy.searchsorted(CONTEXT_STARTS, before, "right") - 1
    return contexts[: len(s0)], contexts[len(s0) :], shown.any(0)


def hyper_contexts(z, flags, stride):
    """z (Z, h, w), flags (H, W) -> the contexts of z"""
    rows, columns = z.shape[1] * stride, z.shape[2] * stride
    there = numpy.zeros((2, rows, columns), int)  # coded cells; cells
    there[0, : flags.shape[0], : flags.shape[1]], there[1, : flags.shape[0], : flags.shape[1]] = flags, 1
    coded, cells = there.reshape(2, z.shape[1], stride, z.shape[2], stride).sum((2, 4))
    sixteenths = coded * 16 // cells
    share = numpy.select([coded == 0, coded == cells, sixteenths <= 2, sixteenths <= 5, sixteenths <= 10], [0, 5, 1, 2, 3], 4)
    part = numpy.pad(numpy.minimum(numpy.abs(z), LARGEST_NEIGHBOUR), ((0, 0), (1, 0), (1, 0)))
    beside = part[:, :-1, 1:] + part[:, 1:, :-1]
    return share * NEIGHBOURS + numpy.select([beside == 0, beside <= 2], [0, 1], 2)


def hyper_part(tables, z, flags, stride, q):
    """The symbols of z for `rans.steps_of`."""
    channels = len(z)
    numbers = numpy.arange(channels)[:, None, None] + channels * (hyper_contexts(z, flags, stride) + HYPER_CONTEXTS * (q // Q_STEP))
    return tables, z, numbers


def flag_steps(flags):
    """Flags (H, W) as steps of a rANS stream: binary, odds by how many of the cells left, above and above right are coded."""
    odds, steps = Odds(), []
    padded = numpy.pad(flags.astype(int), ((1, 0), (1, 1)))
    for (row, column), flag in numpy.ndenumerate(flags.astype(int)):
        context = int(padded[row + 1, column] + padded[row, column + 1] + padded[row, column + 2])
        steps.append((*span(odds.slots(context), int(flag)), FREQUENCY_BITS))
        odds.saw(context, int(flag))
    return steps


def symbol_parts(tables, levels, s0, s1, numbers):
    """The symbols of the coded cells for `rans.steps_of`. numbers: scale indices of s0 and s1; levels: tables per context"""
    c0, c1, flags = contexts_of(s0, s1)
    return [(tables, s[:, flags], (numpy.minimum(n, levels - 1) + levels * c)[:, flags]) for s, n, c in zip((s0, s1), numbers, (c0, c1))]


def frame_bytes(z_tables, tables, levels, q, z, s0, s1, numbers, stride):
    """A frame without vectors."""
    flags = contexts_of(s0, s1)[2]
    parts = [hyper_part(z_tables, z, flags, stride, q), *symbol_parts(tables, levels, s0, s1, numbers)]
    return rans.stream(flag_steps(flags) + rans.steps_of(parts))


# --- fitting --------------------------------------------------------------------------------------------------------------------


@torch.no_grad()
def counted(codec, batch, batches, report=lambda line: None):
    """Symbols in batch(0), batch(1), … = pictures, q -> counts of y (LEVEL_STARTS, CONTEXTS, 2·EXTENT_MAX + 2) and of z (quality, context, channel,
    2·HYPER_EXTENT + 2), the last of each row for larger ones"""
    config = codec.config
    counts = numpy.zeros((len(LEVEL_STARTS), CONTEXTS, 2 * EXTENT_MAX + 2))
    of_z = numpy.zeros((config.q_rows // Q_STEP, HYPER_CONTEXTS, config.z_channels, 2 * HYPER_EXTENT + 2))
    for number in range(batches):
        pictures, q = batch(number)
        q, state = torch.from_numpy(q), None
        rows = (q // Q_STEP).tolist()
        for n in range(pictures.shape[1]):
            x = picture_of_bytes(torch.from_numpy(pictures[:, n]).float()).contiguous(memory_format=torch.channels_last)
            state = codec.zero_state(x) if state is None else state
            result = codec(x, state, q, codec.config.shift(n))
            state = result.state
            indices = codec.scale_indices(result.symbols.z, *result.symbols.s0.shape[-2:])
            for item in range(len(x)):
                halves = [half[item].numpy().astype(int) for half in result.symbols[1:]]
                c0, c1, flags = contexts_of(*halves)
                z = result.symbols.z[item].numpy().astype(int)
                values = clipped(z, HYPER_EXTENT)
                numpy.add.at(of_z[rows[item]], (hyper_contexts(z, flags, config.hyper_stride), numpy.arange(len(z))[:, None, None] + 0 * z, values), 1)
                for symbols, contexts, index in zip(halves, (c0, c1), indices):
                    levels = numpy.searchsorted(LEVEL_STARTS, index[item].numpy(), "right") - 1
                    numpy.add.at(counts, (levels[:, flags], contexts[:, flags], clipped(symbols[:, flags], EXTENT_MAX)), 1)
        report(f"{number + 1} of {batches} batches, {counts.sum():,.0f} symbols")
    return counts, of_z


def clipped(values, extent):
    """-> 0 .. 2·extent for −extent .. extent, and one more for all others"""
    return numpy.where(numpy.abs(values) <= extent, values + extent, 2 * extent + 1)


def hyper_tables(of_z):
    """`bit_estimator_pmf.json` with tables for every channel in every context: table = channel + channels · (context + contexts · ⌊q / 8⌋)."""
    channels = of_z.shape[2]
    whole = of_z.sum((0, 1, 2)) + 1
    pooled = of_z.sum(0) + HYPER_PRIOR_COUNT[1] * whole / whole.sum()  # (context, channel, value)
    rows = []
    for counts in of_z:
        shares = counts + HYPER_PRIOR_COUNT[0] * pooled / pooled.sum(-1, keepdims=True)
        for line in shares.reshape(-1, shares.shape[-1]):
            low, high = reach(line / line.sum())
            kept = line[HYPER_EXTENT - low : HYPER_EXTENT + high + 1]
            rows.append((low, quantize([*(kept / line.sum()), (line.sum() - kept.sum()) / line.sum()])))
    return {"qp_num": Q_STEP * len(of_z), "channels": channels, "contexts": HYPER_CONTEXTS, **table_set(rows)}


def reach(shares):
    """How far a table must go down and up so that hardly anything is left: at least EXTENT_MIN each."""
    down, up = shares[HYPER_EXTENT::-1][1:], shares[HYPER_EXTENT + 1 : -1]
    return [next((e for e in range(EXTENT_MIN, HYPER_EXTENT) if side[e:].sum() < TAIL_MASS), HYPER_EXTENT) for side in (down, up)]


def context_tables(counts):
    """`gaussian_pmf.json` with tables for every scale in every context: table = scale + 128 · context."""
    plain = gaussian_tables()
    gaussian = rans.Tables(plain)
    both = counts[..., :-1] + counts[..., -2::-1]  # a symbol is as likely as its opposite
    rows = []
    for context in range(CONTEXTS):
        for level in range(SIGMA_LEVELS):
            group = int(numpy.searchsorted(LEVEL_STARTS, level, "right")) - 1
            masses = both[group, context].copy()
            outside = 2 * counts[group, context, -1]
            offset, prior = gaussian.offsets[level], numpy.array(gaussian.frequencies[level]) / 2**FREQUENCY_BITS
            masses[EXTENT_MAX - offset : EXTENT_MAX + offset + 1] += PRIOR_COUNT * prior[:-1]
            outside += PRIOR_COUNT * prior[-1]
            total = masses.sum() + outside
            tails = [(outside + masses[: EXTENT_MAX - e].sum() * 2) / total for e in range(EXTENT_MAX + 1)]
            extent = next((e for e in range(EXTENT_MIN, EXTENT_MAX + 1) if tails[e] < TAIL_MASS), EXTENT_MAX)
            kept = masses[EXTENT_MAX - extent : EXTENT_MAX + extent + 1] / total
            rows.append((extent, quantize([*kept, tails[extent]])))
    return {**plain, "contexts": CONTEXTS, **table_set(rows)}
