import copy
import json

import pytest
import torch

import counterexample
from counterexample import Pictures, decode, encode, matrix, rates, train
from mlvc.bundle import moving_scene
from mlvc.codec import CodecConfig, build
from mlvc.data import Segments, load_clips
from mlvc.environments import Environment, environments_of
from mlvc.streams import ScaleHead, StreamCodec, table_numbers

Q = 24
CONFIG = CodecConfig.load(counterexample.config_path("mlvc-xs"))


@pytest.fixture(scope="module")
def codec():
    torch.manual_seed(5)
    codec = build(CONFIG).eval()
    with torch.no_grad():
        for name, parameter in codec.named_parameters():
            if name.endswith("weight") and (".dc." in name or ".ffn." in name):
                parameter.mul_(10)  # the DCT start is all but linear
            if name.endswith("gain"):
                parameter.fill_(0.9)  # 1 would be folded without a difference
    return codec


@pytest.fixture(scope="module")
def head():
    torch.manual_seed(6)
    head = ScaleHead(CONFIG).eval()
    with torch.no_grad():
        for conv in head.heads:
            conv.weight.mul_(20)  # untrained, but with scales all over the tables
    return head


@pytest.fixture(scope="module")
def pictures():
    return Pictures("scene", 64, 48, 30.0, list(moving_scene(64, 48, 4)))


@pytest.fixture(scope="module")
def tables(codec):
    return StreamCodec.tables_of(codec)


@pytest.fixture(scope="module")
def environments(codec, head):
    return {e.name: e for e in environments_of(codec, head)}


@pytest.fixture(scope="module")
def coded(environments, tables, pictures):
    return encode(environments["fp32"], tables, pictures, Q)


@pytest.mark.parametrize("predicted", [False, True])
def test_both_streams_decode_to_the_same_pictures_where_they_were_made(environments, tables, pictures, coded, predicted):
    psnr, failed, wrong, seen = decode(environments["fp32"], tables, pictures, coded, Q, predicted)
    assert failed is None and wrong == 0
    for n, frame in enumerate(coded):
        assert psnr[n] == pictures.psnr(n, counterexample.bytes_of_picture(frame.x_hat)) > 15
        assert torch.equal(seen[n], counterexample.bytes_of_picture(frame.x_hat))


def test_the_parts_of_a_frame_are_its_bytes(coded):
    assert all(sum(frame.sent_bytes.values()) == len(frame.sent) for frame in coded)


def test_weights_rounded_elsewhere_destroy_predicted_scales_but_not_sent_ones(environments, tables, pictures, coded):
    elsewhere = environments["bf16-weights"]
    _, failed, wrong, seen = decode(elsewhere, tables, pictures, coded, Q, True)
    assert failed == 0 and wrong > 0
    assert all(torch.equal(picture, seen[0]) for picture in seen[1:])  # refused frames show the picture before
    psnr, failed, _, _ = decode(elsewhere, tables, pictures, coded, Q, False)
    assert failed is None
    assert all(abs(value - pictures.psnr(n, counterexample.bytes_of_picture(frame.x_hat))) < 0.5 for n, (value, frame) in enumerate(zip(psnr, coded)))


def test_one_scale_on_the_other_side_of_its_edge_is_enough(codec, head, environments, tables, pictures, coded):
    """The least that another machine can do: one float in 2,304 is off by one table."""
    other = copy.deepcopy(head)
    whole = other.sigma

    def sigma(step, known, row):
        result = whole(step, known, row).clone()
        if step == 0:
            result[0, 7, 1, 1] += 0.126  # a table's width
        return result

    other.sigma = sigma
    elsewhere = Environment("off by one", "fp32", "", {"codec": codec, "head": other})
    _, failed, wrong, _ = decode(elsewhere, tables, pictures, coded, Q, True)
    assert failed == 0 and wrong == 1
    assert decode(elsewhere, tables, pictures, coded, Q, False)[1] is None


def test_a_decoder_that_goes_on_regardless_shows_noise_and_does_not_crash(environments, tables, pictures, coded):
    psnr, failed, _, seen = decode(environments["bf16-weights"], tables, pictures, coded, Q, True, regardless=4)
    right = decode(environments["bf16-weights"], tables, pictures, coded, Q, False)[0]
    assert failed == 0 and psnr[-1] < right[-1] - 3
    assert all(torch.isfinite(picture).all() for picture in seen)


def test_environments_compute_the_same_network_in_other_ways(environments, tables, pictures, coded):
    for name, environment in environments.items():
        (there,) = encode(environment, tables, Pictures("one", 64, 48, 30.0, pictures.packed[:1]), Q)
        difference = (there.x_hat - coded[0].x_hat).abs().mean()
        assert difference < 0.01, name
        # What the library chooses for so small a network may be the same; what the environment itself changes is not.
        assert difference > 0 or name in ("fp32", "fp32-plain", "fp32-threads", "fp32-layout"), name


def test_an_environment_ends_where_it_is_left(environments):
    threads = torch.get_num_threads()
    with environments["fp32-threads"].entered():
        assert torch.get_num_threads() == 2
    with environments["fp32-plain"].entered():
        assert not torch._C._get_mkldnn_enabled()
    assert torch.get_num_threads() == threads and torch._C._get_mkldnn_enabled()


def test_the_matrix_names_what_fails_and_only_that(environments, tables, pictures):
    pairs = matrix([environments["fp32"], environments["bf16-weights"]], tables, [pictures], Q, report=lambda line: None)
    assert [(p["encoder"], p["decoder"]) for p in pairs if p["predicted"]["frames_lost"]] == [("fp32", "bf16-weights"), ("bf16-weights", "fp32")]
    assert all(p["sent"]["frames_lost"] == 0 and p["sent"]["first_failure"] == [None] for p in pairs)


def test_training_a_head_saves_bits(codec, clip_folder, tmp_path):
    segments = Segments(load_clips([clip_folder], tmp_path), 0, 64, 1, 64)
    torch.manual_seed(0)
    head = ScaleHead(CONFIG)
    sigma = table_numbers(head.sigma(0, torch.zeros(1, head.first[0].adaptor.in_channels, 4, 4), torch.tensor([0])))
    assert (sigma == 3).all()  # (0.5 − 0.11) / 0.125: where it starts
    lines = []
    train(codec, head, lambda step: segments.batch(step, 2, 2), 40, report=lines.append)
    before, after = (float(line.rsplit(" ", 1)[1]) for line in lines)
    assert after < 0.9 * before


def test_rates_compare_the_same_pictures(environments, tables, pictures):
    (line,) = rates(environments["fp32"], tables, pictures, [Q])
    assert line["sent"] == pytest.approx(line["scales"] + line["hyper"] + line["symbols"], abs=0.02)
    assert line["predicted"] > line["hyper"] and json.dumps(line)
