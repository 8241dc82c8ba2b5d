import dataclasses

import numpy
import torch
from motion_vectors import PATH, bytes_of_vectors, field, planes, text
from test_networks import codec_of

from mlvc.codec import build
from mlvc.motion import REACH, compensate, price_of, search
from mlvc.motion_coding import LIMIT, motion_bits
from mlvc.pictures import bytes_of_picture, pack420, picture_of_bytes, unpack420


def packed(picture):
    return torch.from_numpy(pack420(*picture))[None].float()


def moved_plainly(picture, vectors):
    """The definition, sample by sample, as the standard writes it."""
    y, u, v = (plane.astype(int) for plane in picture)

    def at(plane, row, column):
        return int(plane[min(max(row, 0), plane.shape[0] - 1), min(max(column, 0), plane.shape[1] - 1)])

    def filtered(samples):
        return min(max((sum(weight * sample for weight, sample in zip((1, -5, 20, 20, -5, 1), samples)) + 16) >> 5, 0), 255)

    def half(row, column):  # of the grid of half samples
        i, j = row >> 1, column >> 1
        beside = lambda i: filtered([at(y, i, j + k) for k in range(-2, 4)]) if column & 1 else at(y, i, j)
        return filtered([beside(i + k) for k in range(-2, 4)]) if row & 1 else beside(i)

    def quarter(row, column):
        corners = [half((row >> 1) + i, (column >> 1) + j) for i in range(1 + (row & 1)) for j in range(1 + (column & 1))]
        return (sum(corners) + len(corners) // 2) // len(corners)

    def eighth(plane, row, column):
        i, j, a, b = row >> 3, column >> 3, row & 7, column & 7
        total = (8 - a) * (8 - b) * at(plane, i, j) + (8 - a) * b * at(plane, i, j + 1) + a * (8 - b) * at(plane, i + 1, j) + a * b * at(plane, i + 1, j + 1)
        return (total + 32) >> 6

    def blended(i, j, block, take):
        row, column, k, l = i // block, j // block, i % block, j % block
        own = take(i, j, vectors[:, row, column])
        total = 64 * own + 32
        for down, right, from_edge in ((-1, 0, k), (1, 0, block - 1 - k), (0, -1, l), (0, 1, block - 1 - l)):
            inside = 0 <= row + down < vectors.shape[1] and 0 <= column + right < vectors.shape[2]
            weight = {16: 15 - 2 * from_edge, 8: 14 - 4 * from_edge}[block]
            if inside and weight > 0:
                total += weight * (take(i, j, vectors[:, row + down, column + right]) - own)
        return total >> 6

    def everywhere(plane, block, take):
        return numpy.array([[blended(i, j, block, take) for j in range(plane.shape[1])] for i in range(plane.shape[0])])

    luma = everywhere(y, 16, lambda i, j, m: quarter(4 * i + m[0], 4 * j + m[1]))
    return [luma, *(everywhere(plane, 8, lambda i, j, m: eighth(plane, 8 * i + m[0], 8 * j + m[1])) for plane in (u, v))]


def test_compensation_is_the_standards_interpolation_sample_by_sample():
    generator = numpy.random.default_rng(3)
    picture, vectors = planes(generator, 48, 32), field(generator, 2, 3, "anything")
    vectors[:, 0, 0], vectors[:, 1, 2] = -LIMIT, LIMIT  # over two corners
    result = unpack420(compensate(packed(picture), torch.from_numpy(vectors)[None].float()))
    for found, expected in zip(result, moved_plainly(picture, vectors)):
        assert (found[0, 0].numpy() == expected).all()


def test_the_golden_bytes_are_what_this_code_writes():
    assert PATH.read_text() == text()


def test_a_still_field_costs_one_bit_and_leaves_the_picture_alone():
    picture = packed(planes(numpy.random.default_rng(4), 64, 48))
    still = torch.zeros(1, 2, 3, 4)
    assert torch.equal(compensate(picture, still), picture)
    assert motion_bits(still).item() == 1 and len(bytes_of_vectors(still[0].int().numpy(), 0)) <= 5


def test_the_search_finds_where_a_picture_went():
    y, u, v = planes(numpy.random.default_rng(9), 128, 96)
    before = packed([y, u, v])
    now = packed([numpy.roll(plane, shift, (0, 1)) for plane, shift in ((y, (2, -6)), (u, (1, -3)), (v, (1, -3)))])
    vectors = search(now, before, price_of(torch.tensor([32])))
    assert (vectors[0, :, 1:-1, 1:-1] == torch.tensor([-8.0, 24.0]).view(2, 1, 1)).all()
    assert search(before, before, price_of(torch.tensor([32]))).abs().max() == 0
    assert vectors.abs().max() <= 4 * REACH


def test_a_network_with_motion_starts_from_the_moved_picture():
    codec = codec_of("mlvc-xs-motion").eval()
    y, u, v = planes(numpy.random.default_rng(10), 96, 64)
    before = picture_of_bytes(packed([y, u, v]))
    now = picture_of_bytes(packed([numpy.roll(plane, shift, 1) for plane, shift in ((y, 4), (u, 2), (v, 2))]))
    state, q = codec.zero_state(now), torch.tensor([40])
    assert torch.equal(codec.moved(now, state, q)[0], state)  # there is nothing to move before the first frame
    state[:, -96:] = before
    after, vectors, bits = codec.moved(now, state, q)
    assert vectors.shape == (1, 2, 4, 6) and vectors.abs().max() > 0
    wrong = [(unpack420(bytes_of_picture(s[:, -96:]) - bytes_of_picture(now))[0][..., 16:-16, 16:-16].abs().mean()) for s in (state, after)]
    assert wrong[1] < 0.05 * wrong[0] and 1 < bits.item() < 200
    assert torch.equal(after[:, :96], state[:, :96])
    with torch.no_grad():
        torch.manual_seed(0)
        still = build(dataclasses.replace(codec.config, motion=False)).eval()
        assert codec(now, state, q, 0).bits < still(now, state, q, 0).bits
