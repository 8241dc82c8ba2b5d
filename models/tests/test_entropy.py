import json

import numpy
import pytest
import torch
from conftest import REPOSITORY

from mlvc.entropy import FactorizedPrior, gaussian_bits, gaussian_tables, prior_tables, quantize, sigma_of

# Row 21 and the first lengths of libmlvc's test data, as published.
ROW_21 = [139, 375, 883, 1824, 3305, 5245, 7294, 8892, 9498, 8891, 7295, 5244, 3305, 1825, 883, 374, 139, 125]
LENGTHS = [6, 6, 6, 6, 8, 8, 10, 10, 12, 12, 14, 14, 14, 16, 16, 18, 18, 18, 18, 18, 18, 18]


def rows_of(tables):
    ends = numpy.cumsum(tables["pmf_lengths"])
    return [tables["pmf_table"][end - length : end] for end, length in zip(ends, tables["pmf_lengths"])]


def check_invariants(tables):
    for offset, row in zip(tables["pmf_offsets"], rows_of(tables)):
        assert sum(row) == 65536 and min(row) >= 1
        assert 0 <= offset < len(row) - 1


def test_gaussian_tables_equal_the_official_rows_but_for_one_unit():
    path = REPOSITORY / "tests" / "vectors" / "gaussian_pmf_rows.json"
    ours = rows_of(gaussian_tables())
    for index, official in json.loads(path.read_text())["rows"].items():
        assert len(ours[int(index)]) == len(official)
        assert numpy.abs(numpy.subtract(ours[int(index)], official)).max() <= 1, index
    assert numpy.abs(numpy.subtract(ours[21], ROW_21)).max() <= 1


def test_gaussian_tables_have_the_published_shape():
    tables = gaussian_tables()
    check_invariants(tables)
    assert tables["pmf_lengths"][:22] == LENGTHS
    assert len(tables["pmf_lengths"]) == 128 and len(tables["pmf_table"]) == 2192
    assert tables["index_space"] is True


def test_prior_tables_follow_the_learned_distribution():
    torch.manual_seed(3)
    prior = FactorizedPrior(rows=4, channels=5)
    with torch.no_grad():
        for parameter in prior.parameters():
            parameter.mul_(20)
    tables = prior_tables(prior)
    check_invariants(tables)
    assert tables["qp_num"] == 4 and tables["channels"] == 5 and len(tables["pmf_lengths"]) == 20
    row, channel = 2, 3
    index = channel + row * 5
    z = torch.zeros(1, 5, 1, 1)
    expected = 2 ** -float(prior.bits(z, torch.tensor([row]))[0, channel]) * 65536
    assert abs(rows_of(tables)[index][tables["pmf_offsets"][index]] - expected) <= 20


def test_quantize_borrows_from_the_light_entries_first():
    assert quantize([0, 0.01, 0.98, 0.01, 0, 0]) == [1, 654, 64225, 654, 1, 1]


@pytest.mark.parametrize("index", [1, 20, 80])
def test_estimated_bits_agree_with_the_integer_tables(index):
    tables = gaussian_tables()
    row, offset = rows_of(tables)[index], tables["pmf_offsets"][index]
    for value in (0, 1):
        bits = float(gaussian_bits(torch.tensor(float(value)), torch.tensor(sigma_of(index))))
        assert bits == pytest.approx(-numpy.log2(row[offset + value] / 65536), abs=0.01)
