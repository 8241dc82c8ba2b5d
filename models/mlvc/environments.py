"""Ways of computing one network whose sums come out a little different, as on other machines: the environments of `mlvcrtc interop`, in PyTorch."""

import contextlib
import copy

import torch
from torch import nn
from torch.nn import functional

from .bundle import fold_for_export
from .codec import MlvcXs
from .layers import fold
from .quantization import integer_codec

FULL, REDUCED = "fp32", "reduced"  # full precision with sums in another order; rounded numbers


class Environment:
    """name, family, what (in words), networks: {"codec": …, "head": …} as it computes them."""

    def __init__(self, name, family, what, networks, threads=1, mkldnn=True):
        self.name, self.family, self.what, self.networks = name, family, what, networks
        self.threads, self.mkldnn = threads, mkldnn

    @contextlib.contextmanager
    def entered(self):
        """Everything that is computed inside is computed this way."""
        threads = torch.get_num_threads()
        torch.set_num_threads(self.threads)
        try:
            with torch.backends.mkldnn.flags(enabled=self.mkldnn):
                yield self
        finally:
            torch.set_num_threads(threads)


def environments_of(codec, head, calibration=None):
    """-> [Environment, …]. codec: an xs network; head: a ScaleHead or None; calibration: packed pictures of training clips for int8, see `integer_codec`."""

    def variant(change):
        networks = {"codec": copy.deepcopy(codec).eval(), "head": copy.deepcopy(head).eval() if head else None}
        for network in filter(None, networks.values()):
            change(network)
        return networks

    def rounded(dtype):
        def change(network):
            with torch.no_grad():
                for parameter in network.parameters():
                    parameter.copy_(parameter.to(dtype).to(parameter.dtype))

        return change

    plain = variant(lambda network: None)
    found = [
        Environment("fp32", FULL, "one thread, convolutions as the library chooses for it", plain),
        Environment("fp32-plain", FULL, "no convolutions made for this processor (oneDNN off)", plain, mkldnn=False),
        Environment("fp32-threads", FULL, "two threads, and what the library chooses for them", plain, threads=2),
        Environment("fp32-layout", FULL, "channels last in memory", variant(lambda network: network.to(memory_format=torch.channels_last))),
        Environment("fp32-folded", FULL, "the network as exported: gains folded, gates split", folded(codec, head)),
        Environment("fp32-backward", FULL, "channels summed from last to first", variant(sum_backward)),
        Environment("fp16-weights", REDUCED, "weights rounded to binary16", variant(rounded(torch.float16))),
        Environment("bf16-weights", REDUCED, "weights rounded to bfloat16", variant(rounded(torch.bfloat16))),
    ]
    if calibration and isinstance(codec, MlvcXs):
        networks = {"codec": integer_codec(fold_for_export(codec), calibration), "head": folded(codec, head)["head"]}
        found.append(Environment("int8", REDUCED, "the network in integers (simulated, see quantization.py), the scale head in floats", networks))
    return found


def folded(codec, head):
    return {"codec": fold_for_export(codec), "head": fold(copy.deepcopy(head)).eval() if head else None}


class BackwardConv(nn.Module):
    """A convolution that meets its input channels from last to first."""

    def __init__(self, conv):
        super().__init__()
        self.conv = conv
        with torch.no_grad():
            conv.weight.copy_(conv.weight.flip(1))

    def forward(self, x):
        return functional.conv2d(x.flip(1), self.conv.weight, self.conv.bias, self.conv.stride, self.conv.padding)


def sum_backward(network):
    for name, child in network.named_children():
        if isinstance(child, nn.Conv2d) and child.groups == 1:
            setattr(network, name, BackwardConv(child))
        else:
            sum_backward(child)
