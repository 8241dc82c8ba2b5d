"""Graphs in, bundle out: shared weights, integer tables, manifest, one reproducible ustar archive (docs/model-bundle.md)."""

import base64
import collections
import copy
import hashlib
import inspect
import io
import json
import tarfile
import warnings

import numpy
import onnx
from onnx import numpy_helper
import torch
from torch import nn

from .codec import LATENT_STRIDE, PATCH, Symbols
from .entropy import gaussian_tables, prior_tables
from .layers import fold
from .pictures import PICTURE_CHANNELS, bytes_of_picture, pack420, picture_of_bytes
from .quantization import IntegerXs, integer_codec, store_integers

OPSET = 17  # the newest that torch 1.13 writes; the contract allows up to 18
SHARED_BYTES = 64  # tensors from this size on that occur in several graphs live in weights.bin
WEIGHTS = "weights.bin"
INT8 = "_int8"  # ends the names of the graphs that run in integers
OFFICIAL_INTERFACE = "fp16_scale_sending_no_reset_1p"
XS_INTERFACE = "fp32_packed420_scale_sending_1p"
MOTION = "overlapped16"  # the one kind of motion compensation that there is: motion.py
ENCODER_OUTPUTS = ["feature", "z_raw", "y_raw_0", "y_raw_1"]
DECODER_OUTPUTS = ["x_hat", "feature"]
TIMESTAMP = "1970-01-01T00:00:00Z"  # a bundle is a function of its weights, so it carries no wall clock
PARITY_FRAMES = 8  # of the known answer, one round of the quality pattern; 0.3 MB each, and a bundle stays below 15 MB
MIN_QP_POINT, MAX_QP_POINT = (18, 63), (44, 8)  # published line from QP to q index


def qp_mapping():
    """QP 0..51 -> q index 0..63: the published line, rounded half to even and clipped."""
    (x0, y0), (x1, y1) = MIN_QP_POINT, MAX_QP_POINT
    return [int(min(max(numpy.rint(y0 + (qp - x0) * (y1 - y0) / (x1 - x0)), 0), 63)) for qp in range(52)]


def model_metadata(config, width, height):
    """The object `model_metadata[WxH]` of the manifest."""
    return {
        "model_width": width,
        "model_height": height,
        "pixel_range": 1.0,
        "qp_num": config.qp_num,
        "total_qp_num": config.q_rows,
        "frame_index_map": list(config.frame_index_map),
        "qp_shift": list(config.qp_shift),
        "feature_channels": config.state_channels,
        "latent_channels": config.y_channels,
        "hyperprior_channels": config.z_channels,
        "downsample_feature": PATCH,
        "downsample_latent": LATENT_STRIDE,
        "downsample_hyperprior": config.hyper_stride,
        "scale_decoder_type": "upsample",
        "y_scale_repeat": config.y_scale_repeat,
        "iframe_period": 1024,
        "reset_period": None,
        "ltr_start_idx": 8,
        "ltr_period": 64,
        "qp_mapping": qp_mapping(),
        **({"motion_compensation": MOTION} if config.motion else {}),
    }


def model_tag(version, gaussian_bytes, prior_bytes, metadata):
    """MODEL_TAG of the RTP payload descriptor, 8 hex digits (big endian). version "major.minor", metadata by "WxH"."""
    digest = hashlib.sha256(version.encode("ascii") + gaussian_bytes + prior_bytes)
    for size in sorted(metadata):
        m = metadata[size]
        shape = [m["feature_channels"], m["latent_channels"], m["hyperprior_channels"], m["downsample_feature"]]
        shape += [m["downsample_latent"], m["downsample_hyperprior"], m["y_scale_repeat"]]
        shape += [m["motion_compensation"]] if "motion_compensation" in m else []
        digest.update(f"{size}:{','.join(map(str, shape))};".encode("ascii"))
    return digest.hexdigest()[:8]


# --- graphs -------------------------------------------------------------------------------------------------------------------


class EncoderGraph(nn.Module):
    """x (uint8 packed for xs, planes 0..1 for mlvc), ref_feature, q_index_shifted, with `skip_cells` also cells (uint8) -> feature, z_raw, y_raw_0, y_raw_1"""

    def __init__(self, codec):
        super().__init__()
        self.codec = codec

    def forward(self, x, state, row, cells=None):
        packed = self.codec.config.family == "mlvc-xs"
        x = picture_of_bytes(x.to(torch.float32)) if packed else x - 0.5
        state, symbols = self.codec.encode(x, state, row, 1 if cells is None else cells.to(torch.float32))  # nothing reads mlvc's picture: its recon net is not exported
        return (state, *symbols)


class DecoderGraph(nn.Module):
    """z_raw, y_raw_0, y_raw_1, ref_feature, q_index_shifted -> x_hat (as x above), feature"""

    def __init__(self, codec):
        super().__init__()
        self.codec = codec

    def forward(self, z, s0, s1, state, row):
        x_hat, state = self.codec.decode(Symbols(z, s0, s1), state, row)
        packed = self.codec.config.family == "mlvc-xs"
        return bytes_of_picture(x_hat).to(torch.uint8) if packed else x_hat.clamp(-0.5, 0.5) + 0.5, state


def fold_for_export(codec):
    """A copy of the network for export, on the CPU: gains folded, gates split, the feature adaptor joined to what follows."""
    codec = fold(copy.deepcopy(codec).cpu().float().eval())
    if hasattr(codec.feature_extractor[0], "adaptor"):
        join_adaptors(codec)
    for parameter in codec.parameters():
        parameter.requires_grad_(False)
    return codec


@torch.no_grad()
def join_adaptors(codec):
    """Two 1x1 convolutions in a row are one: feature_adaptor disappears into the first block's adaptor."""
    first, second = codec.feature_adaptor, codec.feature_extractor[0].adaptor
    weight = second.weight[:, : first.out_channels, 0, 0].double()
    second.bias += (weight @ first.bias.double()).float()
    second.weight[:, : first.out_channels, 0, 0] = (weight @ first.weight[..., 0, 0].double()).float()
    codec.feature_adaptor = nn.Identity()


def graph_inputs(config, width, height):
    """Zero tensors of every graph input, by name."""
    rows, columns = height // LATENT_STRIDE, width // LATENT_STRIDE
    stride = config.hyper_stride
    if config.family == "mlvc-xs":
        x = torch.zeros(1, PICTURE_CHANNELS, height // PATCH, width // PATCH, dtype=torch.uint8)
    else:
        x = torch.zeros(1, 3, height, width)
    half = torch.zeros(1, config.y_channels // 2, rows, columns)
    return {
        "x": x,
        "z_raw": torch.zeros(1, config.z_channels, -(-rows // stride), -(-columns // stride)),
        "y_raw_0": half,
        "y_raw_1": half,
        "ref_feature": torch.zeros(1, config.state_channels, height // PATCH, width // PATCH),
        "q_index_shifted": torch.zeros(1, dtype=torch.int32),
        "cells": torch.ones(1, 1, rows, columns, dtype=torch.uint8),
    }


def export_graphs(folded, width, height, half_precision=False):
    """-> {"MLVCEncoder": ModelProto, "MLVCDecoder": ModelProto} of a folded or integer network for one size; all tensors inline."""
    if width % LATENT_STRIDE or height % LATENT_STRIDE:
        raise ValueError(f"{width}x{height} is not a multiple of {LATENT_STRIDE}")
    inputs = graph_inputs(folded.config, width, height)
    parts = {
        "MLVCEncoder": (EncoderGraph, ["x", "ref_feature", "q_index_shifted"] + ["cells"] * folded.config.skip_cells, ENCODER_OUTPUTS),
        "MLVCDecoder": (DecoderGraph, ["z_raw", "y_raw_0", "y_raw_1", "ref_feature", "q_index_shifted"], DECODER_OUTPUTS),
    }
    graphs = {}
    for part, (wrapper, names, outputs) in parts.items():
        graph = trace(wrapper(folded), [inputs[name] for name in names], names, outputs)
        if isinstance(folded, IntegerXs):
            store_integers(graph)
        graphs[part] = to_half(graph) if half_precision else graph
    return graphs


def trace(module, arguments, input_names, output_names):
    """Legacy tracing exporter -> a checked ModelProto without anything that depends on the machine or the day."""
    parameters = inspect.signature(torch.onnx.export).parameters
    legacy = {"dynamo": False} if "dynamo" in parameters else {}  # since torch 2.5
    buffer = io.BytesIO()
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of every size that becomes a constant, as ours shall
        torch.onnx.export(
            module.eval(),
            tuple(arguments),
            buffer,
            input_names=input_names,
            output_names=output_names,
            opset_version=OPSET,
            do_constant_folding=True,
            **legacy,
        )
    model = onnx.load_from_string(buffer.getvalue())
    model.producer_name, model.producer_version, model.doc_string = "mlvc", "", ""
    hoist_constants(model.graph)
    for index, node in enumerate(model.graph.node):
        node.name, node.doc_string = f"{node.op_type}_{index}", ""
    shorten_value_names(model.graph)
    onnx.checker.check_model(model, full_check=True)
    return model


def hoist_constants(graph):
    """Turns Constant nodes into initializers, equal ones into one, so that large masks can be shared."""
    nodes, kept, names = [], {}, {}
    for node in graph.node:
        if node.op_type != "Constant":
            nodes.append(node)
            continue
        tensor = node.attribute[0].t
        key = (tensor.data_type, tuple(tensor.dims), raw_of(tensor))
        if key not in kept:
            kept[key] = node.output[0]
            graph.initializer.add().CopyFrom(tensor)
            graph.initializer[-1].name = node.output[0]
        names[node.output[0]] = kept[key]
    for node in nodes:
        node.input[:] = [names.get(name, name) for name in node.input]
    del graph.node[:]
    graph.node.extend(nodes)


def shorten_value_names(graph):
    """Renames inner values by position: tracer names vary between versions of torch."""
    outside = {value.name for value in [*graph.input, *graph.output]}
    weights = sorted(t.name for t in graph.initializer)
    names = {name: f"w{index}" for index, name in enumerate(weights)}
    for node in graph.node:
        for name in node.output:
            names.setdefault(name, name if name in outside else f"v{len(names)}")
    names.update({name: name for name in outside})
    for node in graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names[name] for name in node.output]
    for tensor in graph.initializer:
        tensor.name = names[tensor.name]
    del graph.value_info[:]


def to_half(model):
    """float32 -> float16 everywhere: weights, constants, casts, inputs and outputs. Every operator we emit takes either."""
    model = copy.deepcopy(model)
    single, half = onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16

    def halved(tensor):
        if tensor.data_type != single:
            return tensor
        return numpy_helper.from_array(numpy_helper.to_array(tensor).astype(numpy.float16), tensor.name)

    for tensor in model.graph.initializer:
        tensor.CopyFrom(halved(tensor))
    for value in [*model.graph.input, *model.graph.output]:
        if value.type.tensor_type.elem_type == single:
            value.type.tensor_type.elem_type = half
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                attribute.t.CopyFrom(halved(attribute.t))
            if node.op_type == "Cast" and attribute.name == "to" and attribute.i == single:
                attribute.i = half
    onnx.checker.check_model(model, full_check=True)
    return model


def share_weights(models):
    """Moves tensors of >= 64 bytes that occur in several graphs out of them, in place -> the bytes of weights.bin."""
    uses = collections.Counter()
    for model in models:
        uses.update({raw_of(t) for t in model.graph.initializer if len(raw_of(t)) >= SHARED_BYTES})
    offsets, blob = {}, bytearray()
    for model in models:
        for tensor in model.graph.initializer:
            raw = raw_of(tensor)
            if uses[raw] < 2:
                continue
            if raw not in offsets:
                blob.extend(bytes(-len(blob) % SHARED_BYTES))  # aligned, so that a runtime may map the file
                offsets[raw] = len(blob)
                blob.extend(raw)
            for field in ("raw_data", "float_data", "int32_data", "int64_data"):
                tensor.ClearField(field)
            tensor.data_location = onnx.TensorProto.EXTERNAL
            for key, value in (("location", WEIGHTS), ("offset", offsets[raw]), ("length", len(raw))):
                entry = tensor.external_data.add()
                entry.key, entry.value = key, str(value)
    return bytes(blob)


def raw_of(tensor):
    return tensor.raw_data or numpy_helper.to_array(tensor).tobytes()


# --- the known answer ---------------------------------------------------------------------------------------------------------


def moving_scene(width, height, frames):
    """A synthetic test clip: a textured backdrop that pans, two discs that move, one of them tinted. -> packed uint8 arrays."""
    generator = numpy.random.default_rng(20)
    rows, columns = numpy.mgrid[0 : height + 64, 0 : width + 64].astype(numpy.float64)
    backdrop = 120 + 40 * numpy.sin(columns / 17) * numpy.cos(rows / 23) + 30 * (columns / width - 0.5)
    backdrop += 6 * generator.standard_normal(backdrop.shape)
    for n in range(frames):
        y = backdrop[n // 2 : n // 2 + height, n : n + width].copy()
        u, v = numpy.full((height // 2, width // 2), 118.0), numpy.full((height // 2, width // 2), 136.0)
        for radius, tint, phase in ((height / 5, 24, 0.0), (height / 9, -20, 2.0)):
            cx = width * (0.5 + 0.3 * numpy.sin(n / 15 + phase))
            cy = height * (0.5 + 0.2 * numpy.cos(n / 11 + phase))
            distance = numpy.hypot(rows[:height, :width] - cy, columns[:height, :width] - cx) / radius
            inside = distance < 1
            y[inside] = 190 - 90 * distance[inside] ** 2
            u[inside[::2, ::2]] -= tint
            v[inside[::2, ::2]] += tint
        yield pack420(*(numpy.clip(numpy.rint(plane), 0, 255).astype(numpy.uint8) for plane in (y, u, v)))


@torch.no_grad()
def parity(folded, width, height, integer=None, qp=32, frames=PARITY_FRAMES):
    """The known answer of `mlvcrtc models verify`, xs only: what PyTorch makes of the folded network, frame by frame.

    integer: the integer network that is held to the same answer, within bounds of its own. It goes on from its own state, as
    the verifier does, so its differences add up from frame to frame.
    """
    state, integer_state, answers, mismatch, mean_error = None, None, [], 0.0, 0.0
    for n, picture in enumerate(moving_scene(width, height, frames)):
        x = picture_of_bytes(torch.from_numpy(picture)[None].float())
        if state is None:
            state = integer_state = folded.zero_state(x)
        shifted = qp_mapping()[qp] + folded.config.shift(n)
        row = torch.tensor([shifted])
        _, symbols = folded.encode(x, state, row)
        x_hat, next_state = folded.decode(symbols, state, row)
        answer = {"shifted": shifted, "x": base64_of(picture)}
        answer.update({k: base64_of(t.numpy().astype("<i2")) for k, t in zip(("z", "y0", "y1"), symbols)})
        answer["x_hat_mean"] = float(bytes_of_picture(x_hat).double().mean())
        answers.append(answer)
        if integer is not None:
            differing = sum(int((a != b).sum()) for a, b in zip(integer.encode(x, integer_state, row)[1], symbols))
            mismatch = max(mismatch, differing / sum(part.numel() for part in symbols))
            x_hat, integer_state = integer.decode(symbols, integer_state, row)
            mean_error = max(mean_error, abs(float(bytes_of_picture(x_hat).double().mean()) - answer["x_hat_mean"]))
        state = next_state
    bounds = {
        # Symbols on a rounding edge may flip where another runtime sums in another order: seen well under one in a thousand.
        "bound_symbol_mismatch": 0.005,
        # A handful of ±1 bytes, averaged over 92,160: seen under 0.001 of a level.
        "bound_picture_mean_abs": 0.05,
    }
    if integer is not None:  # twice what rounding to 8 bits does here: another order of roundings adds up otherwise over the frames
        bounds["int8_bound_symbol_mismatch"] = round(2 * mismatch + bounds["bound_symbol_mismatch"], 4)
        bounds["int8_bound_picture_mean_abs"] = round(2 * mean_error + bounds["bound_picture_mean_abs"], 4)
    return {"width": width, "height": height, "qp": qp, "frames": answers, **bounds}


def base64_of(array):
    return base64.b64encode(array.tobytes()).decode("ascii")


# --- the archive --------------------------------------------------------------------------------------------------------------


def json_bytes(value):
    return (json.dumps(value, separators=(",", ":"), sort_keys=True) + "\n").encode("utf-8")


def pack_bundle(codec, name, version, sizes, half_precision=False, clips=None, tables=None):
    """-> {entry name: bytes} of a complete bundle. version (major, minor); sizes [(width, height), …].

    clips: packed pictures of training clips, to fit an int8 variant to; without them the bundle has none.
    tables: of the symbols of y and of z (contexts.py); without them those of `gaussian_tables` and of the network's prior.
    """
    config = codec.config
    interface = XS_INTERFACE if config.family == "mlvc-xs" else OFFICIAL_INTERFACE
    gaussian, prior = map(json_bytes, tables or (gaussian_tables(), prior_tables(codec.z_prior)))
    folded = fold_for_export(codec)
    integer = integer_codec(fold_for_export(codec), clips) if clips else None
    graphs = {
        f"{part}_{width}x{height}{suffix}": model
        for suffix, network in (("", folded), (INT8, integer))
        if network is not None
        for width, height in sizes
        for part, model in export_graphs(network, width, height, half_precision).items()
    }
    weights = share_weights(list(graphs.values()))
    tag = f"v{version[0]}.{version[1]:03d}" if version[1] >= 100 else f"v{version[0]}.{version[1]}"
    files, registry, manifests, metadata = {}, {}, {}, {}
    for graph_name, model in sorted(graphs.items()):
        files[f"{graph_name}.onnx"] = model.SerializeToString(deterministic=True)
        registry[f"{graph_name}-onnx-generic-{tag}"] = {
            "model_path": f"{graph_name}.onnx",
            "weights_path": WEIGHTS,
            "sha256": hashlib.sha256(files[f"{graph_name}.onnx"] + weights).hexdigest(),
        }
    for width, height in sizes:
        size = f"{width}x{height}"
        metadata[size] = model_metadata(config, width, height)
        files[f"metadata_{size}.json"] = json_bytes(metadata[size])
        manifests[size] = {
            "metadata_path": f"metadata_{size}.json",
            "scale_decoder_model_path": None,
            "scale_decoder_weights_path": None,
            "gaussian_pmf_path": "gaussian_pmf.json",
            "bit_estimator_pmf_path": "bit_estimator_pmf.json",
            **{
                key: {
                    part: {"registry_id": f"{part}_{size}{suffix}-onnx-generic-{tag}", "function_name": None}
                    for part in ("MLVCEncoder", "MLVCDecoder")
                }
                for key, suffix in (("model_parts", ""), ("int8_model_parts", INT8))
                if f"MLVCEncoder_{size}{suffix}" in graphs
            },
            "encoder_interface_type": interface,
            "decoder_interface_type": interface,
        }
    manifest = {
        "mlvc_version": {"major": version[0], "minor": version[1]},
        "bundle_name": name,
        "timestamp": TIMESTAMP,
        "model_type": "onnx",
        "target_device": "generic",
        "model_registry": registry,
        "model_manifests": manifests,
        "model_metadata": metadata,
        "extra_params": {"model_tag": model_tag(f"{version[0]}.{version[1]}", gaussian, prior, metadata)},
    }
    files.update({"bundle_manifest.json": json_bytes(manifest), "gaussian_pmf.json": gaussian})
    files.update({"bit_estimator_pmf.json": prior, WEIGHTS: weights})
    if config.family == "mlvc-xs":
        width, height = min(sizes, key=lambda size: size[0] * size[1])
        files[f"parity_{width}x{height}.json"] = json_bytes(parity(folded, width, height, integer))
    return files


def write_tar(files, path):
    """A normalised ustar archive, manifest first: the same files give the same bytes on every machine -> its SHA-256."""
    order = sorted(files, key=lambda name: (name != "bundle_manifest.json", name))
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as archive:
        for name in order:
            if len(name) > 99:
                raise ValueError(f"{name}: readers of official bundles take names of at most 99 characters")
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(files[name]), 0o644
            archive.addfile(entry, io.BytesIO(files[name]))
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()
