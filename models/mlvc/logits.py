"""Choices whose odds are sums of trained logits, integers only (docs/bitstream.md §12; C#: Codec/Entropy/MixedOdds).

Several tables look at what is known from several sides, each gives the logit of a yes, and their sum is the odds: context mixing (Mahoney 2005) without weights,
since the tables are trained together. In a frame every answer moves the logits that foretold it a little; the next frame begins with the trained ones again,
so that it can be read when this one is lost.
"""

import math

import numpy
import torch

from . import rans
from .entropy import FREQUENCY_BITS

ONE = 4096  # a logit of 1
MOST = 32767
LOGISTIC = [round(65536 / (1 + math.exp(8 - n / 2))) for n in range(33)]  # docs/bitstream.md holds the numbers
RATE = 82  # 65536 · 0.02: how far an answer moves the logits
NONE = -1  # no table looks from this side
Q_STEP = 8  # quality indices that share logits

LEARNING_RATE, CHUNK = 0.2, 1024  # of the fit, Adagrad (Duchi et al. 2011), in logits
FURTHEST = 8.0


def bins(starts, values):
    """-> how many of `starts` each value reaches"""
    return numpy.searchsorted(starts, values, "right")


def shifted(values, down, right):
    """What lies that much before each position in its last two axes; outside, zero"""
    margin = max(abs(down), abs(right), 1)
    padded = numpy.pad(values, [(0, 0)] * (values.ndim - 2) + [(margin, margin)] * 2)
    rows, columns = values.shape[-2:]
    return padded[..., margin - down : margin - down + rows, margin - right : margin - right + columns]


def bases_of(counts):
    """-> where each table begins, and how many logits there are in all"""
    ends = numpy.cumsum(counts)
    return ends - numpy.array(counts), int(ends[-1])


def asked(logits, places, answer):
    """A choice as a step of a rANS stream; the logits learn from the answer. Without places both answers are as likely."""
    if not places:
        return even(answer)
    yes = yes_slots(sum(logits[place] for place in places))
    step = (((65536 if answer else 0) - yes) * RATE + 32768) >> 16
    for place in places:
        logits[place] = min(max(logits[place] + step, -MOST), MOST)
    return (65536 - yes, yes, FREQUENCY_BITS) if answer else (0, 65536 - yes, FREQUENCY_BITS)


def even(answer):
    return (rans.SLOTS // 2 if answer else 0, rans.SLOTS // 2, FREQUENCY_BITS)


def yes_slots(logit):
    """Of 2^16: the logistic of a sum of logits, in straight pieces"""
    x = min(max(logit, -MOST), MOST) + 32768
    n, part = x >> 11, x & 2047
    return LOGISTIC[n] + ((LOGISTIC[n + 1] - LOGISTIC[n]) * part >> 11)


def steps_of(trained, choices):
    """choices: places (n, tables), `NONE` where there is none, and answers (n,), in the order of reading -> steps of a rANS stream"""
    logits = list(trained)
    places, answers = choices
    return [asked(logits, [place for place in own if place != NONE], bool(answer)) for own, answer in zip(places.tolist(), answers.tolist())]


class Choices:
    """Choices of one frame, gathered kind after kind and put in the order of reading."""

    def __init__(self, tables):
        self.tables, self.parts = tables, []

    def add(self, order, places, answers):
        """order (n,) sorts all choices of the frame; places: up to `tables` arrays (n,); answers (n,)"""
        table = numpy.full((len(order), self.tables), NONE, numpy.int32)
        for k, column in enumerate(places):
            table[:, k] = column
        self.parts.append((order, table, numpy.asarray(answers).astype(numpy.uint8)))

    def ordered(self):
        """-> places (n, tables), answers (n,)"""
        order, places, answers = (numpy.concatenate(part) for part in zip(*self.parts))
        index = numpy.argsort(order, kind="stable")
        return places[index], answers[index]


class Fit:
    """Logits learnt from choices. Adagrad, each choice counted as if it came alone."""

    def __init__(self, total):
        self.total = total
        self.logits, self.squares = torch.zeros(total + 1), torch.ones(total + 1)  # the last stands for `NONE`
        self.bits = self.choices = 0

    def learn(self, frames):
        """frames: [(places (n, tables), answers (n,)), …]"""
        places = torch.from_numpy(numpy.concatenate([places for places, _ in frames])).long().t()
        answers = torch.from_numpy(numpy.concatenate([answers for _, answers in frames])).float()
        places = torch.where(places == NONE, self.total, places)
        order = torch.randperm(len(answers), generator=torch.Generator().manual_seed(self.choices))
        self.choices += len(answers)
        for chunk in order.split(CHUNK):
            own, answer = places[:, chunk], answers[chunk]
            chance = torch.sigmoid(self.logits[own].sum(0).clamp(-FURTHEST, FURTHEST))
            self.bits -= float(torch.log2(torch.where(answer > 0, chance, 1 - chance)).sum())
            spread, flat = (answer - chance).expand(len(own), -1).reshape(-1), own.reshape(-1)
            self.squares.index_add_(0, flat, spread.square())
            self.logits.index_add_(0, flat, LEARNING_RATE * spread / self.squares[flat].sqrt())
            self.logits[self.total] = 0

    def table(self):
        """The logits as integers"""
        return (self.logits[: self.total] * ONE).round().clamp(-MOST, MOST).int().tolist()
