"""The quality of each frame at a constant setting: what many frames build on is coded better (C#: RateControl/QpCascade).

What stands still is coded well once and then carried on; in between most frames hold what moves and little else. Hierarchical quality is common (the
low-delay configurations of HM and VTM, golden frames of VP9); how far apart the levels are was found on clips (experiments.md). Offsets come on top of the
network's own shift and are clamped to its range, so settings reach beyond both ends: at the best all frames are equal, at the worst all but the key frame and every 32nd (still coarser ones made the others cost more than they saved).
"""

import torch

KEY_OFFSET = 18
OFFSETS = (32, 12), (8, 4), (4, -4), (2, -8), (1, -12)  # the first whose period divides the frame's number since the key frame
PERIOD = OFFSETS[0][0]
BELOW, ABOVE = 8, 12  # how far settings reach beyond the range of quality indices


def offset_of(n):
    """n: frames since the key frame"""
    return KEY_OFFSET if n == 0 else next(offset for period, offset in OFFSETS if n % period == 0)


def quality_of(q, n, qp_num=64):
    """A setting 0 .. qp_num − 1 -> the quality index of frame n. Integers, or (B,) int64 tensors of both."""
    if not torch.is_tensor(n):
        return min(max(level_of(q, qp_num) + offset_of(n), 0), qp_num - 1)
    table = torch.tensor([offset_of(k) for k in range(1, PERIOD + 1)], device=n.device)
    offsets = torch.where(n == 0, torch.full_like(n, KEY_OFFSET), table[(n - 1) % PERIOD])
    return (level_of(q, qp_num) + offsets).clamp(0, qp_num - 1)


def level_of(q, qp_num):
    """Settings spread evenly over −BELOW .. qp_num − 1 + ABOVE, rounded down."""
    most = qp_num - 1
    return q * (most + BELOW + ABOVE) // most - BELOW
