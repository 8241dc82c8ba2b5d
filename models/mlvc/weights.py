"""Weights of a network: read from every kind of file that holds them, and written."""

import numpy
import torch


def load_weights(codec, path):
    """Loads an .npz (names of `state_dict`), a training checkpoint (its averaged weights) or a bundle (.tar)."""
    if str(path).endswith(".tar"):
        from .bundle_weights import read_bundle  # needs onnx, which nothing else in this file does

        return read_bundle(codec, path)
    if str(path).endswith(".npz"):
        with numpy.load(path) as arrays:
            weights = {name: torch.from_numpy(arrays[name]) for name in arrays.files}
    else:
        weights = torch.load(path, map_location="cpu")["average"]
    codec.load_state_dict(weights)
    return codec


def save_weights(codec, path):
    numpy.savez(path, **{name: value.detach().cpu().numpy() for name, value in codec.state_dict().items()})
