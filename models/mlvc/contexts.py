"""Coded cells and the symbols of z as choices with trained logits, integers only (docs/bitstream.md §11; C#: Codec/Entropy/CodedCells and HyperCoder).

Every cell of 16x16 samples has a flag that says whether any of its symbols is not zero; others are not coded. A symbol of z is coded by how many of the cells
under it are coded, by its neighbours left and above and by the channels before: what tells still walls from faces, and P-frames from I-frames. Symbols of y: choices.py.
"""

import numpy
import torch

from . import cascade, choices, logits, motion_coding, rans
from .choices import asked_by_size, flags_of
from .logits import Q_STEP, bins, shifted
from .pictures import picture_of_bytes

SHARES_OF_64 = 1, 3, 5, 11, 21, 32, 43, 53  # of the cells so far that are coded
LENGTH_STARTS = 1, 2, 4, 8, 16  # of a vector's longer part
FLAG_TABLES = 6

LARGEST = 15  # what a symbol of z adds at most
PAIR_STARTS = 1, 2, 3, 5, 8, 12, 20  # of the same channel left and above
SHOWN_STARTS = 1, 2, 4, 7, 12, 20, 32, 50  # of the channels before
LAST_STARTS = 1, 2, 3, 5, 8, 14  # of the last two of them
NEAR_STARTS = 1, 4, 10, 20, 40, 80  # of all channels left and above
CODED_STARTS = 1, 2, 3, 4, 6, 8, 10, 12, 14, 16  # of the cells under a symbol
PAIRS, SHOWN, LAST, NEAR, CODED = (len(starts) + 1 for starts in (PAIR_STARTS, SHOWN_STARTS, LAST_STARTS, NEAR_STARTS, CODED_STARTS))
SHARES = 6  # kinds of shares of coded cells
ASKED, SUFFIXES = 16, 4  # choices by size, as for y
KINDS = ASKED + SUFFIXES
HYPER_TABLES = 8
ROOM = 128  # in the order of reading, for the choices of a symbol


def flag_counts(q_groups):
    """-> contexts of each table of the flags"""
    return 32, 2 * q_groups * 5, 4 * 25, (len(SHARES_OF_64) + 1) * 5, 64, (len(LENGTH_STARTS) + 1) * 3


def flag_choices(flags, vectors, q, intra, q_groups):
    """flags (H, W), vectors (2, H, W) or None where there are none -> choices in the order of reading"""
    bases = logits.bases_of(flag_counts(q_groups))[0]
    flags = flags.astype(int)
    vectors = numpy.zeros((2, *flags.shape), int) if vectors is None else vectors
    left, above, right, before = (shifted(flags, *by) for by in ((0, 1), (1, 0), (1, -1), (1, 1)))
    beside, kind = left + above + right + before, int(intra)
    expected = numpy.median([shifted(vectors, 0, 1), shifted(vectors, 1, 0), shifted(vectors, 1, -1)], 0)
    apart, moves = ((vectors != other).any(0).astype(int) for other in (expected, 0))
    around = [sum(shifted(part, *by) for by in ((0, 1), (1, 0), (0, -1), (-1, 0))) for part in (apart, moves)]
    seen, so_far = (numpy.cumsum(flags) - flags.ravel()).reshape(flags.shape), numpy.arange(flags.size).reshape(flags.shape)
    busy = sum((64 * (10 * seen + 3) >= share * (10 * so_far + 60)).astype(int) for share in SHARES_OF_64)
    contexts = (
        (left + 2 * above + 4 * right + 8 * before) * 2 + kind,
        (q // Q_STEP * 2 + kind) * 5 + beside,
        (apart * 2 + moves) * 25 + around[0] * 5 + around[1],
        busy * 5 + beside,
        (shifted(flags, 0, 2) + 2 * shifted(flags, 2, 0) + 4 * shifted(flags, 1, -2) + 8 * left + 16 * above) * 2 + kind,
        bins(LENGTH_STARTS, abs(vectors).max(0)) * 3 + (vectors % 4 != 0).sum(0),
    )
    return numpy.stack([base + context.ravel() for base, context in zip(bases, contexts)], 1), flags.ravel()


def hyper_counts(channels, q_groups):
    """-> contexts of each table of z, times choices of each, and behind them one logit of a sign per channel"""
    contexts = channels * SHARES * 2, channels * PAIRS, channels * SHOWN, channels * LAST, q_groups * 2 * SHARES * PAIRS, SHOWN * LAST * PAIRS, NEAR * SHOWN * CODED, channels * q_groups
    return (*(KINDS * count for count in contexts), channels)


def hyper_choices(z, flags, stride, q, intra, q_groups):
    """z (Z, h, w), flags (H, W) -> choices in the order of reading: position after position, of each all channels"""
    channels, rows, columns = z.shape
    bases = logits.bases_of(hyper_counts(channels, q_groups))[0]
    there = numpy.zeros((2, rows * stride, columns * stride), int)  # coded cells; cells
    there[0, : flags.shape[0], : flags.shape[1]], there[1, : flags.shape[0], : flags.shape[1]] = flags, 1
    coded, cells = there.reshape(2, rows, stride, columns, stride).sum((2, 4))
    sixteenths = coded * 16 // cells
    share = numpy.select([coded == 0, coded == cells, sixteenths <= 2, sixteenths <= 5, sixteenths <= 10], [0, 5, 1, 2, 3], 4)
    magnitudes = abs(z)
    part = numpy.minimum(magnitudes, LARGEST)
    left_above = shifted(part, 0, 1) + shifted(part, 1, 0)
    pair, near = bins(PAIR_STARTS, left_above), bins(NEAR_STARTS, left_above.sum(0))
    shown = bins(SHOWN_STARTS, numpy.cumsum(part, 0) - part)
    earlier = numpy.pad(part, ((2, 0), (0, 0), (0, 0)))
    last = bins(LAST_STARTS, earlier[:-2] + earlier[1:-1])
    channel, kind, group = numpy.arange(channels)[:, None, None], int(intra), q // Q_STEP
    contexts = (
        (channel * SHARES + share) * 2 + kind,
        channel * PAIRS + pair,
        channel * SHOWN + shown,
        channel * LAST + last,
        ((group * 2 + kind) * SHARES + share) * PAIRS + pair,
        (shown * LAST + last) * PAIRS + pair,
        (near * SHOWN + shown) * CODED + bins(CODED_STARTS, coded),
        channel * q_groups + group + 0 * z,
    )
    places = [base + KINDS * context for base, context in zip(bases, contexts)]
    order = ROOM * (numpy.arange(rows * columns).reshape(rows, columns) * channels + channel)
    found = logits.Choices(HYPER_TABLES)
    for number, (kind, here, answer) in enumerate(asked_by_size(magnitudes, ASKED, SUFFIXES)):
        found.add(order[here] + number, [place[here] + kind for place in places], answer[here])
    rests = magnitudes - ASKED + 1
    for top in range(1, int(rests.max(initial=1)).bit_length()):
        here = (rests > 0) & (rests >> top == 1)
        for bit in range(top):
            found.add(order[here] + 64 + bit, [], rests[here] >> (top - bit - 1) & 1)
    found.add(order[z != 0] + ROOM - 1, [(bases[-1] + channel + 0 * z)[z != 0]], z[z != 0] < 0)
    return found.ordered()


def frame_bytes(tables, levels, q, q_groups, z, s0, s1, scales, stride, intra, vectors=None):
    """A frame of a model with contexts. tables: see `Fit.tables`; levels: how many scale indices there are; scales: those of s0 and s1"""
    flags = flags_of(s0, s1)
    steps = [] if vectors is None else logits.steps_of(tables["vector_logits"], motion_coding.choices_of(vectors, q, q_groups))
    steps += logits.steps_of(tables["flag_logits"], flag_choices(flags, vectors, q, intra, q_groups))
    steps += logits.steps_of(tables["hyper_logits"], hyper_choices(z, flags, stride, q, intra, q_groups))
    of_y, signs = choices.steps_of(tables, s0, s1, scales, levels, q, q_groups, intra)
    return rans.stream(steps + of_y, signs)


# --- fitting --------------------------------------------------------------------------------------------------------------------


class Fit:
    """All logits of a model."""

    def __init__(self, config):
        self.config, self.q_groups = config, config.q_rows // Q_STEP
        self.symbols = choices.Fit(config.y_channels, self.q_groups)
        counts = motion_coding.counts_of(self.q_groups), flag_counts(self.q_groups), hyper_counts(config.z_channels, self.q_groups)
        self.vectors, self.flags, self.hyper = (logits.Fit(sum(count)) for count in counts)
        self.frames = []

    def see(self, z, s0, s1, scales, vectors, q, intra):
        """A frame's symbols, the scale indices of s0 and s1, and its vectors or None: integers"""
        flags = flags_of(s0, s1)
        self.symbols.see(s0, s1, scales, q, intra)
        self.frames.append((z.astype(numpy.int16), flags, None if vectors is None else vectors.astype(numpy.int8), q, intra))

    def learn(self, batch=32, report=lambda line: None):
        order, stride, groups = numpy.random.default_rng(1).permutation(len(self.frames)), self.config.hyper_stride, self.q_groups
        for at in range(0, len(order), batch):
            own = [self.frames[n] for n in order[at : at + batch]]
            own = [(z.astype(int), flags, None if vectors is None else vectors.astype(int), q, intra) for z, flags, vectors, q, intra in own]
            self.flags.learn([flag_choices(flags, vectors, q, intra, groups) for _, flags, vectors, q, intra in own])
            self.hyper.learn([hyper_choices(z, flags, stride, q, intra, groups) for z, flags, _, q, intra in own])
            moved = [motion_coding.choices_of(vectors, q, groups) for _, _, vectors, q, _ in own if vectors is not None]
            if moved:
                self.vectors.learn(moved)
            report(f"{min(at + batch, len(order))} of {len(order)} frames: vectors, flags, z")
        self.symbols.learn(report=report)
        self.frames = []

    def tables(self):
        """What `gaussian_pmf.json` gets beside its tables."""
        return {**self.symbols.tables(), "hyper_logits": self.hyper.table(), "flag_logits": self.flags.table(), "vector_logits": self.vectors.table()}


@torch.no_grad()
def counted(codec, batch, batches, report=lambda line: None):
    """A fit that has seen batch(0), batch(1), … = pictures, q.

    In every second batch frames are coded at the quality of their place in the cascade (files), in the others at one (calls); every second of those ends as after a loss, with a
    frame predicted from the first.
    """
    config, fit = codec.config, Fit(codec.config)
    for number in range(batches):
        pictures, settings = batch(number)
        state = kept = None
        for n in range(pictures.shape[1]):
            q = [int(setting) if number % 2 else cascade.quality_of(int(setting), n, config.qp_num) for setting in settings]
            x = picture_of_bytes(torch.from_numpy(pictures[:, n]).float()).contiguous(memory_format=torch.channels_last)
            state = codec.zero_state(x) if state is None else kept if number % 4 == 2 and n + 1 == pictures.shape[1] else state
            result = codec(x, state, torch.tensor(q), config.shift(n))
            state = result.state
            kept = state if kept is None else kept
            indices = codec.scale_indices(result.symbols.z, *result.symbols.s0.shape[-2:])
            for item in range(len(x)):
                z, s0, s1, *scales = (part[item].numpy().astype(int) for part in (*result.symbols, *indices))
                vectors = result.vectors[item].numpy().astype(int) if config.motion and n > 0 else None
                fit.see(z, s0, s1, scales, vectors, q[item], n == 0)
        report(f"{number + 1} of {batches} batches")
    return fit
