"""Building blocks of the networks. There is no normalisation anywhere; zero padding everywhere.

Axes are (batch B, channels C, rows H, columns W). `fold` rewrites a trained network into the form that is exported:
the learned gains disappear into the convolution before them, and the gated convolution becomes two.
"""

import copy
import math

import torch
from torch import nn
from torch.nn import functional

LEAKY_SLOPE = 0.01  # of the published networks: LeakyReLU before the depthwise convolution, none after it
INITIAL_GAIN = 0.0  # published "zero_init_residual": every block starts as the identity


class DepthConvolution(nn.Module):
    """`gain · conv1x1( depthwise3x3( leaky( conv1x1(x) ) ) )`, the spatial half of a block."""

    def __init__(self, channels, bias=True):
        super().__init__()
        self.pointwise1 = nn.Conv2d(channels, channels, 1, bias=bias)
        self.depthwise = nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=bias)
        self.pointwise2 = nn.Conv2d(channels, channels, 1, bias=bias)
        self.gain = nn.Parameter(torch.full((1,), INITIAL_GAIN))

    def forward(self, x):
        return self.gain * self.pointwise2(self.depthwise(functional.leaky_relu(self.pointwise1(x), LEAKY_SLOPE)))


class GatedFeedForward(nn.Module):
    """`gain · conv1x1( clamp(gate, 0, 1) · value )`; the gate is the FIRST half of the expanded channels."""

    def __init__(self, channels, multiplier, bias=True):
        super().__init__()
        self.expand = nn.Conv2d(channels, channels * multiplier, 1, bias=bias)
        self.project = nn.Conv2d(channels * multiplier // 2, channels, 1, bias=bias)
        self.gain = nn.Parameter(torch.full((1,), INITIAL_GAIN))

    def forward(self, x):
        gate, value = self.expand(x).chunk(2, 1)  # (B, C·multiplier/2, H, W) each
        return self.gain * self.project(gate.clamp(0, 1) * value)


class DepthConvBlock(nn.Module):
    """The block that everything is made of: a depthwise half, a gated half, each with a residual.

    `multiplier` widens the gated half (4 in the published networks, 2 in xs); `shortcut` adds the block's input once more
    (only inside the down- and upsampling blocks); an adaptor exists only where the widths differ.
    """

    def __init__(self, inputs, channels, multiplier=4, shortcut=False, bias=True):
        super().__init__()
        if inputs != channels:
            self.adaptor = nn.Conv2d(inputs, channels, 1, bias=bias)
        self.dc = DepthConvolution(channels, bias)
        self.ffn = GatedFeedForward(channels, multiplier, bias)
        self.shortcut = shortcut

    def forward(self, x):
        if hasattr(self, "adaptor"):
            x = self.adaptor(x)  # (B, C, H, W)
        u = x + self.dc(x)
        u = u + self.ffn(u)
        return u + x if self.shortcut else u


class FoldedBlock(nn.Module):
    """A `DepthConvBlock` for export: gains folded, the gated convolution split so that the gate's clamp can be fused."""

    def __init__(self, block):
        super().__init__()
        if hasattr(block, "adaptor"):
            self.adaptor = copy.deepcopy(block.adaptor)
        self.pointwise1 = copy.deepcopy(block.dc.pointwise1)
        self.depthwise = copy.deepcopy(block.dc.depthwise)
        self.pointwise2 = scaled(block.dc.pointwise2, block.dc.gain)
        half = block.ffn.expand.out_channels // 2
        self.gate = output_slice(block.ffn.expand, slice(0, half))
        self.value = output_slice(block.ffn.expand, slice(half, 2 * half))
        self.project = scaled(block.ffn.project, block.ffn.gain)
        self.shortcut = block.shortcut

    def forward(self, x):
        if hasattr(self, "adaptor"):
            x = self.adaptor(x)
        u = x + self.pointwise2(self.depthwise(functional.leaky_relu(self.pointwise1(x), LEAKY_SLOPE)))
        u = u + self.project(self.gate(u).clamp(0, 1) * self.value(u))
        return u + x if self.shortcut else u


def scaled(conv, gain):
    """A copy of `conv` whose output is multiplied by the scalar `gain`."""
    conv = copy.deepcopy(conv)
    with torch.no_grad():
        conv.weight.mul_(gain)
        if conv.bias is not None:
            conv.bias.mul_(gain)
    return conv


def output_slice(conv, channels):
    """A 1x1 convolution that computes only the output `channels` (a slice) of `conv`."""
    weight = conv.weight[channels]
    part = nn.Conv2d(weight.shape[1], weight.shape[0], 1, bias=conv.bias is not None)
    with torch.no_grad():
        part.weight.copy_(weight)
        if conv.bias is not None:
            part.bias.copy_(conv.bias[channels])
    return part


def fold(module):
    """Replaces every `DepthConvBlock` below `module` by its folded form, in place, and returns the module."""
    for name, child in module.named_children():
        if isinstance(child, DepthConvBlock):
            setattr(module, name, FoldedBlock(child))
        else:
            fold(child)
    return module


class Upsample(nn.Module):
    """Doubles the resolution: a convolution to 4C channels, then PixelShuffle (channel-major, ONNX's "CRD")."""

    def __init__(self, inputs, channels, kernel=1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, 4 * channels, kernel, padding=kernel // 2)

    def forward(self, x):
        return functional.pixel_shuffle(self.conv(x), 2)  # (B, C, 2H, 2W)


def residual_down(inputs, channels, multiplier=4, shortcut=True):
    """Halves the resolution: conv 2x2 stride 2, then a block (in the published networks with a shortcut)."""
    return [nn.Conv2d(inputs, channels, 2, stride=2), DepthConvBlock(channels, channels, multiplier, shortcut)]


def residual_up(channels, multiplier=4):
    """Doubles the resolution: conv 1x1 + PixelShuffle, then a block with a shortcut."""
    return [Upsample(channels, channels), DepthConvBlock(channels, channels, multiplier, shortcut=True)]


def dct_basis(size):
    """The orthonormal 2-D DCT-II of a `size`x`size` cell: (coefficient, pixel), coefficients by rising frequency.

    A pixel's index is `size·row + column`, the channel order of the packed picture. Rising means by the sum of both
    frequencies, then by the vertical one.
    """
    position = torch.arange(size, dtype=torch.float64)
    rows = torch.cos(math.pi * (2 * position[None] + 1) * position[:, None] / (2 * size)) * math.sqrt(2 / size)
    rows[0] /= math.sqrt(2)
    order = sorted(((v, u) for v in range(size) for u in range(size)), key=lambda vu: (sum(vu), vu[0]))
    basis = torch.stack([torch.outer(rows[v], rows[u]).flatten() for v, u in order])
    return basis.float()  # (size², size²)
