"""The course's probe reads what scikit-learn's readers with their own penalties read."""

import json

import numpy as np
import pytest

from benchmarks.ridge_probe import OUT, discriminants, logistic, ridge


@pytest.fixture(scope="module")
def rows():
    return json.loads(OUT.read_text(encoding="utf-8"))["mean"]


def test_eight_factors_from_z_and_h_are_within_two_hundredths_both_ways(rows):
    assert len(rows) == 16
    assert max(abs(row["apart"]) for row in rows.values()) <= 0.02


def test_shuffled_numbers_read_nothing(rows):
    numbers = [row for row in rows.values() if "discriminants" not in row]
    assert len(numbers) == 12
    assert all(abs(row[f"{who} shuffled"]) <= 0.02 for row in numbers for who in ("ours", "scikit"))


def test_the_other_readers_read_what_is_planted():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((300, 5))
    number, codes = x[:, 0] + 0.1 * x[:, 1], (x[:, 2] > 0).astype(int)
    assert ridge(x[:200], number[:200], x[200:], number[200:]) > 0.99
    for reader in (logistic, discriminants):
        assert reader(x[:200], codes[:200], x[200:], codes[200:]) > 0.9
