import json
import tarfile

import numpy
import onnx
import pytest
import torch
from onnx import numpy_helper

from export import main as export, wake
from mlvc.bundle import fold_for_export, moving_scene
from mlvc.codec import CodecConfig, build
from mlvc.pictures import bytes_of_picture, picture_of_bytes
from mlvc.quantization import IntegerConv, integer_codec


@pytest.fixture(scope="module")
def graphs(tmp_path_factory, clip_folder):
    """Manifest, and the integer graphs of a random xs bundle fitted to a synthetic clip: {"Encoder": …, "Decoder": …}."""
    folder = tmp_path_factory.mktemp("int8")
    arguments = ["--random", "--version", "0.255", "--sizes", "64x64", "--int8", "--calibrate", str(clip_folder)]
    assert export([*arguments, "--cache", str(folder), "--output", str(folder / "a.tar")]) == 0
    with tarfile.open(folder / "a.tar") as archive:
        archive.extractall(folder)
    manifest = json.loads((folder / "bundle_manifest.json").read_text())
    return manifest, {part: onnx.load(str(folder / f"MLVC{part}_64x64_int8.onnx")).graph for part in ("Encoder", "Decoder")}


def convolutions(graph):
    """Bytes of the weights -> step of the input, step of the output, of every convolution in integers."""
    tensors = {t.name: t for t in graph.initializer}
    producers = {name: node for node in graph.node for name in node.output}
    readers = {name: node for node in graph.node for name in node.input}
    found = {}
    for node in graph.node:
        if node.op_type == "Conv" and node.input[1] in producers:
            source = producers[node.input[0]]
            while source.op_type == "Transpose":
                source = producers[source.input[0]]
            weights = tensors[producers[node.input[1]].input[0]]
            steps = [numpy_helper.to_array(tensors[n.input[1]]).item() for n in (source, readers[node.output[0]])]
            assert weights.data_type == onnx.TensorProto.INT8
            found[numpy_helper.to_array(weights).tobytes()] = steps
    return found


def test_both_graphs_share_every_step_so_that_they_compute_the_state_alike(graphs):
    encoder, decoder = (convolutions(graphs[1][part]) for part in ("Encoder", "Decoder"))
    assert len(decoder) > 50 and len(encoder) > len(decoder)
    assert {weights: encoder[weights] for weights in decoder} == decoder


def test_the_manifest_names_the_integer_graphs_beside_their_parents(graphs):
    parts = graphs[0]["model_manifests"]["64x64"]["int8_model_parts"]
    paths = [graphs[0]["model_registry"][parts[part]["registry_id"]]["model_path"] for part in ("MLVCEncoder", "MLVCDecoder")]
    assert paths == ["MLVCEncoder_64x64_int8.onnx", "MLVCDecoder_64x64_int8.onnx"]


@torch.no_grad()
def test_the_integer_network_makes_nearly_its_parents_pictures():
    torch.manual_seed(1)
    codec = build(CodecConfig.load("configs/mlvc-xs-motion.json"))
    wake(codec)
    pictures = list(moving_scene(96, 80, 6))
    parent, integer = fold_for_export(codec), integer_codec(fold_for_export(codec), [pictures])
    x, row = picture_of_bytes(torch.from_numpy(pictures[0])[None].float()), torch.tensor([40])
    state, symbols = parent.encode(x, parent.zero_state(x), row)
    x = picture_of_bytes(torch.from_numpy(pictures[1])[None].float())
    _, symbols = parent.encode(x, state, row)
    found, expected = (bytes_of_picture(network.decode(symbols, state, row)[0]) for network in (integer, parent))
    assert 0 < (found - expected).abs().mean() < 0.5
    assert sum(isinstance(part, IntegerConv) for part in integer.modules()) > 70


def test_int8_needs_training_clips(capsys):
    with pytest.raises(SystemExit):
        export(["--random", "--int8", "--output", "never.tar"])
    assert "--calibrate" in capsys.readouterr().err
