import numpy
import pytest
from cell_vectors import PATH, text

from mlvc import rans
from mlvc.choices import ASKED, KINDS, SUFFIXES, TABLES, Fit, bases_of, choices_of, contexts_of, counts_of, differences_of, flags_of, prediction_of, steps_of
from mlvc.logits import LOGISTIC, NONE, ONE, Choices, asked, yes_slots
from mlvc.logits import Fit as LogitFit
from mlvc.logits import steps_of as steps_of_choices


def test_the_golden_bytes_are_what_this_code_writes():
    assert PATH.read_text() == text()


def test_a_sum_of_logits_is_a_chance():
    for logit in (-8 * ONE, -5000, -1, 0, 700, 3 * ONE, 40 * ONE):
        exact = 1 / (1 + numpy.exp(-min(logit / ONE, 8)))
        assert abs(yes_slots(logit) / 65536 - exact) < 0.004 and 0 < yes_slots(logit) < 65536
    assert LOGISTIC[16] == yes_slots(0) == 32768


def test_a_size_is_asked_for_until_it_is_known():
    assert list(choices_of(0)) == [(0, False)]
    assert list(choices_of(2)) == [(0, True), (1, True), (2, False)]
    assert list(choices_of(4)) == [(k, True) for k in range(ASKED)] + [(ASKED, False)]  # 1 is left: no bit after its first
    assert list(choices_of(8)) == [(k, True) for k in range(ASKED)] + [(4, True), (5, True), (6, False), (None, 0), (None, 1)]  # 5 = 101
    assert max(kind for kind, _ in choices_of(1 << 20) if kind is not None) == ASKED + SUFFIXES - 1 == KINDS - 1


def test_answers_move_the_logits_that_foretold_them_and_only_those():
    logits = [0] * 10 + [500] * 10
    start, frequency, _ = asked(logits, list(range(8)), True)
    assert (start, frequency) == (32768, 32768) and logits[:10] == [41] * 8 + [0, 0] and logits[10:] == [500] * 10  # 0.02 of half a logit


def test_choices_come_in_the_order_of_reading_and_some_have_no_table():
    found = Choices(3)
    found.add(numpy.array([2, 0]), [numpy.array([5, 6]), numpy.array([7, 8])], numpy.array([1, 0]))
    found.add(numpy.array([1]), [], [True])
    places, answers = found.ordered()
    assert places.tolist() == [[6, 8, NONE], [NONE] * 3, [5, 7, NONE]] and answers.tolist() == [0, 1, 1]
    assert [step[1] for step in steps_of_choices([0] * 9, (places, answers))] == [32768] * 3


def test_a_fit_of_choices_learns_their_odds_and_leaves_what_is_no_table_alone():
    generator = numpy.random.default_rng(4)
    places = generator.integers(0, 4, (4000, 1))
    answers = (generator.random(4000) < numpy.array([0.02, 0.3, 0.5, 0.9])[places[:, 0]]).astype(numpy.uint8)
    fit = LogitFit(5)
    fit.learn([(numpy.concatenate([places, numpy.full((4000, 1), NONE)], 1), answers)])
    chances = 1 / (1 + numpy.exp(-numpy.array(fit.table()) / ONE))
    assert chances[:4] == pytest.approx([0.02, 0.3, 0.5, 0.9], abs=0.06) and fit.table()[4] == 0 and fit.logits[-1] == 0


@pytest.mark.parametrize("count", [0, 1, 22, 23, 24, 60])
def test_even_choices_at_the_end_cost_nothing_up_to_23(count):
    generator = numpy.random.default_rng(count)
    signs = generator.integers(0, 2, count).tolist()
    steps = [(n * 100, 100, 16) for n in range(30)]
    data = rans.stream(steps, signs)
    assert len(data) <= len(rans.stream(steps)) + max(count - 23 + 7, 0) // 8 + (count > 23)
    decoder = rans.Decoder(data)
    for start, frequency, bits in steps:
        assert decoder.state & 0xFFFF in range(start, start + frequency)
        decoder.pull(start, frequency, bits)
    for sign in signs[: max(count - 23, 0)]:
        assert (decoder.state >> 15 & 1) == sign
        decoder.pull(sign << 15, 1 << 15, 16)
    free = decoder.state - rans.LOWER_BOUND
    assert decoder.position == len(data) and [free >> n & 1 for n in range(min(count, 23))] == signs[max(count - 23, 0) :] and free >> min(count, 23) == 0


def test_contexts_see_the_cell_its_neighbours_and_its_channel():
    s0, s1 = numpy.zeros((8, 2, 3), int), numpy.zeros((8, 2, 3), int)
    s0[0, 0, 0], s0[0, 0, 1], s0[1, 0, 1], s1[3, 0, 1] = -9, 1, 2, 1
    scales = [numpy.full((8, 2, 3), scale) for scale in (4, 40)]
    contexts = contexts_of(differences_of(s0, s1, None), flags_of(s0, s1), scales, 128, 17, False)
    assert contexts.shape == (TABLES, 2, 8, 2, 3)
    assert contexts[0, 0, 2, 0, 1] == 4 * 10 + 3  # its cell has shown 1 + 2
    assert contexts[0, 1, 7, 0, 1] == 40 * 10 + 3 and contexts[0, 1, 3, 0, 1] == 40 * 10 + 3  # 4 then, and 3 before
    assert contexts[1, 0, 5, 0, 1] // 26 == 13 and contexts[1, 0, 5, 0, 0] // 26 == 5  # channel 5 of the other half on odd places
    assert contexts[2, 1, 0, 0, 1] % 30 == 4 * 3 + 1  # beside, half 0: 9; in this cell 1
    assert contexts[2, 0, 0, 1, 1] % 30 == 5 * 3  # above left 9, twice
    assert contexts[4, 0, 2, 0, 1] % 45 == 1 * 5 + 3  # two channels earlier 1; the last two 2 and 1
    assert contexts[5, 0, 0, 0, 0] == ((17 // 8 * 2) * 13 + 4) * 5
    assert contexts[6, 0, 0, 0, 0] % 8 == 2 and contexts[6, 1, 0, 1, 1] % 8 == 3  # one coded cell beside; the half


def test_key_frames_code_what_neighbours_do_not_say():
    s0 = numpy.arange(4 * 3 * 3).reshape(4, 3, 3)
    weights = [128, 128, *[0] * 26]
    differences = differences_of(s0, 0 * s0, weights)
    assert differences[0, 0, 1].tolist() == [3 - 1, 4 - 1, 5 - 1]  # above left and above right: 0 + 1, 0 + 2, 1 + 0
    assert (differences[0, 1:] == s0[1:]).all() and (differences_of(s0, 0 * s0, None)[0] == s0).all()


def test_least_squares_find_the_weights():
    generator = numpy.random.default_rng(1)
    frames = []
    for _ in range(6):
        s0, s1 = generator.integers(-30, 31, (2, 4, 12, 12))
        s0[1], s1[3] = (s0[0] * 3) // 4, s1[1] + s1[2] - s1[0]
        frames.append((s0, s1))
    weights = prediction_of(frames)
    assert weights[2:5] == pytest.approx([0, 0, 192], abs=4) and weights[-3:] == pytest.approx([-256, 256, 256], abs=4)


def test_a_fit_learns_what_symbols_are_like():
    generator = numpy.random.default_rng(3)
    fit = Fit(16, 1, levels=2)
    frames = []
    for n in range(60):
        scales = generator.integers(0, 2, (2, 8, 6, 6))
        s0, s1 = (generator.random((2, 8, 6, 6)) < numpy.where(scales, 0.6, 0.05)).astype(int) * generator.choice([-1, 1, 5], (2, 8, 6, 6))
        frames.append((s0, s1, scales))
        fit.see(s0, s1, scales, 3, n % 10 == 0)
    fit.learn()
    tables = fit.tables()
    assert len(tables["choice_logits"]) == bases_of(counts_of(16, 2, 1))[1]

    def cost(tables):
        steps = (step for s0, s1, scales in frames[-10:] for step in steps_of(tables, s0, s1, scales, 2, 3, 1, False)[0])
        return sum(16 - numpy.log2(frequency) for _, frequency, _ in steps)

    nothing = {**tables, "choice_logits": [0] * len(tables["choice_logits"])}
    assert cost(tables) < 0.8 * cost(nothing)
    with pytest.raises(ValueError, match="need"):
        cost({**tables, "choice_logits": [0]})


def test_estimates_and_streams_agree():
    generator = numpy.random.default_rng(5)
    s0, s1 = generator.integers(-12, 13, (2, 4, 5, 5))
    scales = numpy.zeros((2, 4, 5, 5), int)
    fit = Fit(8, 1, levels=1)
    places, answers = fit.choices_in(([s0, s1, *scales], 0, False))
    for intra in (False, True):
        steps, signs = steps_of(fit.tables(), s0, s1, scales, 1, 0, 1, intra)
        bits = sum(kind is None for value in (*s0.flat, *s1.flat) for kind, _ in choices_of(abs(int(value))))
        coded = int((s0 != 0).sum() + (s1 != 0).sum())
        assert len(steps) == len(answers) + bits + intra * coded and len(signs) == (not intra) * coded
    assert places.shape == (len(answers), TABLES)
