"""The entropy model: what a symbol costs, and the integer tables that both ends of a call code with.

Integer tables are made here and, fitted to symbols, in contexts.py, nowhere else. A bundle ships them; nothing ever rebuilds them on the decoding side.
"""

import math

import numpy
import torch
from torch import nn
from torch.nn import functional

SIGMA_MIN, SIGMA_MAX, SIGMA_LEVELS = 0.11, 16.0, 128  # the official Gaussian table set: linear in sigma
SIGMA_STEP = (SIGMA_MAX - SIGMA_MIN) / (SIGMA_LEVELS - 1)
PROBABILITY_FLOOR = 1e-9  # no symbol costs more than 30 bits; published training also adds 1e-5, the known answer of xs does not
FREQUENCY_BITS = 16  # every table sums to 2^16
EXTENT_MIN, EXTENT_MAX = 2, 8  # a table covers at least ±2 and at most ±8; the rest is the escape entry
TAIL_MASS = 1e-4  # a table ends where less than this is left


class FactorizedPrior(nn.Module):
    """One learned CDF per (q row, channel) of z: four monotone stages, then a sigmoid.

    Stage k: `x ← x·softplus(h_k) + b_k`; for k < 3 also `x ← x + tanh(x)·tanh(a_k)`.
    """

    STAGES = 4

    def __init__(self, rows, channels):
        super().__init__()

        def table():
            return nn.Parameter(torch.randn(rows, channels, 1, 1) * 0.01)  # N(0, 0.01), as published

        self.h = nn.ParameterList(table() for _ in range(self.STAGES))
        self.b = nn.ParameterList(table() for _ in range(self.STAGES))
        self.a = nn.ParameterList(table() for _ in range(self.STAGES - 1))

    def cdf(self, z, row):
        """z (B, Cz, H, W), row (B,) = the UNSHIFTED q index -> P(Z <= z), in 0..1."""
        for k in range(self.STAGES):
            z = z * functional.softplus(self.h[k][row]) + self.b[k][row]
            if k < self.STAGES - 1:
                z = z + torch.tanh(z) * torch.tanh(self.a[k][row])
        return torch.sigmoid(z)

    def bits(self, z, row):
        """Estimated cost of each element of z, in bits."""
        return bits_of(self.cdf(z + 0.5, row) - self.cdf(z - 0.5, row))


def bits_of(probability):
    return -torch.log2(probability.clamp(PROBABILITY_FLOOR, 1))


def sigma_of(index):
    """Table index 0..127 -> sigma 0.11..16."""
    return SIGMA_MIN + index * SIGMA_STEP


def gaussian_bits(residual, sigma):
    """Estimated cost, in bits, of integers `residual` under a Gaussian of the same shape integrated over unit cells."""
    magnitude = residual.abs()  # the two CDFs are taken on the side where they do not cancel
    scale = math.sqrt(0.5) / sigma
    upper = torch.erfc((magnitude - 0.5) * scale)
    lower = torch.erfc((magnitude + 0.5) * scale)
    return bits_of((upper - lower) * 0.5)


def round_through(x):
    """Round half to even; the gradient passes as if nothing happened."""
    return x + (torch.round(x) - x).detach()


# --- integer tables -----------------------------------------------------------------------------------------------------------


def quantize(masses):
    """Probabilities of one table -> integers, each >= 1, whose sum is 2^16.

    The normalised running sum is rounded, so errors do not add up; entries that came out zero are raised to 1, and the
    units are borrowed one each from the entries of least mass that have more than 1, starting over when all have given.
    """
    total = 1 << FREQUENCY_BITS
    running = numpy.cumsum(numpy.asarray(masses, dtype=numpy.float64))
    edges = numpy.rint(running / running[-1] * total).astype(numpy.int64)
    frequencies = numpy.diff(edges, prepend=0)
    debt = int((frequencies == 0).sum())
    frequencies[frequencies == 0] = 1
    while debt > 0:
        lenders = [i for i in numpy.argsort(masses, kind="stable") if frequencies[i] > 1][:debt]
        frequencies[lenders] -= 1
        debt -= len(lenders)
    return frequencies.tolist()


def table_set(rows):
    """[(offset, frequencies), …] -> the three arrays of a PMF file. The last entry of each table is the escape."""
    return {
        "pmf_lengths": [len(frequencies) for _, frequencies in rows],
        "pmf_offsets": [offset for offset, _ in rows],
        "pmf_table": [value for _, frequencies in rows for value in frequencies],
    }


def gaussian_tables():
    """The 128 tables of the symbols of y, as `gaussian_pmf.json`."""

    def tail(x):  # P(N(0, 1) > x)
        return 0.5 * math.erfc(x / math.sqrt(2))

    rows = []
    for level in range(SIGMA_LEVELS):
        sigma = sigma_of(level)
        extent = next((i for i in range(EXTENT_MIN, EXTENT_MAX + 1) if tail(i / sigma) < TAIL_MASS), EXTENT_MAX)
        # Written with |k| so that both sides of the centre hold the very same float.
        masses = [tail((abs(k) - 0.5) / sigma) - tail((abs(k) + 0.5) / sigma) for k in range(-extent, extent + 1)]
        rows.append((extent, quantize(masses + [2 * tail((extent + 0.5) / sigma)])))
    return {
        "scale_min": SIGMA_MIN,
        "scale_max": SIGMA_MAX,
        "scale_levels": SIGMA_LEVELS,
        "index_space": True,
        **table_set(rows),
    }


@torch.no_grad()
def prior_tables(prior):
    """The tables of the symbols of z, as `bit_estimator_pmf.json`; table number = channel + q row · channels."""
    rows, channels = prior.h[0].shape[:2]
    prior = prior_in_double(prior)
    # CDF at every half integer from −8.5 to 8.5: edge[k + 8.5] (rows, channels)
    halves = torch.arange(-2 * EXTENT_MAX - 1, 2 * EXTENT_MAX + 2, dtype=torch.float64) / 2
    points = halves.view(1, 1, -1, 1).expand(rows, channels, -1, 1)
    cdf = prior.cdf(points, torch.arange(rows))[..., 0].numpy()  # (rows, channels, 35)

    def at(curve, x):
        return curve[int(2 * x) + 2 * EXTENT_MAX + 1]

    tables = []
    for curve in cdf.reshape(rows * channels, -1):
        extents = range(EXTENT_MIN, EXTENT_MAX + 1)
        low = next((i for i in extents if at(curve, -i) < TAIL_MASS), EXTENT_MAX)
        high = next((i for i in extents if at(curve, i) > 1 - TAIL_MASS), EXTENT_MAX)
        masses = [at(curve, k + 0.5) - at(curve, k - 0.5) for k in range(-low, high + 1)]
        escape = at(curve, -low - 0.5) + 1 - at(curve, high + 0.5)
        tables.append((low, quantize(masses + [escape])))
    return {"qp_num": rows, "channels": channels, **table_set(tables)}


def prior_in_double(prior):
    rows, channels = prior.h[0].shape[:2]
    double = FactorizedPrior(rows, channels).double()
    double.load_state_dict({name: value.detach().cpu().double() for name, value in prior.state_dict().items()})
    return double
