"""The codec networks: published `mlvc` and `mlvc-s` (class Mlvc) and `mlvc-xs` (class MlvcXs), one frame at a time.

The same nine steps, with the same numbers, in every network, in the exported graphs and in the C# runtime's documentation:

    1 context    state -> ctx_t, ctx                        what we know of the frame before it is coded
    2 analysis   picture, ctx -> y                          (1/16)
    3 hyper      y -> z, integers                           (1/64 or 1/128); |z| names the sigma of every symbol of y
    4 prior      z, ctx_t -> params = quant step ⊕ means    with `contexts` the encoder then drops the scales that no symbol needs, and does 4 again
    5 symbols    y, params -> s0, s1, y_hat                 two checkerboard passes, the second sees the first
    6 synthesis  y_hat, ctx -> g
    7 memory     g, state -> feature, memory                gated
    8 picture    g [, y_hat] -> x_hat
    9 state      feature ⊕ memory [⊕ byte-rounded x_hat] -> the next frame's state; all zeros codes an I-frame

Every picture here is packed (pictures.py): (B, 96, H/8, W/8), value = byte/255 − 0.5.

With `motion` the picture in the state is moved block by block before step 1 (motion.py); the graphs know nothing of it.
"""

import dataclasses
import json
from typing import NamedTuple, Optional, Tuple

import torch
from torch import nn
from torch.nn import functional

from . import motion
from .dct_start import start_as_dct
from .entropy import SIGMA_LEVELS, FactorizedPrior, gaussian_bits, round_through, sigma_of
from .layers import DepthConvBlock, Upsample, residual_down, residual_up
from .motion_coding import motion_bits
from .pictures import PICTURE_CHANNELS, bytes_of_picture, packed_of_planes, picture_of_bytes, planes_of_packed

PATCH = 8  # pixels per packed cell; also the resolution of the recurrent state
LATENT_STRIDE = 16  # pixels per position of y
FORCED_ACTIVE = 0.15  # share of cells that change in training although they have no symbol
MIN_QUANT_STEP = 0.5  # published lower bound where the quant step multiplies or divides; the prior sees it raw


@dataclasses.dataclass(frozen=True)
class CodecConfig:
    """Sizes of one network; names follow the published configurations."""

    name: str
    family: str  # "mlvc" or "mlvc-xs"
    hidden_channels: int  # N
    feature_channels: int  # F; the memory is as wide
    recon_channels: int  # R
    y_channels: int  # Y
    z_channels: int  # Z
    y_scale_repeat: int  # consecutive y channels that share one scale channel of z
    hyperprior_levels: int  # z is 2^levels below y
    hyperprior: str  # "full", "mini" (both mlvc) or "single" (xs)
    spatial_channels: int
    fusion_channels: int
    extractor_blocks: Tuple[int, int]  # before and after ctx_t leaves
    encoder_blocks: int
    decoder_blocks: int
    recon_blocks: int
    fusion_blocks: int
    spatial_blocks: int
    ffn_multiplier: int
    skip_cells: bool = False  # xs: cells of y without a symbol other than zero keep the previous picture, to the byte
    motion: bool = False  # xs: the previous picture is moved block by block before a frame is coded
    direct: bool = False  # xs: y also reaches the picture by one linear step past all blocks, as fine detail does best
    contexts: bool = False  # symbols are coded by contexts within coded cells (contexts.py); in training they cost what a Gaussian says
    qp_num: int = 64  # q indices 0..63, higher is better
    qp_shift: Tuple[int, ...] = (0, 8, 4)  # by frame kind, see frame_index_map
    frame_index_map: Tuple[int, ...] = (0, 1, 0, 2, 0, 2, 0, 2)  # frame n has kind map[(n + 1) mod 8]

    @staticmethod
    def load(path):
        """Reads the `network` object of a configs/*.json file."""
        with open(path, encoding="utf-8") as file:
            fields = json.load(file)["network"]
        return CodecConfig(**{k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()})

    @property
    def q_rows(self):
        return self.qp_num + max(self.qp_shift)  # 72

    @property
    def hyper_stride(self):
        return 2**self.hyperprior_levels

    @property
    def state_channels(self):
        return 2 * self.feature_channels + (PICTURE_CHANNELS if self.family == "mlvc-xs" else 0)

    def shift(self, n):
        """Quality shift of frame n since the I-frame: 8, 0, 4, 0, 4, 0, 4, 0, …"""
        return self.qp_shift[self.frame_index_map[(n + 1) % len(self.frame_index_map)]]


class Symbols(NamedTuple):
    """What a frame's bytes hold, as integral floats."""

    z: torch.Tensor  # (B, Z, h, w) at 1/(16·hyper_stride)
    s0: torch.Tensor  # (B, Y/2, H/16, W/16)
    s1: torch.Tensor  # (B, Y/2, H/16, W/16)


class FrameResult(NamedTuple):
    symbols: Symbols
    x_hat: torch.Tensor  # (B, 96, H/8, W/8), not yet clamped
    state: torch.Tensor  # (B, state_channels, H/8, W/8)
    bits: Optional[torch.Tensor]  # (B,) estimated bits of the frame
    vectors: Optional[torch.Tensor] = None  # (B, 2, H/16, W/16), see `moved`; of a network that moves blocks


def build(config):
    return {"mlvc": Mlvc, "mlvc-xs": MlvcXs}[config.family](config)


def blocks(widths, multiplier):
    """A chain of DepthConvBlocks through the given channel widths."""
    return [DepthConvBlock(a, b, multiplier) for a, b in zip(widths, widths[1:])]


class Codec(nn.Module):
    """Steps 3 to 5 and the frame loop, shared by every network. Subclasses define the transforms."""

    def __init__(self, config):
        super().__init__()
        self.config = config

        def q_table(channels):
            return nn.Parameter(torch.ones(config.q_rows, channels, 1, 1))

        self.q_encoder = q_table(config.hidden_channels)
        self.q_decoder = q_table(config.feature_channels)
        self.q_feature = q_table(config.hidden_channels)
        self.q_recon = q_table(config.recon_channels)
        self.feature_adaptor = nn.Conv2d(config.feature_channels, config.feature_channels, 1)
        self.z_prior = FactorizedPrior(config.q_rows, config.z_channels)
        if config.contexts:  # channels of one scale spread differently; the coding by contexts finds that out by itself
            self.spread = nn.Parameter(torch.zeros(config.y_channels))  # log of a channel's sigma in those of its scale; used in training only, never exported

    # --- the transforms; row (B,) int = SHIFTED q index -------------------------------------------------------------------

    def native(self, x):
        """A packed picture in the layout of this network's graphs (packed itself unless a subclass says otherwise)."""
        return x

    def packed(self, picture):
        """The inverse of `native`."""
        return picture

    def context(self, state, row):
        raise NotImplementedError

    def analysis(self, x, state, ctx, row):
        raise NotImplementedError

    def hyper_analysis(self, y):
        raise NotImplementedError

    def synthesis(self, y_hat, active, ctx, state, row):
        """active: see `activity` -> x_hat (native layout, unclamped), next state"""
        raise NotImplementedError

    # --- shared steps -----------------------------------------------------------------------------------------------------

    def prior(self, z_hat, temporal):
        """Step 4. z_hat, what `temporal_prior` made of ctx_t -> params (B, 2Y, H/16, W/16)."""
        hyper = self.hyper_decoder(z_hat)
        rows, columns = size_of(temporal)
        if size_of(hyper) != (rows, columns):
            hyper = hyper[..., :rows, :columns]  # y was padded for the hyper step
        return self.prior_fusion(torch.cat([hyper, temporal], 1))

    def pad_latent(self, y):
        """Edge-pads y right and bottom to whole cells of z."""
        for axis, length in zip((2, 3), size_of(y)):
            padding = -length % self.config.hyper_stride
            if padding:
                y = torch.index_select(y, axis, torch.arange(length + padding, device=y.device).clamp_max(length - 1))
        return y

    def unpack_symbols(self, s0, s1_of, params):
        """Step 5 as both ends run it: s0 and then s1 = s1_of(means_1) -> s0, s1, y_hat (B, Y, H/16, W/16).

        `E` marks positions with row + column even. s0 holds the first half of the channels on E and the second half
        elsewhere; s1 holds the rest. The means pass a split and a product before any sum, so that a runtime cannot fuse
        the convolution that makes them with that sum in one graph and not in the other: both graphs must compute the
        state byte for byte alike.
        """
        even, odd = checkerboard(params)  # (1, 1, H/16, W/16)
        half = self.config.y_channels // 2
        step_raw, mean_a, mean_b = params.split([2 * half, half, half], 1)  # (B, Y, H/16, W/16), (B, Y/2, …) twice
        step = step_raw.clamp_min(MIN_QUANT_STEP)
        s0 = s0(mean_a * even + mean_b * odd, step)
        first = torch.cat([(s0 + mean_a) * even, (s0 + mean_b) * odd], 1)  # h0 (B, Y, H/16, W/16)
        mean_a, mean_b = self.spatial_prior(torch.cat([first, params], 1)).split([half, half], 1)
        s1 = s1_of(mean_a * odd + mean_b * even, step)
        second = torch.cat([(s1 + mean_a) * odd, (s1 + mean_b) * even], 1)  # h1
        return s0, s1, (first + second) * step

    def in_use(self, y, params, cells=1):
        """What the encoder keeps of z -> (B, Z, H/64, W/64): 0 for scales of symbols that would all be zero and for all of z where every symbol would, else 1.

        y (B, Y, H/16, W/16); params: what `prior` makes of the whole z; cells: see `encode`. What is dropped was half of all bits in still pictures (experiments.md). Symbols
        are taken as they would be without the spatial prior: that saves its time and decides as well.
        """
        config = self.config
        scales = config.y_channels // config.y_scale_repeat
        step, mean = params.chunk(2, 1)
        sizes = torch.round(y / step.clamp_min(MIN_QUANT_STEP) - mean).abs() * cells  # (B, Y, H/16, W/16)
        sizes = functional.max_pool2d(self.pad_latent(sizes), config.hyper_stride)
        used = sizes.reshape(sizes.shape[0], scales, config.y_scale_repeat, *size_of(sizes)).sum(2).clamp_max(1)
        others = used.amax(1, keepdim=True).repeat(1, config.z_channels - scales, 1, 1)
        return torch.cat([used, others], 1).detach()

    def activity(self, s0, s1):
        """-> (B, 1, H/16, W/16): 1 where a symbol of the cell is not zero, else 0."""
        return (s0.abs().sum(1, keepdim=True) + s1.abs().sum(1, keepdim=True)).clamp_max(1).detach()

    def quantize(self, y, params, cells=1):
        """Step 5 on the encoding side -> s0, s1, y_hat, and the residuals before rounding (for the rate)."""
        even, odd = checkerboard(params)
        half = self.config.y_channels // 2
        residuals = []

        def coder(mask_a, mask_b):
            def code(mean, step):
                a, b = (y / step).split([half, half], 1)
                residuals.append(a * mask_a + b * mask_b - mean)
                return round_through(residuals[-1]) if self.training else torch.round(residuals[-1]) * cells

            return code

        s0, s1, y_hat = self.unpack_symbols(coder(even, odd), coder(odd, even), params)
        return s0, s1, y_hat, residuals

    def dequantize(self, s0, s1, params):
        """Step 5 on the decoding side -> y_hat."""
        return self.unpack_symbols(lambda mean, step: s0, lambda mean, step: s1, params)[2]

    def sigmas(self, z_hat, rows, columns):
        """The sigmas of s0 and s1, (B, Y/2, rows, columns) each."""
        sigmas = [sigma_of(index) for index in self.scale_indices(z_hat, rows, columns)]
        if not self.config.contexts:
            return sigmas
        a, b = self.spread.exp().view(1, -1, 1, 1).chunk(2, 1)
        even, odd = checkerboard(sigmas[0])
        return [sigmas[0] * (a * even + b * odd), sigmas[1] * (a * odd + b * even)]

    def scale_indices(self, z_hat, rows, columns):
        """|z| -> expand: the scale indices of s0 and s1, (B, Y/2, rows, columns) each. Needs integers only."""
        config = self.config
        index = z_hat[:, : config.y_channels // config.y_scale_repeat].abs().clamp_max(SIGMA_LEVELS - 1)
        index = index.repeat_interleave(config.y_scale_repeat, 1)  # (B, Y, h, w)
        index = index.repeat_interleave(config.hyper_stride, 2).repeat_interleave(config.hyper_stride, 3)
        a, b = index[..., :rows, :columns].chunk(2, 1)
        even, odd = checkerboard(a)
        return a * even + b * odd, a * odd + b * even

    def forward(self, x, state, q, shift):
        """One frame. x (B, 96, H/8, W/8) in −0.5..0.5; state from `zero_state` or the last result; q (B,) int 0..63; shift int.

        In training mode the rate comes from additive uniform noise and everything else from straight-through rounding.
        """
        row = q + shift
        state, vectors, vector_bits = self.moved(x, state, q) if self.config.motion else (state, None, 0)
        ctx_t, ctx = self.context(state, row)
        y = self.analysis(self.native(x), state, ctx, row).float()  # (B, Y, H/16, W/16)
        z = self.hyper_analysis(self.pad_latent(y)).float()
        z_hat = round_through(z) if self.training else torch.round(z)
        temporal, used = self.temporal_prior(ctx_t), 1
        if self.config.contexts:
            with torch.no_grad():
                used = self.in_use(y, self.prior(z_hat, temporal).float())
        z_hat = z_hat * used
        s0, s1, y_hat, residuals = self.quantize(y, self.prior(z_hat, temporal).float())
        if self.training:
            noisy = [r + torch.rand_like(r) - 0.5 for r in residuals]
            z_coded = (z + torch.rand_like(z) - 0.5) * used
        else:
            noisy, z_coded = (s0, s1), z_hat
        bits = vector_bits + self.z_prior.bits(z_coded, q).sum((1, 2, 3))
        for residual, sigma in zip(noisy, self.sigmas(z_hat, *y.shape[-2:])):
            bits = bits + gaussian_bits(residual, sigma).sum((1, 2, 3))
        x_hat, state = self.synthesis(y_hat, self.activity(s0, s1), ctx, state, row)
        return FrameResult(Symbols(z_hat, s0, s1), self.packed(x_hat), state, bits, vectors)

    def encode(self, x, state, row, cells=1):
        """The encoder graph: x (native layout), state, shifted row -> next state, symbols.

        cells (B, 1, H/16, W/16): 0 where no symbol may be coded, else 1.
        """
        ctx_t, ctx = self.context(state, row)
        y = self.analysis(x, state, ctx, row)
        z = torch.round(self.hyper_analysis(self.pad_latent(y)))
        temporal = self.temporal_prior(ctx_t)
        if self.config.contexts:
            z = z * self.in_use(y, self.prior(z, temporal), cells)
        s0, s1, y_hat, _ = self.quantize(y, self.prior(z, temporal), cells)
        _, state = self.synthesis(y_hat, self.activity(s0, s1), ctx, state, row)
        return state, Symbols(z, s0, s1)

    def decode(self, symbols, state, row):
        """The decoder graph: symbols, state, shifted row -> x_hat (native layout, unclamped), next state."""
        ctx_t, ctx = self.context(state, row)
        y_hat = self.dequantize(symbols.s0, symbols.s1, self.prior(symbols.z, self.temporal_prior(ctx_t)))
        return self.synthesis(y_hat, self.activity(symbols.s0, symbols.s1), ctx, state, row)

    def zero_state(self, x):
        """The state before an I-frame of the size of x."""
        return x.new_zeros(x.shape[0], self.config.state_channels, *x.shape[-2:])

    def remember(self, g, memory, gate, row):
        """Step 7: state, forget, output gates in that order; the memory is stored unscaled -> feature, memory."""
        candidate, forget, output = g.split([self.config.feature_channels] * 3, 1)  # (B, F, H/8, W/8) each
        memory = candidate + gate(forget) * (memory - candidate)
        return gate(output) * memory * row_of(self.q_decoder, row), memory


class Mlvc(Codec):
    """The published networks (18.3 M and 5.4 M parameters). Inside, pictures are 4:4:4 planes."""

    def __init__(self, config):
        super().__init__(config)
        n, f, y, z = config.hidden_channels, config.feature_channels, config.y_channels, config.z_channels
        m, levels, patch_channels = config.ffn_multiplier, config.hyperprior_levels, 3 * PATCH * PATCH
        # Bias-free, so that a gray reference means the zero state; used in training only, never exported.
        self.frame_adaptor = DepthConvBlock(patch_channels, 2 * f, m, bias=False)
        before, after = config.extractor_blocks
        self.feature_extractor = nn.Sequential(*blocks([f] + [n] * before, m), *blocks([n] * (after + 1), m))
        self.encoder = nn.Module()
        self.encoder.patch = nn.Conv2d(patch_channels, n, 1)
        self.encoder.blocks = nn.Sequential(*blocks([2 * n] + [n] * config.encoder_blocks, m))
        self.encoder.down = nn.Conv2d(n, y, 3, stride=2, padding=1)
        if config.hyperprior == "full":
            down = [part for _ in range(levels) for part in residual_down(z, z, m)]
            up = [part for _ in range(levels) for part in residual_up(z, m)]
            self.hyper_encoder = nn.Sequential(DepthConvBlock(y, z, m), *down)
            self.hyper_decoder = nn.Sequential(*up, DepthConvBlock(z, y, m))
        else:  # "mini": linear chains
            widths = [y] + [z] * levels
            self.hyper_encoder = nn.Sequential(*(nn.Conv2d(a, b, 2, stride=2) for a, b in zip(widths, widths[1:])))
            widths = [z] * levels + [y]
            self.hyper_decoder = nn.Sequential(*(Upsample(a, b) for a, b in zip(widths, widths[1:])))
        self.temporal_prior = nn.Sequential(*residual_down(n, 2 * y, m))
        mid, p = config.fusion_channels, config.spatial_channels
        self.prior_fusion = nn.Sequential(*blocks([3 * y] + [mid] * config.fusion_blocks, m), nn.Conv2d(mid, 2 * y, 1))
        self.spatial_prior = nn.Sequential(*blocks([3 * y] + [p] * config.spatial_blocks, m), nn.Conv2d(p, y, 1))
        self.decoder = nn.Module()
        self.decoder.up = Upsample(y, n, kernel=3)
        self.decoder.blocks = nn.Sequential(*blocks([2 * n] + [n] * config.decoder_blocks, m))
        self.decoder.head = nn.Conv2d(n, 3 * f, 1)
        self.recon = nn.Module()
        self.recon.blocks = nn.Sequential(*blocks([f] + [config.recon_channels] * config.recon_blocks, m))
        self.recon.head = nn.Conv2d(config.recon_channels, patch_channels, 1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.xavier_normal_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def state_of_picture(self, x):
        """A state from a reference picture alone, as in published training. x packed -> (B, 2F, H/8, W/8)."""
        return self.frame_adaptor(functional.pixel_unshuffle(planes_of_packed(x), PATCH))

    def context(self, state, row):
        feature, _ = state.split([self.config.feature_channels] * 2, 1)
        before = self.config.extractor_blocks[0]
        first = self.feature_extractor[:before](self.feature_adaptor(feature))  # (B, N, H/8, W/8)
        return first * row_of(self.q_feature, row), self.feature_extractor[before:](first)

    def native(self, x):
        return planes_of_packed(x)

    def packed(self, picture):
        return packed_of_planes(picture)

    def analysis(self, x, state, ctx, row):
        """x: planes (B, 3, H, W) in −0.5..0.5 -> y (B, Y, H/16, W/16)."""
        e = self.encoder.patch(functional.pixel_unshuffle(x, PATCH))
        e = self.encoder.blocks(torch.cat([e, ctx], 1))
        return self.encoder.down(e * row_of(self.q_encoder, row))

    def hyper_analysis(self, y):
        return self.hyper_encoder(y)

    def synthesis(self, y_hat, active, ctx, state, row):
        g = self.decoder.blocks(torch.cat([self.decoder.up(y_hat), ctx], 1))  # (B, N, H/8, W/8)
        memory = state.split([self.config.feature_channels] * 2, 1)[1]
        feature, memory = self.remember(self.decoder.head(g), memory, torch.sigmoid, row)
        state = torch.cat([feature, memory], 1)
        head = self.recon.head(self.recon.blocks(feature) * row_of(self.q_recon, row))  # (B, 192, H/8, W/8)
        return functional.pixel_shuffle(head, PATCH), state


class MlvcXs(Codec):
    """The small relative for CPUs (1.1 to 1.7 M parameters): packed pictures, and a residual path over the previous picture."""

    def __init__(self, config):
        super().__init__(config)
        n, f, y, z = config.hidden_channels, config.feature_channels, config.y_channels, config.z_channels
        m, stride = config.ffn_multiplier, config.hyper_stride
        before, after = config.extractor_blocks
        self.feature_extractor = nn.Sequential(
            *blocks([f + PICTURE_CHANNELS] + [n] * before, m), *blocks([n] * (after + 1), m)
        )
        self.encoder = nn.Module()
        self.encoder.patch = nn.Conv2d(2 * PICTURE_CHANNELS, n, 1)
        self.encoder.blocks = nn.Sequential(*blocks([2 * n] + [n] * config.encoder_blocks, m))
        self.encoder.down = nn.Conv2d(n, y, 2, stride=2)
        self.hyper_encoder = nn.Conv2d(2 * y, z, stride, stride=stride)
        self.hyper_decoder = nn.Sequential(nn.Conv2d(z, z * stride**2, 1), nn.PixelShuffle(stride))
        self.temporal_prior = nn.Sequential(*residual_down(n, n, m, shortcut=False))  # as the known answer has it
        mid, p = config.fusion_channels, config.spatial_channels
        self.prior_fusion = nn.Sequential(*blocks([z + n] + [mid] * config.fusion_blocks, m), nn.Conv2d(mid, 2 * y, 1))
        self.spatial_prior = nn.Sequential(*blocks([3 * y] + [p] * config.spatial_blocks, m), nn.Conv2d(p, y, 1))
        self.decoder = nn.Module()
        self.decoder.up = Upsample(y, n)
        self.decoder.blocks = nn.Sequential(*blocks([2 * n] + [n] * config.decoder_blocks, m))
        self.decoder.head = nn.Conv2d(n, 3 * f, 1)
        self.recon = nn.Module()
        self.recon.blocks = nn.Sequential(*blocks([n] + [config.recon_channels] * config.recon_blocks, m))
        self.recon.head = nn.Conv2d(config.recon_channels, PICTURE_CHANNELS, 1)
        if config.direct:
            self.direct = Upsample(y, PICTURE_CHANNELS)
            self.q_direct = nn.Parameter(torch.ones(config.q_rows, PICTURE_CHANNELS, 1, 1))
        start_as_dct(self)

    def parts_of(self, state):
        """-> feature (B, F, h, w), memory (B, F, h, w), previous picture (B, 96, h, w)."""
        f = self.config.feature_channels
        return state.split([f, f, PICTURE_CHANNELS], 1)

    def context(self, state, row):
        feature, _, previous = self.parts_of(state)
        before = self.config.extractor_blocks[0]
        first = self.feature_extractor[:before](torch.cat([self.feature_adaptor(feature), previous], 1))
        return first * row_of(self.q_feature, row), self.feature_extractor[before:](first)

    def analysis(self, x, state, ctx, row):
        previous = self.parts_of(state)[2]
        h = self.encoder.patch(torch.cat([x, x - previous], 1)) * row_of(self.q_encoder, row)  # (B, N, H/8, W/8)
        return self.encoder.down(self.encoder.blocks(torch.cat([h, ctx], 1)))

    def hyper_analysis(self, y):
        return self.hyper_encoder(torch.cat([y, y.abs()], 1))

    def synthesis(self, y_hat, active, ctx, state, row):
        _, memory, previous = self.parts_of(state)
        g = self.decoder.blocks(torch.cat([self.decoder.up(y_hat), ctx], 1))  # (B, N, H/8, W/8)
        feature, memory = self.remember(self.decoder.head(g), memory, hard_sigmoid, row)
        change = self.recon.head(self.recon.blocks(g) * row_of(self.q_recon, row))
        if self.config.direct:
            change = change + self.direct(y_hat) * row_of(self.q_direct, row)
        if self.config.skip_cells:
            change = change * self.changing(active, previous)
        x_hat = previous + change
        rounded = picture_of_bytes(bytes_of_picture(x_hat, round_through if self.training else torch.round))
        return x_hat, torch.cat([feature, memory, rounded], 1)

    def moved(self, x, state, q):
        """The state with the blocks of its picture where x (B, 96, H/8, W/8) needs them, their vectors and what those cost (B,), estimated. A zero state stays, for nothing."""
        previous = self.parts_of(state)[2]
        known = (previous.abs().amax((1, 2, 3)) > 0).to(x.dtype)  # no byte of a picture is 0 here
        values = bytes_of_picture(previous.detach())
        vectors = motion.search(bytes_of_picture(x), values, motion.price_of(q))
        change = (picture_of_bytes(motion.compensate(values, vectors)) - previous.detach()) * known.view(-1, 1, 1, 1)
        # The gradient passes as if nothing had moved: most blocks have not.
        return torch.cat([state[:, :-PICTURE_CHANNELS], previous + change], 1), vectors * known.view(-1, 1, 1, 1), motion_bits(vectors) * known

    def changing(self, active, previous):
        """-> (B, 1, H/8, W/8), 1 or 0: where the previous picture may change. Everywhere in an I-frame: no byte of a picture is 0 here."""
        if self.training:  # some at random, so that cells learn when a symbol would pay
            active = torch.maximum(active, (torch.rand_like(active) < FORCED_ACTIVE).to(active.dtype))
        known = (previous[:, :1].abs() * 1020).clamp_max(1)  # |byte/255 − 0.5| is 1/510 or more
        return 1 - known * (1 - functional.interpolate(active, scale_factor=2.0, mode="nearest"))


# --- small functions ----------------------------------------------------------------------------------------------------------


def row_of(table, row):
    """Rows of a q table [72, C, 1, 1] -> (B, C, 1, 1)."""
    return torch.index_select(table, 0, row)


def size_of(tensor):
    """-> rows, columns as plain integers, constants of an exported graph."""
    return int(tensor.shape[-2]), int(tensor.shape[-1])


def hard_sigmoid(x):
    return (x / 6 + 0.5).clamp(0, 1)


def checkerboard(like):
    """-> E, O (1, 1, H, W) of ones and zeros: E is 1 where row + column is even, O = 1 − E."""
    rows, columns = size_of(like)
    parity = (torch.arange(rows)[:, None] + torch.arange(columns)[None]) % 2
    odd = parity.to(like.dtype).to(like.device).view(1, 1, rows, columns)
    return 1 - odd, odd
