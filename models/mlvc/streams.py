"""Frames as real bytes, with scales from either source: sent in z, as this codec does, or predicted by the network, as most do.

A scale is the number of an integer table. Sent, it is |z|: an integer that both ends read. Predicted, it is a rounded float that both
ends compute, and a decoder whose float falls on the other side of a rounding edge reads with the wrong table: every symbol after that is noise.
Everything else is the same network, the same tables, the same symbols and the same pictures.
"""

from typing import NamedTuple, Optional

import numpy
import torch
from torch import nn
from torch.nn import functional

from . import rans
from .codec import Symbols, blocks, checkerboard, row_of, size_of
from .entropy import SIGMA_LEVELS, SIGMA_MAX, SIGMA_MIN, SIGMA_STEP, gaussian_tables, prior_tables

START_SIGMA = 0.5  # of an untrained head: about what symbols of a P-frame have
LARGEST = 1 << 12  # no picture has such symbols, a misread stream has; keeps a decoder that goes on from overflowing


class ScaleHead(nn.Module):
    """Sigmas of s0 from all that is known before it, and of s1 from that and s0, as in DCVC-RT's two steps."""

    def __init__(self, config, width=64):
        super().__init__()
        y = config.y_channels
        known = 2 * config.z_channels + config.hidden_channels + 2 * y  # see `known_of`
        self.first = nn.Sequential(*blocks([known, width], config.ffn_multiplier))
        self.second = nn.Sequential(*blocks([known + y, width], config.ffn_multiplier))
        self.quality = nn.ParameterList(nn.Parameter(torch.ones(config.q_rows, width, 1, 1)) for _ in range(2))
        self.heads = nn.ModuleList(nn.Conv2d(width, y, 1) for _ in range(2))
        for head in self.heads:
            nn.init.constant_(head.bias, float(numpy.log(numpy.expm1(START_SIGMA - SIGMA_MIN))))

    def sigma(self, step, known, row):
        """step 0 or 1, known (B, known [+ Y], H/16, W/16), row (B,) -> (B, Y/2, H/16, W/16)"""
        h = (self.first, self.second)[step](known) * row_of(self.quality[step], row)
        a, b = (SIGMA_MIN + functional.softplus(self.heads[step](h))).clamp_max(SIGMA_MAX).chunk(2, 1)
        even, odd = checkerboard(a)
        return a * even + b * odd if step == 0 else a * odd + b * even


def unpacked(s0):
    """s0 -> each symbol in its own channel, (B, Y, H/16, W/16)."""
    even, odd = checkerboard(s0)
    return torch.cat([s0 * even, s0 * odd], 1)


def prior_of(codec, z_hat, ctx_t):
    """Step 4, and what a scale head may see -> params, known. Both from integers and the state only."""
    temporal = codec.temporal_prior(ctx_t)
    rows, columns = size_of(temporal)
    hyper = codec.hyper_decoder(z_hat)[..., :rows, :columns]
    params = codec.prior_fusion(torch.cat([hyper, temporal], 1))
    magnitude = z_hat.abs()
    for axis in (2, 3):
        magnitude = magnitude.repeat_interleave(codec.config.hyper_stride, axis)
    return params, torch.cat([hyper, temporal, params, magnitude[..., :rows, :columns]], 1)


def table_numbers(sigma):
    return torch.round((sigma - SIGMA_MIN) / SIGMA_STEP).clamp(0, SIGMA_LEVELS - 1).long()


class CodedFrame(NamedTuple):
    sent: bytes  # the stream with scales in z
    predicted: Optional[bytes]  # the same symbols with scales from the head
    sent_bytes: dict  # where `sent` goes: "scales" = the channels of z that hold them, "hyper" = the others, "symbols"
    symbols: Symbols
    numbers: Optional[list]  # table numbers of s0 and s1 as the head computed them here
    x_hat: torch.Tensor
    state: torch.Tensor


class DecodedFrame(NamedTuple):
    error: Optional[str]  # why the stream is refused; the rest is then what a decoder without checks would show
    symbols: Symbols
    numbers: list
    x_hat: torch.Tensor
    state: torch.Tensor


class StreamCodec:
    """One end: a codec as some arithmetic computes it, a scale head or none, and the integer tables of the model, which travel with it."""

    def __init__(self, codec, tables, head=None):
        if codec.config.motion or codec.config.contexts:
            raise ValueError(f"{codec.config.name}: streams here know neither vectors nor contexts; take a configuration without them")
        self.codec, self.head, (self.gaussian, self.prior) = codec, head, tables

    @staticmethod
    def tables_of(codec):
        return rans.Tables(gaussian_tables()), rans.Tables(prior_tables(codec.z_prior))

    def z_numbers(self, shape, q):
        _, channels, rows, columns = shape
        return numpy.repeat(numpy.arange(channels) + q * channels, rows * columns)

    def sent_numbers(self, z_hat, rows, columns):
        return [table_numbers(sigma) for sigma in self.codec.sigmas(z_hat, rows, columns)]

    @staticmethod
    def take(stream, tables, numbers, shape):
        return torch.from_numpy(stream.take(tables, numbers)).view(shape).float().clamp(-LARGEST, LARGEST)

    @torch.no_grad()
    def encode(self, x, state, q, shift):
        """x (1, 96, H/8, W/8), q and shift int -> CodedFrame"""
        codec, row = self.codec, torch.tensor([q + shift])
        ctx_t, ctx = codec.context(state, row)
        y = codec.analysis(x, state, ctx, row)
        z = torch.round(codec.hyper_analysis(codec.pad_latent(y)))
        params, known = prior_of(codec, z, ctx_t)
        s0, s1, y_hat, _ = codec.quantize(y, params)
        x_hat, state = codec.synthesis(y_hat, codec.activity(s0, s1), ctx, state, row)
        hyper = (self.prior, z, self.z_numbers(z.shape, q))
        numbers, predicted = None, None
        if self.head is not None:
            sigmas = self.head.sigma(0, known, row), self.head.sigma(1, torch.cat([known, unpacked(s0)], 1), row)
            numbers = [table_numbers(sigma) for sigma in sigmas]
            predicted = rans.encode([hyper, *((self.gaussian, s, n) for s, n in zip((s0, s1), numbers))])
        symbols = [(self.gaussian, s, n) for s, n in zip((s0, s1), self.sent_numbers(z, *size_of(s0)))]
        sent = rans.encode([hyper, *symbols])
        scales = codec.config.y_channels // codec.config.y_scale_repeat * z[0, 0].numel()
        others = len(rans.encode([(self.prior, z.flatten()[scales:], hyper[2][scales:])]))
        whole = len(rans.encode([hyper]))
        parts = {"scales": whole - others, "hyper": others, "symbols": len(sent) - whole}
        return CodedFrame(sent, predicted, parts, Symbols(z, s0, s1), numbers, x_hat, state)

    @torch.no_grad()
    def decode(self, data, state, q, shift, predicted):
        """data as `encode` wrote it; predicted: which of its two streams -> DecodedFrame"""
        codec, row, stream = self.codec, torch.tensor([q + shift]), rans.Decoder(data)
        rows, columns = (side // 2 for side in size_of(state))
        cells = (1, codec.config.z_channels, *(-(-side // codec.config.hyper_stride) for side in (rows, columns)))
        ctx_t, ctx = codec.context(state, row)
        z = self.take(stream, self.prior, self.z_numbers(cells, q), cells)
        params, known = prior_of(codec, z, ctx_t)
        sent, numbers, halves = self.sent_numbers(z, rows, columns), [], []

        def half(*_):
            step = len(halves)
            if predicted:
                seen = known if step == 0 else torch.cat([known, unpacked(halves[0])], 1)
                numbers.append(table_numbers(self.head.sigma(step, seen, row)))
            else:
                numbers.append(sent[step])
            halves.append(self.take(stream, self.gaussian, numbers[step], (1, codec.config.y_channels // 2, rows, columns)))
            return halves[step]

        s0, s1, y_hat = codec.unpack_symbols(half, half, params)
        x_hat, state = codec.synthesis(y_hat, codec.activity(s0, s1), ctx, state, row)
        return DecodedFrame(stream.finish(), Symbols(z, s0, s1), numbers, x_hat, state)
