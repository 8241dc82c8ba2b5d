"""Where training of `mlvc-xs` begins: a discrete cosine transform with a quantiser."""

import torch
from torch import nn

from .layers import DepthConvBlock, dct_basis
from .pictures import PICTURE_CHANNELS


@torch.no_grad()
def start_as_dct(codec):
    """Starts an xs network as a transform codec: it codes pictures at 28–38 dB before any training.

    Kept per 8x8 cell: the Y/6 lowest luma and Y/24 + Y/24 lowest chroma DCT coefficients; y holds those of its 2x2 cells apart.
    """
    config = codec.config
    n, y_channels = config.hidden_channels, config.y_channels
    luma, chroma = y_channels // 6, y_channels // 24
    kept = [*range(luma), *range(64, 64 + chroma), *range(80, 80 + chroma)]
    if n != PICTURE_CHANNELS or y_channels != 4 * len(kept) or luma > 64:
        raise ValueError(f"the DCT start needs N = 96, not {n}, and Y = 24, 48, … 384, not {y_channels}")
    for module in codec.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.xavier_normal_(module.weight, gain=0.02)  # small, so that the DCT path rules at first
            nn.init.zeros_(module.bias)
    for name, module in codec.named_modules():
        if isinstance(module, DepthConvBlock):
            module.dc.gain.fill_(1.0)
            module.ffn.gain.fill_(1.0)
            if hasattr(module, "adaptor") and "prior" not in name:
                width = min(module.adaptor.weight.shape[:2])
                module.adaptor.weight[:, :width, 0, 0] += torch.eye(width)
    dct = torch.zeros(PICTURE_CHANNELS, PICTURE_CHANNELS)  # (coefficient, packed channel)
    dct[:64, :64], dct[64:80, 64:80], dct[80:, 80:] = dct_basis(8), dct_basis(4), dct_basis(4)
    codec.encoder.patch.weight[:, PICTURE_CHANNELS:, 0, 0] = dct  # on the residual half
    codec.recon.head.weight[:, :, 0, 0] = dct.t()
    codec.encoder.down.weight.zero_()
    codec.decoder.up.conv.weight.zero_()
    for position in range(4):  # 2·row + column of the cell inside a 2x2 group
        for k, coefficient in enumerate(kept):
            channel = position * len(kept) + k
            codec.encoder.down.weight[channel, coefficient, position // 2, position % 2] = 1
            codec.decoder.up.conv.weight[4 * coefficient + position, channel, 0, 0] = 1
    scale = 3.2 * 10 ** (torch.arange(config.q_rows) / 63.0)  # q 0..71 -> 3.2..44, fitted to x264's QP 24–44
    codec.q_encoder.copy_(scale.view(-1, 1, 1, 1).expand_as(codec.q_encoder))
    codec.q_recon.copy_(1 / codec.q_encoder)
    if config.direct:
        nn.init.zeros_(codec.direct.conv.weight)
        codec.q_direct.copy_(codec.q_recon)
    cells = config.y_scale_repeat * config.hyper_stride**2
    for channel in range(y_channels // config.y_scale_repeat):  # scale index = 10 × mean |y| of its group
        group = slice(y_channels + channel * config.y_scale_repeat, y_channels + (channel + 1) * config.y_scale_repeat)
        codec.hyper_encoder.weight[channel, group] = 10 / cells
    codec.prior_fusion[-1].bias[:y_channels] = 1
