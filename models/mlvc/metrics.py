"""How good a picture is."""

import torch

from .pictures import unpack420

PLANE_WEIGHTS = (6, 1, 1)  # published: PSNR = (6·Y + U + V) / 8 of per-plane PSNR
PEAK = 255.0


def psnr_611(reference, decoded, width, height):
    """Packed pictures (B, 96, H/8, W/8) of 8-bit values; only width x height pixels count -> (B,) dB."""
    total = 0
    for weight, a, b, half in zip(PLANE_WEIGHTS, unpack420(reference), unpack420(decoded), (1, 2, 2)):
        difference = (a - b)[..., : height // half, : width // half].double()
        mse = difference.square().mean((1, 2, 3)).clamp_min(1e-3)  # a perfect plane counts as 78 dB
        total = total + weight * 10 * torch.log10(PEAK**2 / mse)
    return total / sum(PLANE_WEIGHTS)
