import hashlib
import json
import tarfile
from pathlib import Path

import onnx
import pytest
import torch

from export import main as export
from mlvc.bundle import PARITY_FRAMES, model_tag, qp_mapping

BUNDLES = Path(__file__).parents[1] / "bundles"
ELEMENT = onnx.TensorProto


def read(path):
    with tarfile.open(path) as archive:
        return {entry.name: archive.extractfile(entry).read() for entry in archive}


@pytest.fixture(scope="module")
def xs(tmp_path_factory):
    """A random xs bundle of two small sizes, one of which pads y."""
    path = tmp_path_factory.mktemp("bundle") / "xs.tar"
    assert export(["--random", "--version", "0.255", "--sizes", "64x64,80x48", "--output", str(path)]) == 0
    return path


def tensors_of(graph):
    shape = lambda value: [d.dim_value for d in value.type.tensor_type.shape.dim]
    return {v.name: (v.type.tensor_type.elem_type, shape(v)) for v in [*graph.input, *graph.output]}


def test_graphs_have_the_tensors_of_the_contract(xs):
    files = read(xs)
    encoder, decoder = (onnx.load_from_string(files[f"MLVC{part}_80x48.onnx"]) for part in ("Encoder", "Decoder"))
    state = (ELEMENT.FLOAT, [1, 192, 6, 10])
    symbols = {"z_raw": (ELEMENT.FLOAT, [1, 48, 1, 2]), "y_raw_0": (ELEMENT.FLOAT, [1, 48, 3, 5]), "y_raw_1": (ELEMENT.FLOAT, [1, 48, 3, 5])}
    common = {"ref_feature": state, "feature": state, "q_index_shifted": (ELEMENT.INT32, [1]), **symbols}
    assert tensors_of(encoder.graph) == {"x": (ELEMENT.UINT8, [1, 96, 6, 10]), **common}
    assert tensors_of(decoder.graph) == {"x_hat": (ELEMENT.UINT8, [1, 96, 6, 10]), **common}
    assert [v.name for v in encoder.graph.output] == ["feature", "z_raw", "y_raw_0", "y_raw_1"]
    assert encoder.opset_import[0].version <= 18


def test_shared_weights_lie_in_one_file_and_the_graphs_load_from_it(xs, tmp_path):
    files = read(xs)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    shared = 0
    for path in tmp_path.glob("*.onnx"):
        for tensor in onnx.load(str(path), load_external_data=False).graph.initializer:
            if tensor.data_location == ELEMENT.EXTERNAL:
                fields = {entry.key: entry.value for entry in tensor.external_data}
                assert fields["location"] == "weights.bin"
                assert int(fields["offset"]) + int(fields["length"]) <= len(files["weights.bin"])
                shared += 1
        onnx.checker.check_model(str(path))
        onnx.load(str(path))  # reads weights.bin
    assert shared > 200
    assert all(len(files[name]) < 60_000 for name in files if name.endswith(".onnx"))


@pytest.mark.parametrize("name", ["mlvc-xs", "mlvc-xs-motion"])
def test_no_sum_directly_follows_a_convolution_that_only_the_encoder_shares(name, xs, tmp_path):
    """ONNX Runtime would fuse such a pair in the decoder alone, and the two states would differ in their last bits."""
    if name != "mlvc-xs":
        assert export(["--config", name, "--random", "--version", "0.255", "--sizes", "64x64", "--output", str(tmp_path / "other.tar")]) == 0
    files = read(xs if name == "mlvc-xs" else tmp_path / "other.tar")
    consumers = []
    for part in ("Encoder", "Decoder"):
        graph = onnx.load_from_string(files[f"MLVC{part}_64x64.onnx"]).graph
        convolutions = {node.output[0]: node for node in graph.node if node.op_type == "Conv"}
        users = {name: sorted(n.op_type for n in graph.node if name in n.input) for name in convolutions}
        weights = {t.name: dict((e.key, e.value) for e in t.external_data).get("offset") for t in graph.initializer}
        consumers.append({weights[node.input[1]]: users[name] for name, node in convolutions.items()})
    encoder, decoder = consumers
    for weight in set(encoder) & set(decoder) - {None}:
        assert encoder[weight] == decoder[weight]


def test_manifest_names_existing_files_and_their_hashes(xs):
    files = read(xs)
    manifest = json.loads(files["bundle_manifest.json"])
    assert list(files)[0] == "bundle_manifest.json" and all(len(name) <= 99 for name in files)
    assert manifest["mlvc_version"] == {"major": 0, "minor": 255}
    for entry in manifest["model_registry"].values():
        content = files[entry["model_path"]] + files[entry["weights_path"]]
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
    for size, part in manifest["model_manifests"].items():
        assert {part["encoder_interface_type"], part["decoder_interface_type"]} == {"fp32_packed420_scale_sending_1p"}
        assert json.loads(files[part["metadata_path"]]) == manifest["model_metadata"][size]
        assert part["gaussian_pmf_path"] in files and part["bit_estimator_pmf_path"] in files
        assert all(p["registry_id"] in manifest["model_registry"] for p in part["model_parts"].values())
    metadata = manifest["model_metadata"]["80x48"]
    assert metadata["feature_channels"] == 192 and metadata["downsample_hyperprior"] == 4
    tag = model_tag("0.255", files["gaussian_pmf.json"], files["bit_estimator_pmf.json"], manifest["model_metadata"])
    assert manifest["extra_params"]["model_tag"] == tag


def test_parity_holds_the_frames_of_the_smallest_size(xs):
    parity = json.loads(read(xs)["parity_80x48.json"])
    assert len(parity["frames"]) == PARITY_FRAMES and parity["frames"][0]["shifted"] == 33 + 8
    assert 0 < parity["bound_symbol_mismatch"] < 0.01


def test_qp_mapping_is_the_published_line():
    mapping = qp_mapping()
    assert len(mapping) == 52 and mapping[:19] == [63] * 19 and mapping[48:] == [0] * 4
    assert [mapping[qp] for qp in (22, 27, 32, 37, 42, 47)] == [55, 44, 33, 23, 12, 2]


def test_official_layout_is_half_precision_and_reproducible_byte_for_byte(tmp_path):
    arguments = ["--config", "mlvc-tiny", "--random", "--version", "0.240", "--sizes", "64x64", "--output"]
    for name in ("a.tar", "b.tar"):
        assert export([*arguments, str(tmp_path / name)]) == 0
    assert (tmp_path / "a.tar").read_bytes() == (tmp_path / "b.tar").read_bytes()
    graph = onnx.load_from_string(read(tmp_path / "a.tar")["MLVCDecoder_64x64.onnx"]).graph
    assert tensors_of(graph)["x_hat"] == (ELEMENT.FLOAT16, [1, 3, 64, 64])
    assert not any(t.data_type == ELEMENT.FLOAT for t in graph.initializer)


def test_a_bundle_says_whether_its_model_moves_the_previous_picture(xs, tmp_path):
    path = tmp_path / "motion.tar"
    assert export(["--config", "mlvc-xs-motion", "--random", "--version", "0.255", "--sizes", "64x64", "--output", str(path)]) == 0
    still, moving = (json.loads(read(p)["bundle_manifest.json"]) for p in (xs, path))
    assert "motion_compensation" not in still["model_metadata"]["64x64"]
    assert moving["model_metadata"]["64x64"]["motion_compensation"] == "overlapped16"
    without = {"64x64": {k: v for k, v in moving["model_metadata"]["64x64"].items() if k != "motion_compensation"}}
    assert model_tag("0.255", b"", b"", moving["model_metadata"]) != model_tag("0.255", b"", b"", without)


def test_export_fails_when_the_verifier_does(tmp_path):
    arguments = ["--config", "mlvc-tiny", "--random", "--sizes", "64x64", "--output", str(tmp_path / "a.tar")]
    assert export([*arguments, "--verify", "false"]) != 0


@pytest.mark.parametrize("path", sorted(BUNDLES.glob("*.tar")), ids=lambda path: path.name)
def test_committed_bundles_are_named_in_the_readme_with_their_hash(path):
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert digest in (BUNDLES.parent / "README.md").read_text()
    assert path.stat().st_size < 15_000_000
