"""Weights out of a bundle, to train on from: a bundle holds folded graphs and integer tables, and its checkpoint may be gone.

Folding loses nothing that matters: gains stay in the weights behind them (here they become 1) and the feature adaptor in the next convolution (here it
becomes the identity). The tables of z are rounded, so the prior that made them is fitted anew.
"""

import json
import tarfile

import numpy
import onnx
from onnx import numpy_helper
import torch
from torch import nn

from .entropy import FREQUENCY_BITS, bits_of
from .layers import DepthConvBlock, FoldedBlock

TRAINING_ONLY = ("frame_adaptor.", "spread")  # parts that no graph has: they stay as they were
FIT_STEPS, FIT_RATE, FIT_DECAY = 1500, 0.05, 0.997  # of the prior's fit; 20 s, at the end 0.01 % more bits than the tables themselves


def read_bundle(codec, path):
    """Fills `codec` with the weights of the bundle at `path`, which must have been exported from the same configuration."""
    from .bundle import WEIGHTS, export_graphs, fold_for_export

    with tarfile.open(path) as archive:
        files = {entry.name: archive.extractfile(entry).read() for entry in archive}
    size = min((tuple(map(int, name[9:-5].split("x"))) for name in files if name.startswith("metadata_")), key=lambda s: s[0] * s[1])
    started = {name: value.clone() for name, value in codec.state_dict().items()}
    with torch.no_grad():
        for parameter in codec.parameters():
            parameter.normal_()  # so that every tensor of the graph below can be told from every other
    folded, found = fold_for_export(codec), set()
    for part, model in export_graphs(folded, *size).items():
        given = onnx.load_from_string(files[f"{part}_{size[0]}x{size[1]}.onnx"])
        if [node.SerializeToString() for node in given.graph.node] != [node.SerializeToString() for node in model.graph.node]:
            raise ValueError(f"{path}: {part} is another graph: it was exported from another configuration or by another torch")
        values = tensors_of(given, files[WEIGHTS])
        places = {value.tobytes(): name for name, value in tensors_of(model, b"").items()}
        for name, parameter in folded.named_parameters():
            place = places.get(parameter.numpy().tobytes())
            if place is None:
                continue  # the other graph has it
            value = values.get(place)
            if value is None or value.shape != tuple(parameter.shape):
                raise ValueError(f"{path}: {part} has no tensor for {name} {tuple(parameter.shape)}: it was exported from another configuration or by another torch")
            parameter.copy_(torch.from_numpy(value.copy()))
            found.add(name)
    lacking = {name for name, _ in folded.named_parameters()} - found
    if any(not name.startswith((*TRAINING_ONLY, "z_prior.")) for name in lacking):
        raise ValueError(f"{path} lacks {', '.join(sorted(lacking))}: it was exported from another configuration or by another torch")
    unfold(folded, codec)
    codec.load_state_dict({**codec.state_dict(), **{name: value for name, value in started.items() if name.startswith(TRAINING_ONLY)}})
    fit_prior(codec.z_prior, json.loads(files["bit_estimator_pmf.json"]))
    return codec


def tensors_of(model, shared):
    """-> {name: float array} of a graph's initializers; `shared` = the bytes of the file that holds the large ones"""
    found = {}
    for tensor in model.graph.initializer:
        if tensor.data_type != onnx.TensorProto.FLOAT:
            continue
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            place = {entry.key: entry.value for entry in tensor.external_data}
            start, length = int(place["offset"]), int(place["length"])
            found[tensor.name] = numpy.frombuffer(shared[start : start + length], "<f4").reshape(tuple(tensor.dims)).copy()
        else:
            found[tensor.name] = numpy_helper.to_array(tensor)
    return found


@torch.no_grad()
def unfold(folded, codec):
    """The inverse of `fold_for_export`: copies a folded network's weights into `codec`."""
    for name, value in folded.named_parameters():
        owner, _, last = name.rpartition(".")
        if not isinstance(folded.get_submodule(owner.rpartition(".")[0]), FoldedBlock) and not name.startswith(TRAINING_ONLY):
            codec.get_parameter(name).copy_(value)
    for name, module in codec.named_modules():
        if not isinstance(module, DepthConvBlock) or name.startswith(tuple(part.rstrip(".") for part in TRAINING_ONLY)):
            continue
        block = folded.get_submodule(name)
        pairs = [(module.dc.pointwise1, block.pointwise1), (module.dc.depthwise, block.depthwise), (module.dc.pointwise2, block.pointwise2)]
        pairs += [(module.ffn.project, block.project)] + ([(module.adaptor, block.adaptor)] if hasattr(module, "adaptor") else [])
        for to, source in pairs:
            to.weight.copy_(source.weight)
            to.bias.copy_(source.bias)
        module.ffn.expand.weight.copy_(torch.cat([block.gate.weight, block.value.weight]))
        module.ffn.expand.bias.copy_(torch.cat([block.gate.bias, block.value.bias]))
        module.dc.gain.fill_(1.0)
        module.ffn.gain.fill_(1.0)
    if isinstance(folded.feature_adaptor, nn.Identity):
        nn.init.dirac_(codec.feature_adaptor.weight)
        nn.init.zeros_(codec.feature_adaptor.bias)


def fit_prior(prior, tables):
    """Fits the curves of `prior` to the tables of a PMF file: least bits for what the tables say will come."""
    rows, channels = tables["qp_num"], tables["channels"]
    reach = max(max(tables["pmf_offsets"]), max(length - offset for length, offset in zip(tables["pmf_lengths"], tables["pmf_offsets"])))
    shares = numpy.zeros((rows * channels, 2 * reach + 1))
    position = 0
    for table, (length, offset) in enumerate(zip(tables["pmf_lengths"], tables["pmf_offsets"])):
        masses = tables["pmf_table"][position : position + length - 1]  # without the escape
        shares[table, reach - offset : reach - offset + length - 1] = numpy.array(masses) / 2**FREQUENCY_BITS
        position += length
    shares = torch.from_numpy(shares).float().view(rows, channels, -1, 1)
    points = torch.arange(-reach, reach + 1.0).view(1, 1, -1, 1).expand(rows, channels, -1, 1)
    row = torch.arange(rows)
    # Start as a logistic curve with each table's own mean and spread.
    mean = (shares * points).sum(2, keepdim=True)
    spread = (shares * (points - mean).square()).sum(2, keepdim=True).sqrt().clamp_min(0.1)
    with torch.no_grad():
        steep = (1.8 / spread) ** (1 / prior.STAGES)
        for stage in range(prior.STAGES):
            prior.h[stage].copy_(torch.log(torch.expm1(steep)))
            prior.b[stage].zero_()
        prior.b[-1].copy_(-1.8 * mean / spread)
        for curve in prior.a:
            curve.normal_(0, 0.01)
    optimizer = torch.optim.Adam(prior.parameters(), FIT_RATE)
    for _ in range(FIT_STEPS):
        optimizer.zero_grad()
        (shares * bits_of(prior.cdf(points + 0.5, row) - prior.cdf(points - 0.5, row))).sum((1, 2)).mean().backward()
        optimizer.step()
        optimizer.param_groups[0]["lr"] *= FIT_DECAY
    return float((shares * (prior.bits(points, row) - bits_of(shares))).sum().detach() / (shares * bits_of(shares)).sum())
