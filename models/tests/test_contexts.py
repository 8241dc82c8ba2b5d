import numpy
import torch
from cell_vectors import PATH, text
from test_networks import codec_of

from mlvc import rans
from mlvc.contexts import CONTEXTS, EXTENT_MAX, HYPER_CONTEXTS, HYPER_EXTENT, context_tables, contexts_of, counted, flag_steps, hyper_contexts, hyper_tables
from mlvc.entropy import SIGMA_LEVELS, gaussian_tables


def test_the_golden_bytes_are_what_this_code_writes():
    assert PATH.read_text() == text()


def test_a_symbols_context_is_what_its_cell_has_shown_before():
    s0, s1 = numpy.zeros((3, 2, 2), int), numpy.zeros((3, 2, 2), int)
    s0[0, 0, 1], s0[2, 0, 1], s1[0, 0, 1] = -9, 1, 2
    c0, c1, flags = contexts_of(s0, s1)
    assert flags.tolist() == [[False, True], [False, False]]
    assert c0[:, 0, 1].tolist() == [0, 3, 3] and c1[:, 0, 1].tolist() == [3, 4, 4]  # sums 0, 3, 3 and 4, 6, 6
    assert c0[:, 1, 1].tolist() == [0, 0, 0]


def test_a_context_of_z_is_the_share_of_coded_cells_and_its_neighbours():
    flags = numpy.zeros((6, 8), bool)
    flags[:4, :4], flags[4, 0] = True, True
    z = numpy.zeros((1, 2, 2), int)
    z[0, 0, 0], z[0, 0, 1] = -2, 5
    contexts = hyper_contexts(z, flags, 4)[0]
    assert contexts.tolist() == [[5 * 3, 1], [1 * 3 + 1, 2]]  # below: 1 of 8 cells; beside: nothing, 2; 2, 5


def test_flags_of_nothing_cost_nothing():
    assert len(rans.stream(flag_steps(numpy.zeros((23, 40), bool)))) <= 6


def test_tables_follow_the_symbols_and_leave_no_symbol_without_a_code():
    counts = numpy.zeros((13, CONTEXTS, 2 * EXTENT_MAX + 2))
    counts[2, 4, EXTENT_MAX - 1] = 1e6  # at scale 2 in context 4 nothing but −1
    tables = rans.Tables(context_tables(counts))
    plain = rans.Tables(gaussian_tables())
    assert len(tables) == SIGMA_LEVELS * CONTEXTS
    assert all(sum(table) == 1 << 16 and min(table) >= 1 for table in tables.frequencies)
    unseen, seen = 2 + SIGMA_LEVELS * 5, 2 + SIGMA_LEVELS * 4
    offset = tables.offsets[seen]
    assert tables.frequencies[seen][offset - 1] > 32000 and tables.frequencies[seen][offset + 1] > 32000  # by symmetry
    assert abs(tables.frequencies[unseen][tables.offsets[unseen]] - plain.frequencies[2][plain.offsets[2]]) <= 2

    of_z = numpy.zeros((9, HYPER_CONTEXTS, 2, 2 * HYPER_EXTENT + 2))
    of_z[3, 7, 1, HYPER_EXTENT + 12] = 1e6
    tables = rans.Tables(hyper_tables(of_z))
    assert len(tables) == 9 * HYPER_CONTEXTS * 2 and all(sum(table) == 1 << 16 and min(table) >= 1 for table in tables.frequencies)
    table = 1 + 2 * (7 + HYPER_CONTEXTS * 3)
    assert tables.frequencies[table][tables.offsets[table] + 12] > 65000


def test_every_symbol_of_coded_cells_is_counted():
    codec = codec_of("mlvc-xs-motion").eval()
    generator = numpy.random.default_rng(2)
    pictures = generator.integers(0, 256, (2, 2, 96, 8, 8)).astype(numpy.uint8)
    of_y, of_z = counted(codec, lambda number: (pictures, numpy.array([5, 60])), 2)
    with torch.no_grad():
        results = []
        state = torch.zeros(2, codec.config.state_channels, 8, 8)
        for n in range(2):
            x = torch.from_numpy(pictures[:, n]).float() / 255 - 0.5
            result = codec(x, state, torch.tensor([5, 60]), codec.config.shift(n))
            state = result.state
            results.append(result.symbols)
    coded = sum(int(((s.s0.abs().sum(1) + s.s1.abs().sum(1)) > 0).sum()) for s in results)
    assert coded > 0 and of_y.sum() == 2 * coded * codec.config.y_channels
    assert of_z.sum() == 2 * sum(s.z.numel() for s in results) and of_z[0].sum() == of_z[60 // 8].sum() == of_z.sum() / 2
