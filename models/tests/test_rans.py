import json

import numpy
import pytest
import torch
from conftest import REPOSITORY

from mlvc import rans
from mlvc.entropy import gaussian_tables


def vectors():
    content = json.loads((REPOSITORY / "tests" / "vectors" / "rans.json").read_text())
    tables = content["tables"]
    arrays = {
        "pmf_lengths": [len(t["frequencies"]) for t in tables],
        "pmf_offsets": [t["offset"] for t in tables],
        "pmf_table": [f for t in tables for f in t["frequencies"]],
    }
    return rans.Tables(arrays), content["cases"]


def test_streams_equal_the_vectors_of_the_bitstream_byte_for_byte():
    tables, cases = vectors()
    assert cases
    for case in cases:
        assert rans.encode([(tables, case["symbols"], case["index"])]).hex() == case["bytes"]
        decoder = rans.Decoder(bytes.fromhex(case["bytes"]))
        assert decoder.take(tables, case["index"]).tolist() == case["symbols"]
        assert decoder.finish() is None


@pytest.fixture(scope="module")
def coded():
    tables, random = rans.Tables(gaussian_tables()), numpy.random.default_rng(1)
    numbers = random.integers(0, 60, 3000)
    values = numpy.rint(random.standard_normal(3000) * (0.11 + 0.125 * numbers)).astype(int)
    values[7] = -70000  # far outside every table
    return tables, numbers, values, rans.encode([(tables, values[:1000], numbers[:1000]), (tables, values[1000:], numbers[1000:])])


def test_parts_of_a_stream_come_back_one_after_the_other(coded):
    tables, numbers, values, data = coded
    decoder = rans.Decoder(data)
    assert (decoder.take(tables, numbers[:1000]) == values[:1000]).all()
    assert (decoder.take(tables, torch.from_numpy(numbers[1000:])) == values[1000:]).all()
    assert decoder.finish() is None


def test_one_wrong_table_number_ruins_the_rest_and_is_noticed(coded):
    tables, numbers, values, data = coded
    wrong = numbers.copy()
    wrong[500] += 1
    decoder = rans.Decoder(data)
    read = decoder.take(tables, wrong)
    assert (read[:500] == values[:500]).all()
    assert (read[500:] != values[500:]).mean() > 0.4
    assert decoder.finish() is not None


@pytest.mark.parametrize("broken", [lambda d: b"", lambda d: d[:-1], lambda d: d + b"\0", lambda d: b"\xff" * len(d)])
def test_streams_that_are_no_streams_are_refused(coded, broken):
    tables, numbers, _, data = coded
    decoder = rans.Decoder(broken(data))
    decoder.take(tables, numbers)
    assert decoder.finish() is not None
