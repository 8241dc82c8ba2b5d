import json
from pathlib import Path

import torch

from mlvc.cascade import PERIOD, quality_of

PATH = Path(__file__).parents[2] / "tests" / "vectors" / "cascade.json"  # C# is held to it, too


def test_the_qualities_are_those_of_the_vectors():
    vectors = json.loads(PATH.read_text())
    assert len(vectors["settings"]) == len(vectors["qualities"]) >= 8 and all(len(qualities) > 2 * PERIOD for qualities in vectors["qualities"])
    for setting, qualities in zip(vectors["settings"], vectors["qualities"]):
        assert [quality_of(setting, n) for n in range(len(qualities))] == qualities


def test_at_both_ends_most_frames_are_equal():
    assert {quality_of(63, n) for n in range(40)} == {63}
    assert [quality_of(0, n) for n in range(40)] == [10] + [0] * 31 + [4] + [0] * 7


def test_tensors_say_the_same():
    settings, numbers = torch.arange(64).repeat_interleave(2 * PERIOD), torch.arange(2 * PERIOD).repeat(64)
    assert quality_of(settings, numbers).tolist() == [quality_of(int(q), int(n)) for q, n in zip(settings, numbers)]
