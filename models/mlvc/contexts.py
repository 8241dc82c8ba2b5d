"""Coded cells and contexts of z, integers only (docs/bitstream.md §11; C#: Codec/Entropy/CodedCells and HyperContexts).

Every cell of 16x16 samples has a flag that says whether any of its symbols is not zero; others are not coded. A symbol of z is coded by how many of the cells
under it are coded and by its neighbours left and above: what tells still walls from faces, and P-frames from I-frames. Symbols of y: choices.py.
"""

import numpy
import torch

from . import cascade, rans
from .choices import Fit, flags_of, steps_of
from .entropy import EXTENT_MIN, FREQUENCY_BITS, TAIL_MASS, quantize, table_set
from .motion_coding import Odds, span
from .pictures import picture_of_bytes

SHARES, NEIGHBOURS = 6, 3  # of coded cells under a symbol of z, and what its neighbours come to
HYPER_CONTEXTS = SHARES * NEIGHBOURS
LARGEST_NEIGHBOUR = 9
Q_STEP = 8  # quality indices that share tables of z
HYPER_EXTENT = 16  # the tables of z reach that far at most
HYPER_PRIOR_COUNT = 4, 0.5  # symbols that all qualities of a channel and context count for, and the whole of z


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


def frame_bytes(z_tables, y_tables, levels, q, z, s0, s1, scales, stride, intra):
    """A frame without vectors. y_tables: see `choices.Fit.tables`; scales: indices of s0 and s1; levels: how many of those there are"""
    flags = flags_of(s0, s1)
    groups = len(z_tables) // (len(z) * HYPER_CONTEXTS)
    of_z = rans.steps_of([hyper_part(z_tables, z, flags, stride, q)])
    return rans.stream(flag_steps(flags) + of_z + steps_of(y_tables, s0, s1, scales, levels, q, groups, intra))


# --- fitting --------------------------------------------------------------------------------------------------------------------


@torch.no_grad()
def counted(codec, batch, batches, report=lambda line: None):
    """Symbols in batch(0), batch(1), … = pictures, q -> a fit that has seen those of y, and counts of z (quality, context, channel, 2·HYPER_EXTENT + 2),
    the last of each row for larger ones. In every second batch frames are coded at the quality of their place in the cascade (files), in the others at one (calls)."""
    config = codec.config
    fit = Fit(config.y_channels, config.q_rows // Q_STEP)
    of_z = numpy.zeros((config.q_rows // Q_STEP, HYPER_CONTEXTS, config.z_channels, 2 * HYPER_EXTENT + 2))
    for number in range(batches):
        pictures, settings = batch(number)
        state = None
        for n in range(pictures.shape[1]):
            q = [int(setting) if number % 2 else cascade.quality_of(int(setting), n, config.qp_num) for setting in settings]
            x = picture_of_bytes(torch.from_numpy(pictures[:, n]).float()).contiguous(memory_format=torch.channels_last)
            state = codec.zero_state(x) if state is None else state
            result = codec(x, state, torch.tensor(q), codec.config.shift(n))
            state = result.state
            indices = codec.scale_indices(result.symbols.z, *result.symbols.s0.shape[-2:])
            for item in range(len(x)):
                z, s0, s1, *scales = (part[item].numpy().astype(int) for part in (*result.symbols, *indices))
                fit.see(s0, s1, scales, q[item], n == 0)
                contexts = hyper_contexts(z, flags_of(s0, s1), config.hyper_stride)
                numpy.add.at(of_z[q[item] // Q_STEP], (contexts, numpy.arange(len(z))[:, None, None] + 0 * z, clipped(z, HYPER_EXTENT)), 1)
        report(f"{number + 1} of {batches} batches")
    return fit, of_z


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
