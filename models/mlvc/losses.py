"""What training minimises: bits per pixel + λ(q) · weight(frame kind) · distortion."""

import math

import torch

PLANES = {"y": slice(0, 64), "u": slice(64, 80), "v": slice(80, 96)}  # channels of the packed picture


def lambda_of(q, low, high, qp_num=64):
    """λ, log-uniform from `low` at q 0 to `high` at q 63. q (B,) int -> (B,)"""
    return low * torch.exp(q.float() / (qp_num - 1) * math.log(high / low))


def plane_errors(x_hat, x):
    """Packed pictures, values on a scale of 1 -> mean squared error of Y, U and V, (B,) each."""
    squared = (x_hat.float() - x).square()
    return [squared[:, channels].mean((1, 2, 3)) for channels in PLANES.values()]


def weighted_mse(x_hat, x, weights):
    """(a·Y + b·U + c·V) / 8, the objective of xs; weights = a, b, c. -> (B,)"""
    return sum(weight * error for weight, error in zip(weights, plane_errors(x_hat, x))) / 8


def log_domain_mse(x_hat, x, weights):
    """The published objective: 3·exp of the mean of the logarithms, weighted (8:1:1 there). -> (B,)"""
    return 3 * torch.exp(sum(weight * torch.log(error + 1e-6) for weight, error in zip(weights, plane_errors(x_hat, x))) / sum(weights))


DISTORTIONS = {"mse": weighted_mse, "published": log_domain_mse}


def rate_distortion(result, x, q, kind, training):
    """Loss of one coded frame. kind (B,) = frame kind 0, 1 or 2; training = that object of a config -> loss, bits per pixel (B,)"""
    pixels = 64 * x.shape[-2] * x.shape[-1]
    weight = torch.tensor(training["frame_weights"], device=x.device)[kind]
    distortion = DISTORTIONS[training["objective"]](result.x_hat, x, training["plane_weights"])
    bpp = result.bits / pixels
    return bpp + lambda_of(q, training["lambda_min"], training["lambda_max"]) * weight * distortion, bpp
