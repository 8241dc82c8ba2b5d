"""Pictures as the networks see them: packed 4:2:0 at 1/8 resolution, (B, 96, H/8, W/8).

Channels 0–63 are luma (8·dy + dx), 64–79 U and 80–95 V (4·dy + dx of the half-size plane); value = byte/255 − 0.5.
"""

import numpy
import torch
from torch.nn import functional

PICTURE_CHANNELS = 96  # 64 luma + 16 U + 16 V


def bytes_of_picture(x, rounding=torch.round):
    """−0.5..0.5, any excess clamped -> 0..255, whole numbers."""
    return rounding((x.clamp(-0.5, 0.5) + 0.5) * 255)


def picture_of_bytes(values):
    return values / 255 - 0.5


def pack420(y, u, v):
    """Planes (…, H, W), (…, H/2, W/2) twice, H and W multiples of 8 -> packed (…, 96, H/8, W/8). Tensors or arrays."""

    def cells(plane, size):
        *lead, rows, columns = plane.shape
        grid = plane.reshape(*lead, rows // size, size, columns // size, size)
        count = len(lead)
        order = [*range(count), count + 1, count + 3, count, count + 2]
        grid = grid.permute(order) if isinstance(grid, torch.Tensor) else grid.transpose(order)
        return grid.reshape(*lead, size * size, rows // size, columns // size)

    parts = [cells(y, 8), cells(u, 4), cells(v, 4)]
    return torch.cat(parts, -3) if isinstance(y, torch.Tensor) else numpy.concatenate(parts, -3)


def unpack420(x):
    """Packed (B, 96, H/8, W/8) -> Y (B, 1, H, W), U and V (B, 1, H/2, W/2)."""
    y, u, v = x.split([64, 16, 16], 1)
    return functional.pixel_shuffle(y, 8), functional.pixel_shuffle(u, 4), functional.pixel_shuffle(v, 4)


def planes_of_packed(x):
    """Packed -> 4:4:4 planes (B, 3, H, W), chroma repeated 2x2."""
    y, u, v = unpack420(x)
    chroma = torch.cat([u, v], 1).repeat_interleave(2, 2).repeat_interleave(2, 3)
    return torch.cat([y, chroma], 1)


def packed_of_planes(planes):
    """4:4:4 planes (B, 3, H, W) -> packed, chroma averaged 2x2."""
    chroma = functional.avg_pool2d(planes[:, 1:], 2)  # (B, 2, H/2, W/2)
    return pack420(planes[:, 0], chroma[:, 0], chroma[:, 1])
