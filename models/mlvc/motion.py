"""Overlapped block motion compensation of the previous picture: 16x16 luma blocks, one vector each, quarter samples, integers only.

A vector (rows, columns) in quarter samples says from where in the previous picture a block is taken. Luma between samples: half samples by the 6-tap filter
(1, -5, 20, 20, -5, 1)/32 of H.264 (§8.4.2.2.1), first along rows, then along columns, each rounded and clipped; quarter samples are means of their
neighbours on that grid. Chroma at eighths of a sample: bilinear (§8.4.2.2.2). Outside the picture its edge goes on. Near a block's edges what the vector of
the block beyond would give is blended in, a quarter of it at most (Orchard and Sullivan 1994).

`compensate` is what encoder and decoder must agree on to the byte, here and in C# (src/MlvcRtc.Codec/Motion); how an encoder searches is its own affair.
"""

import torch
from torch.nn import functional

from .losses import lambda_of
from .pictures import pack420, unpack420

BLOCK = 16
REACH = 32  # full samples in each direction that a vector may point
SEARCHED = 8  # … that `search` looks at, which sees pictures beside each other only; C# looks further where that helps
FILTER = 4  # samples around a block that its filter needs
PRICE, LAMBDAS = 1.5 * 255, (16.0, 5000.0)  # see price_of; 1.5 lies between the factors tried (experiments.md); λ as in configs/mlvc-xs-motion.json and MotionPrice.cs
WORTH = 0.25  # of that in the decision: later pictures are predicted from this one, too (experiments.md)


def price_of(q):
    """Luma levels of absolute difference that a bit of a vector is worth. q (B,) int 0..63 -> (B,)"""
    return PRICE / lambda_of(q, *LAMBDAS).sqrt()


# --- what both ends do ----------------------------------------------------------------------------------------------------------


def half_sample(plane, axis):
    """plane (B, 1, H, W) of whole numbers 0..255 -> what lies half a sample after each sample along the axis (2 rows, 3 columns)."""
    kernel = torch.tensor([1.0, -5, 20, 20, -5, 1], device=plane.device)
    edges = (2, 3, 0, 0) if axis == 3 else (0, 0, 2, 3)
    shape = (1, 1, 1, 6) if axis == 3 else (1, 1, 6, 1)
    sums = functional.conv2d(functional.pad(plane, edges, mode="replicate"), kernel.view(shape))
    return torch.floor((sums + 16) / 32).clamp(0, 255)


def quarter_grid(plane):
    """plane (B, 1, H, W) -> (B, 1, 4H, 4W), sample (y, x) at (4y, 4x)"""
    b, _, rows, columns = plane.shape
    right = half_sample(plane, 3)
    halves = torch.stack([torch.stack([plane, right], -1), torch.stack([half_sample(plane, 2), half_sample(right, 2)], -1)], 3)  # (B, 1, H, 2, W, 2)
    halves = halves.reshape(b, 1, 2 * rows, 2 * columns)
    padded = functional.pad(halves, (0, 1, 0, 1), mode="replicate")
    a, r, d, x = padded[..., :-1, :-1], padded[..., :-1, 1:], padded[..., 1:, :-1], padded[..., 1:, 1:]
    between = torch.stack(
        [torch.stack([a, torch.floor((a + r + 1) / 2)], -1), torch.stack([torch.floor((a + d + 1) / 2), torch.floor((a + r + d + x + 2) / 4)], -1)], 3
    )
    return between.reshape(b, 1, 4 * rows, 4 * columns)


def taken(grid, vectors, rows, columns):
    """Luma blocks from the quarter grid of a picture padded as far as vectors point and FILTER more -> (B, 1, H, W). vectors (B, 2, H/16, W/16)"""
    m = vectors.long().repeat_interleave(BLOCK, 2).repeat_interleave(BLOCK, 3)
    margin = (grid.shape[-1] // 4 - columns) // 2
    y = 4 * (torch.arange(rows, device=grid.device).view(1, 1, -1, 1) + margin) + m[:, :1]
    x = 4 * (torch.arange(columns, device=grid.device).view(1, 1, 1, -1) + margin) + m[:, 1:]
    index = (y * grid.shape[-1] + x).reshape(len(grid), 1, -1)
    return torch.gather(grid.reshape(len(grid), 1, -1), 2, index).reshape(len(grid), 1, rows, columns)


def taken_chroma(plane, vectors):
    """The same for a chroma plane (B, 1, H/2, W/2): vectors count eighths of its samples."""
    rows, columns = plane.shape[-2:]
    margin = REACH // 2 + 1
    padded = functional.pad(plane, (margin,) * 4, mode="replicate")
    m = vectors.long().repeat_interleave(BLOCK // 2, 2).repeat_interleave(BLOCK // 2, 3)
    whole, part = torch.div(m, 8, rounding_mode="floor"), m % 8
    y = torch.arange(rows, device=plane.device).view(1, 1, -1, 1) + margin + whole[:, :1]
    x = torch.arange(columns, device=plane.device).view(1, 1, 1, -1) + margin + whole[:, 1:]
    flat, width = padded.reshape(len(padded), 1, -1), padded.shape[-1]

    def at(down, right):
        return torch.gather(flat, 2, ((y + down) * width + x + right).reshape(len(flat), 1, -1)).reshape(len(flat), 1, rows, columns)

    py, px = part[:, :1], part[:, 1:]
    total = (8 - py) * (8 - px) * at(0, 0) + (8 - py) * px * at(0, 1) + py * (8 - px) * at(1, 0) + py * px * at(1, 1)
    return torch.floor((total + 32) / 64)


def compensate(previous, vectors):
    """previous: packed bytes (B, 96, H/8, W/8) as floats; vectors (B, 2, H/16, W/16) -> the same, moved"""
    y, u, v = unpack420(previous)
    grid = quarter_grid(padded_luma(y, REACH))
    luma = overlapped(lambda field: taken(grid, field, *y.shape[-2:]), vectors, BLOCK)
    return pack420(luma[:, 0], *(overlapped(lambda field: taken_chroma(plane, field), vectors, BLOCK // 2)[:, 0] for plane in (u, v)))


def overlapped(take, vectors, block):
    """Blocks of block x block samples by their own vectors, blended with those that the vectors above, below, left and right give. take: field -> (B, 1, H, W)"""
    own = take(vectors)
    place = torch.arange(block, device=vectors.device)
    weights = (16 - (place + 0.5) * 32 / block).clamp_min(0)  # of 64, of the block before, by row or column within the block
    rows, columns = weights.repeat(own.shape[-2] // block).view(-1, 1), weights.repeat(own.shape[-1] // block)
    beside = functional.pad(vectors, (1, 1, 1, 1), mode="replicate")
    above, below, left, right = beside[..., :-2, 1:-1], beside[..., 2:, 1:-1], beside[..., 1:-1, :-2], beside[..., 1:-1, 2:]
    total = 64 * own + 32
    for weight, field in ((rows, above), (rows.flip(0), below), (columns, left), (columns.flip(0), right)):
        total = total + weight * (take(field) - own)
    return torch.floor(total / 64)


def padded_luma(y, reach):
    return functional.pad(y, (reach + FILTER,) * 4, mode="replicate")


def predicted(vectors):
    """The median of the vectors at the left, above and above right."""
    return torch.stack(around(vectors)).median(0).values


def around(vectors):
    """-> the vectors at the left, above and above right of each; outside, zero"""
    left = functional.pad(vectors, (1, 0))[..., :-1]
    above = functional.pad(vectors, (0, 0, 1, 0))[..., :-1, :]
    corner = functional.pad(vectors, (0, 1, 1, 0))[..., :-1, 1:]
    return left, above, corner


# --- what an encoder does -------------------------------------------------------------------------------------------------------


def magnitude_bits(difference):
    """About what a component of a vector difference costs, in bits."""
    return torch.where(difference == 0, 0.5, 2 * torch.log2(difference.abs() + 1).floor() + 1.5)


def vector_bits(difference):
    """About what a vector costs that differs so from its prediction, (B, 2, h, w) -> (B, 1, h, w): in the decision, which counts what is really sent."""
    parts = 2 * torch.log2(difference.abs() + 1).floor() + (difference != 0) + 0.5
    return torch.where(difference.abs().amax(1, keepdim=True) > 0, 4 + parts.sum(1, keepdim=True), torch.tensor(0.3, device=difference.device))


@torch.no_grad()
def search(picture, previous, price):
    """Packed bytes as floats; price (B,), see `price_of` -> vectors (B, 2, H/16, W/16)

    Full samples at half resolution, then at full, then half and quarter samples. Then squares decide, as in rate-distortion optimisation: each block may take a
    neighbour's vector, or none, if what that saves is worth more than what it spoils, since most blocks are shown as they are moved.
    """
    x, p = unpack420(picture)[0], unpack420(previous)[0]
    rows, columns = x.shape[-2:]
    price = price.view(-1, 1, 1, 1)
    vectors = coarse(x, p, price)
    grid = quarter_grid(padded_luma(p, SEARCHED))

    def cost_of(candidate, centre):
        wrong = functional.avg_pool2d((x - taken(grid, candidate, rows, columns)).abs(), BLOCK) * BLOCK**2
        return wrong + price * magnitude_bits(candidate - centre).sum(1, keepdim=True)

    centre = predicted(vectors)
    best = cost_of(vectors, centre)
    limit = 4.0 * SEARCHED
    for step in (4, 2, 1):
        middle = vectors
        for dy, dx in neighbours(step, 1):
            candidate = (middle + vector(dy, dx, x)).clamp(-limit, limit)
            cost = cost_of(candidate, centre)
            vectors, best = torch.where(cost < best, candidate, vectors), torch.minimum(cost, best)
    worth = WORTH * (price * 255 / PRICE).square()  # squared levels that a bit is worth, 255²/λ by how networks are trained

    def weight_of(candidate, centre):
        return functional.avg_pool2d((x - taken(grid, candidate, rows, columns)).square(), BLOCK) * BLOCK**2 + worth * vector_bits(candidate - centre)

    for _ in range(2):
        centre = predicted(vectors)
        best = weight_of(vectors, centre)
        for candidate in (centre, torch.zeros_like(vectors), *around(vectors)):
            cost = weight_of(candidate, centre)
            vectors, best = torch.where(cost < best, candidate, vectors), torch.minimum(cost, best)
    return vectors


def coarse(x, p, price):
    """Even full-sample vectors, found at half resolution. x, p (B, 1, H, W) -> (B, 2, H/16, W/16)"""
    rows, columns = (side // 2 for side in x.shape[-2:])
    small_x, reach = functional.avg_pool2d(x, 2), SEARCHED // 2
    small_p = functional.pad(functional.avg_pool2d(p, 2), (reach,) * 4, mode="replicate")
    vectors = best = None
    for dy, dx in [(0, 0), *neighbours(1, reach)]:
        moved = small_p[..., reach + dy : reach + dy + rows, reach + dx : reach + dx + columns]
        here = vector(8 * dy, 8 * dx, x)
        cost = functional.avg_pool2d((small_x - moved).abs(), BLOCK // 2) * BLOCK**2 + price * magnitude_bits(here).sum(1, keepdim=True)
        if best is None:
            best, vectors = cost, here.expand(len(x), 2, *cost.shape[-2:])
        else:
            vectors, best = torch.where(cost < best, here, vectors), torch.minimum(cost, best)
    return vectors


def neighbours(step, count):
    steps = [step * n for n in range(-count, count + 1)]
    return [(dy, dx) for dy in steps for dx in steps if dy or dx]


def vector(dy, dx, like):
    return torch.tensor([float(dy), float(dx)], device=like.device).view(1, 2, 1, 1)
