import numpy
from test_networks import codec_of

from mlvc import logits, motion_coding, rans
from mlvc.contexts import KINDS, counted, flag_choices, flag_counts, frame_bytes, hyper_choices, hyper_counts
from mlvc.logits import NONE, bases_of, steps_of


def test_a_symbol_of_z_is_seen_by_the_cells_under_it_its_neighbours_and_the_channels_before():
    flags = numpy.zeros((6, 8), bool)
    flags[:4, :4], flags[4, 0] = True, True
    z = numpy.zeros((2, 2, 2), int)
    z[0, 0, 0], z[0, 0, 1], z[1, 0, 0] = -2, 5, 1
    places, answers = hyper_choices(z, flags, 4, 20, False, 9)
    bases = bases_of(hyper_counts(2, 9))[0]
    contexts = (places[:, :8] - bases[:8]) // KINDS
    assert answers.tolist() == [1, 1, 0, 1, 1, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]  # -2: two of three, a sign; 1: one of two, a sign; 5; 0; 0 four times
    assert places[3].tolist() == [bases[8], *[NONE] * 7]  # the sign of channel 0
    assert contexts[0].tolist() == [5 * 2, 0, 0, 0, (2 * 2 * 6 + 5) * 8, 0, 10, 2]  # all of 16 cells
    assert contexts[4].tolist()[2:4] == [9 + 2, 7 + 2]  # the channel before has shown 2
    assert contexts[7].tolist()[:2] == [0, 2] and contexts[7][6] // 99 == 1  # no cell; left 2, and 3 in all channels


def test_a_flag_is_seen_by_its_neighbours_and_its_vector():
    flags = numpy.array([[1, 0, 1], [0, 1, 0]], bool)
    vectors = numpy.zeros((2, 2, 3), int)
    vectors[:, 1, 1] = -5, 4
    places, answers = flag_choices(flags, vectors, 9, True, 9)
    contexts = places - bases_of(flag_counts(9))[0]
    assert answers.tolist() == [1, 0, 1, 0, 1, 0]
    assert contexts[4].tolist() == [(4 + 8) * 2 + 1, (1 * 2 + 1) * 5 + 2, 3 * 25, 4 * 5 + 2, 1, 3 * 3 + 1]
    assert contexts[0].tolist() == [1, 3 * 5, 0, 5 * 2, 1, 0]


def test_trained_logits_make_nothing_cost_nothing():
    still = {
        "vector_logits": [-6000] * sum(motion_coding.counts_of(9)),
        "flag_logits": [-6000] * sum(flag_counts(9)),
        "hyper_logits": [-6000] * sum(hyper_counts(8, 9)),
        "choice_logits": [0] * 12 * (128 * 10 + 16 * (26 + 30 + 45 + 20) + 2080 + 9 * 130 + 1248),
        "key_prediction": [0] * 28,
    }
    nothing = [numpy.zeros((8, 23, 40), int)] * 2
    data = frame_bytes(still, 128, 3, 9, numpy.zeros((8, 6, 10), int), *nothing, nothing, 4, False, numpy.zeros((2, 23, 40), int))
    assert len(data) <= 6


def test_frames_are_seen_at_the_quality_of_their_place_and_in_every_second_batch_at_one():
    codec = codec_of("mlvc-xs-motion").eval()
    generator = numpy.random.default_rng(2)
    pictures = generator.integers(0, 256, (2, 2, 96, 8, 8)).astype(numpy.uint8)
    fit = counted(codec, lambda number: (pictures, numpy.array([5, 60])), 2)
    seen = [(q, intra) for _, q, intra in fit.symbols.frames]
    assert seen == [(16, True), (63, True), (0, False), (59, False), (5, True), (60, True), (5, False), (60, False)] == [frame[3:] for frame in fit.frames]
    s0, s1, *scales = fit.symbols.frames[0][0]
    assert s0.shape == s1.shape == scales[0].shape == (codec.config.y_channels // 2, 4, 4) and (s0 != 0).any()
    assert fit.frames[0][2] is None and fit.frames[2][2].shape == (2, 4, 4)
    fit.learn()
    tables = fit.tables()
    assert [len(tables[name]) for name in ("hyper_logits", "flag_logits", "vector_logits")] == [sum(hyper_counts(codec.config.z_channels, 9)), sum(flag_counts(9)), sum(motion_coding.counts_of(9))]
    assert any(tables["hyper_logits"]) and any(tables["flag_logits"]) and any(tables["vector_logits"])


def test_the_first_question_of_a_field_is_whether_anything_moves():
    vectors = numpy.zeros((2, 3, 4), int)
    assert motion_coding.choices_of(vectors, 17, 9)[0].tolist() == [[2, *[NONE] * 5]]
    vectors[:, 1, 1] = 3, -7
    places, answers = motion_coding.choices_of(vectors, 17, 9)
    assert answers[:7].tolist() == [1, 0, 0, 0, 0, 0, 1]  # yes; five blocks are as expected; the sixth is not
    trained = [0] * sum(motion_coding.counts_of(9))
    assert 6 <= len(rans.stream(steps_of(trained, (places, answers)))) <= 8 and trained == [0] * len(trained) and logits.RATE == 82
