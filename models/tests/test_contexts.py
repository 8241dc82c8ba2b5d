import numpy
import torch
from test_networks import codec_of

from mlvc import rans
from mlvc.contexts import HYPER_CONTEXTS, HYPER_EXTENT, counted, flag_steps, hyper_contexts, hyper_tables


def test_a_context_of_z_is_the_share_of_coded_cells_and_its_neighbours():
    flags = numpy.zeros((6, 8), bool)
    flags[:4, :4], flags[4, 0] = True, True
    z = numpy.zeros((1, 2, 2), int)
    z[0, 0, 0], z[0, 0, 1] = -2, 5
    contexts = hyper_contexts(z, flags, 4)[0]
    assert contexts.tolist() == [[5 * 3, 1], [1 * 3 + 1, 2]]  # below: 1 of 8 cells; beside: nothing, 2; 2, 5


def test_flags_of_nothing_cost_nothing():
    assert len(rans.stream(flag_steps(numpy.zeros((23, 40), bool)))) <= 6


def test_tables_of_z_follow_its_symbols_and_leave_none_without_a_code():
    of_z = numpy.zeros((9, HYPER_CONTEXTS, 2, 2 * HYPER_EXTENT + 2))
    of_z[3, 7, 1, HYPER_EXTENT + 12] = 1e6
    tables = rans.Tables(hyper_tables(of_z))
    assert len(tables) == 9 * HYPER_CONTEXTS * 2 and all(sum(table) == 1 << 16 and min(table) >= 1 for table in tables.frequencies)
    table = 1 + 2 * (7 + HYPER_CONTEXTS * 3)
    assert tables.frequencies[table][tables.offsets[table] + 12] > 65000


def test_frames_are_seen_at_the_quality_of_their_place_and_in_every_second_batch_at_one():
    codec = codec_of("mlvc-xs-motion").eval()
    generator = numpy.random.default_rng(2)
    pictures = generator.integers(0, 256, (2, 2, 96, 8, 8)).astype(numpy.uint8)
    fit, of_z = counted(codec, lambda number: (pictures, numpy.array([5, 60])), 2)
    assert of_z.sum() == 2 * 2 * 2 * codec.config.z_channels * 1  # batches, frames, clips, symbols
    assert len(fit.frames) == 8 and [(q, intra) for _, q, intra in fit.frames] == [(16, True), (63, True), (0, False), (59, False), (5, True), (60, True), (5, False), (60, False)]
    s0, s1, *scales = fit.frames[0][0]
    assert s0.shape == s1.shape == scales[0].shape == (codec.config.y_channels // 2, 4, 4) and (s0 != 0).any()
