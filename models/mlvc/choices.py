"""Symbols of y as choices whose odds are sums of trained logits, integers only (docs/bitstream.md §11; C#: Codec/Entropy/SymbolContexts).

A sent scale serves 4 channels and 4x4 cells. What tells more of a symbol is what its cell, its neighbours and its channel have shown: eight tables look at it
from eight sides (logits.py).
The first channels of each half are nearly the means of what they stand for, and in a key frame nothing else has said those: there the difference to a prediction is coded.
In other frames the signs come last of all, where the rANS stream holds up to 23 of them for nothing.
"""

import numpy

from . import logits
from .entropy import SIGMA_LEVELS
from .logits import Q_STEP, asked, bins, even, shifted

LEVEL_STARTS = 1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 23, 31  # of scales
SHOWN_STARTS = 1, 2, 3, 5, 8, 12, 17, 25, 41  # of the sum over a cell
AROUND_STARTS = 1, 3, 6, 12, 24, 48, 96  # of that sum over the cells left, right, above and below
BESIDE_STARTS = 1, 2, 3, 6, 12, 24, 40, 64, 96  # of the same channel's symbols beside
LEVELS, SHOWN, AROUND, BESIDE = (len(starts) + 1 for starts in (LEVEL_STARTS, SHOWN_STARTS, AROUND_STARTS, BESIDE_STARTS))
LARGEST = 3  # what a symbol adds at most
SIZES = 12  # of all scales of a cell
ASKED, SUFFIXES = 4, 8  # choices by size: is |s| more than 0, 1, 2, 3? Then, of what is left, has it more bits than 1, 2, …?
KINDS = ASKED + SUFFIXES  # of choices; the last serves all larger sizes
TABLES = 8
PREDICTED, PREDICTION_BITS = 4, 8  # channels of each half that key frames predict, and bits behind the point of the weights
PREDICTION_WEIGHTS = 2 * sum(2 + channel for channel in range(PREDICTED))
REACH = 32767  # symbols beyond count as that in a prediction


def counts_of(y_channels, levels, q_groups):
    """-> contexts of each table"""
    pairs = LEVELS * 2  # level and kind of frame
    return (
        levels * SHOWN,
        y_channels * pairs,
        y_channels * BESIDE * 3,
        SHOWN * AROUND * pairs,
        y_channels * 3 * 3 * 5,
        q_groups * pairs * 5,
        SIZES * LEVELS * 8,
        y_channels * SHOWN * 2,
    )


def bases_of(counts):
    """-> where each table begins among the logits, and how many there are"""
    return logits.bases_of(numpy.array(counts) * KINDS)


def differences_of(s0, s1, weights):
    """(C, H, W) integers each, the weights of a key frame or None -> what is coded (2, C, H, W)"""
    symbols = numpy.stack([s0, s1])
    differences = symbols.copy()
    for half, channel in numpy.ndindex(2, min(PREDICTED, len(s0)) if weights else 0):
        own = predictors_of(symbols[half], channel).clip(-REACH, REACH)
        at = half * PREDICTION_WEIGHTS // 2 + 2 * channel + channel * (channel - 1) // 2
        total = numpy.tensordot(numpy.array(weights[at : at + len(own)]), own, 1)
        differences[half, channel] -= (total + (1 << PREDICTION_BITS - 1)) >> PREDICTION_BITS
    return differences


def predictors_of(half, channel):
    """half (C, H, W) -> what predicts a channel: itself above left and above right, and the channels before it (2 + channel, H, W)"""
    return numpy.stack([shifted(half[channel], 1, 1), shifted(half[channel], 1, -1), *half[:channel]])


def contexts_of(differences, flags, scales, levels, q, intra):
    """What is coded (2, C, H, W), flags of cells (H, W), scale indices of s0 and s1, whether the frame is predicted from nothing -> contexts (TABLES, 2, C, H, W)"""
    symbols = numpy.abs(differences) * flags  # (2, C, H, W)
    scales = numpy.minimum(numpy.stack(scales), levels - 1)
    _, half, rows, columns = symbols.shape
    capped, twos = numpy.minimum(symbols, LARGEST), numpy.minimum(symbols, 2)
    ordered = capped.reshape(-1, rows, columns)
    after = numpy.cumsum(ordered, 0).reshape(symbols.shape)
    before = after - capped

    left_above = shifted(after, 0, 1) + shifted(after, 1, 0)
    around = bins(AROUND_STARTS, left_above + shifted(before, 0, -1) + shifted(before, -1, 0))
    first = symbols[0]
    diagonal = 2 * (shifted(first, 1, 1) + shifted(first, 1, -1))
    cross = shifted(first, 0, 1) + shifted(first, 0, -1) + shifted(first, 1, 0) + shifted(first, -1, 0)
    beside = bins(BESIDE_STARTS, numpy.stack([diagonal, cross]))
    partner = numpy.stack([numpy.zeros_like(twos[0]), twos[0]])
    quarter = earlier(twos, half // 4)
    last = earlier(twos, 1) + earlier(twos, 2)

    shown, level = bins(SHOWN_STARTS, before), bins(LEVEL_STARTS, scales)
    size = numpy.minimum([int(v).bit_length() for v in (scales.sum((0, 1)) >> 3).ravel()], SIZES - 1).reshape(rows, columns)
    flags = flags.astype(int)
    coded = numpy.minimum(shifted(flags, 0, 1) + shifted(flags, 0, -1) + shifted(flags, 1, 0) + shifted(flags, -1, 0), 3)
    halves, channels = numpy.arange(2).reshape(2, 1, 1, 1), numpy.arange(half).reshape(1, half, 1, 1)
    odd = (numpy.arange(rows)[:, None] + numpy.arange(columns)) % 2
    k = channels + half * (odd ^ halves)
    kind = int(intra)
    tables = (
        scales * SHOWN + shown,
        (k * LEVELS + level) * 2 + kind,
        (k * BESIDE + beside) * 3 + partner,
        ((shown * AROUND + around) * LEVELS + level) * 2 + kind,
        ((k * 3 + partner) * 3 + quarter) * 5 + last,
        ((q // Q_STEP * 2 + kind) * LEVELS + level) * 5 + last,
        (size * LEVELS + level) * 8 + 2 * coded + halves,
        (k * SHOWN + shown) * 2 + kind,
    )
    return numpy.stack([numpy.broadcast_to(table, symbols.shape) for table in tables])


def earlier(values, by):
    """(2, C, H, W) -> the same, so many channels earlier; zero where there is none"""
    moved = numpy.zeros_like(values)
    if by:
        moved[:, by:] = values[:, :-by]
    return moved


# --- coding ---------------------------------------------------------------------------------------------------------------------


def flags_of(s0, s1):
    """-> the cells that have a symbol other than zero (H, W)"""
    return (numpy.abs(s0).sum(0) + numpy.abs(s1).sum(0)) > 0


def steps_of(tables, s0, s1, scales, levels, q, q_groups, intra):
    """The symbols of the coded cells: steps of a rANS stream, and what follows them at its end: the signs, but of key frames. tables: logits and weights, as `Fit.tables` says"""
    trained, weights = list(tables["choice_logits"]), tables["key_prediction"]
    bases, total = bases_of(counts_of(2 * len(s0), levels, q_groups))
    if len(trained) != total:
        raise ValueError(f"{len(trained)} logits; {2 * len(s0)} channels, {levels} levels and {q_groups} groups of qualities need {total}")
    flags = flags_of(s0, s1)
    differences = differences_of(s0, s1, weights if intra else None)
    contexts = contexts_of(differences, flags, scales, levels, q, intra) * KINDS + bases.reshape(-1, 1, 1, 1, 1)
    values = differences[:, :, flags].ravel().tolist()
    places = contexts[:, :, :, flags].reshape(TABLES, -1).T.tolist()
    steps, signs = [], []
    for value, place in zip(values, places):
        for kind, answer in choices_of(abs(value)):
            steps.append(even(answer) if kind is None else asked(trained, [at + kind for at in place], answer))
        if value and intra:
            steps.append(even(value < 0))
        elif value:
            signs.append(int(value < 0))
    return steps, signs


def choices_of(magnitude, asked=ASKED, suffixes=SUFFIXES):
    """-> (kind, answer) of each choice, kind None where both answers are as likely"""
    for t in range(min(magnitude + 1, asked)):
        yield t, magnitude > t
    if magnitude >= asked:
        rest = magnitude - asked + 1
        bits = rest.bit_length() - 1
        for size in range(bits + 1):
            yield asked + min(size, suffixes - 1), size < bits
        for bit in reversed(range(bits)):
            yield None, rest >> bit & 1


# --- fitting --------------------------------------------------------------------------------------------------------------------


class Fit:
    """Weights and logits that are learnt from frames: `see` them all, then `learn`."""

    def __init__(self, y_channels, q_groups, levels=SIGMA_LEVELS):
        self.levels = levels
        self.bases, total = bases_of(counts_of(y_channels, levels, q_groups))
        self.fit = logits.Fit(total)
        self.frames, self.weights = [], [0] * PREDICTION_WEIGHTS

    def see(self, s0, s1, scales, q, intra):
        """A frame's symbols and the scale indices of both halves, (C, H, W) integers each"""
        self.frames.append(([part.astype(numpy.int16) for part in (s0, s1, *scales)], q, intra))

    def learn(self, batch=32, report=lambda line: None):
        self.weights = prediction_of([parts[:2] for parts, _, intra in self.frames if intra])
        order = numpy.random.default_rng(0).permutation(len(self.frames))
        for at in range(0, len(order), batch):
            self.fit.learn([self.choices_in(self.frames[n]) for n in order[at : at + batch]])
            report(f"{min(at + batch, len(order))} of {len(order)} frames, {self.fit.bits / max(self.fit.choices, 1):.4f} bits a choice")
        self.frames = []

    def choices_in(self, frame):
        """-> places of logits (n, TABLES), answers (n,)"""
        parts, q, intra = frame
        s0, s1, *scales = (part.astype(int) for part in parts)
        flags = flags_of(s0, s1)
        differences = differences_of(s0, s1, self.weights if intra else None)
        contexts = contexts_of(differences, flags, scales, self.levels, q, intra)[:, :, :, flags] * KINDS + self.bases.reshape(-1, 1, 1, 1)
        contexts, magnitudes = contexts.reshape(TABLES, -1).astype(numpy.int32).T, numpy.abs(differences[:, :, flags]).ravel()
        asked_of = list(asked_by_size(magnitudes, ASKED, SUFFIXES))
        places = [contexts[here] + kind for kind, here, _ in asked_of]
        return numpy.concatenate(places), numpy.concatenate([answer[here] for _, here, answer in asked_of])

    def tables(self):
        """What `gaussian_pmf.json` gets beside its tables."""
        return {"choice_logits": self.fit.table(), "key_prediction": self.weights}


def asked_by_size(magnitudes, asked, suffixes):
    """`choices_of` for an array: -> kind, where it is asked, the answers there and elsewhere; a kind may come more than once"""
    rests = magnitudes - asked + 1
    sizes = numpy.frexp(numpy.maximum(rests, 1))[1] - 1
    for t in range(asked):
        yield t, magnitudes >= t, magnitudes > t
    for n in range(1 + max(sizes.ravel(), default=0)):
        yield asked + min(n, suffixes - 1), (rests > 0) & (sizes >= n), sizes > n


def prediction_of(frames):
    """[(s0, s1)] of key frames -> the weights of least squares, each frame's by its own size, as integers"""
    weights = []
    for half, channel in numpy.ndindex(2, PREDICTED):
        squares, products = numpy.zeros((2 + channel, 2 + channel)), numpy.zeros(2 + channel)
        for frame in frames:
            own = predictors_of(frame[half].astype(float), channel).reshape(2 + channel, -1)
            target = frame[half][channel].astype(float).ravel()
            share = 1 / (1 + numpy.abs(target).mean()) ** 2
            squares, products = squares + share * own @ own.T, products + share * own @ target
        squares += numpy.eye(2 + channel) * (1e-3 * numpy.trace(squares) / (2 + channel) + 1e-9)
        weights += numpy.rint(numpy.linalg.solve(squares, products) * (1 << PREDICTION_BITS)).clip(-REACH, REACH).astype(int).tolist()
    return weights
