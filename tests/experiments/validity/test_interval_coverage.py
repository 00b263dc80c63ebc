"""The committed coverage says what is promised, and is made again where that is cheap."""

import json

import numpy as np
import pytest
import scipy.stats

from experiments.validity.interval_coverage import NUMBERS, RESULT, summary
from plantedu.statistics.intervals import count_interval

FOUND = json.loads(RESULT.read_text(encoding="utf-8"))


@pytest.mark.parametrize("kind", ["normal", "skewed", "bounded"])
def test_means_of_8_to_48_are_held_in_93_to_97_percent(kind):
    ours, first = FOUND["means"]["ours"][kind], FOUND["means"]["percentile bootstrap"][kind]
    assert ours["from .93 to .97"] == 1
    assert first["least"] < 0.9
    assert {name.partition(", n ")[0] for name in ours["by cell"]} == {
        name for name, (_, _, its) in NUMBERS.items() if its == kind
    }


def test_shares_are_held_as_the_page_says():
    ours = FOUND["shares"]["mid-p"]
    assert 0.93 < ours["mean"] < 0.97
    assert ours["least"] > 0.91
    assert ours["below .93"] < 0.02
    assert FOUND["calibrated learners"]["most"] <= 0.05


def test_a_cell_of_shares_is_made_again():
    n, p = 24, 0.98
    held = sum(
        scipy.stats.binom.pmf(k, n, p)
        for k in range(n + 1)
        if count_interval(k, n)[0] <= p <= count_interval(k, n)[1]
    )
    assert FOUND["shares"]["mid-p"]["n 24, p .98"] == pytest.approx(held)


def test_a_summary_names_its_worst_cell():
    found = summary({"a": 0.95, "b": 0.9, "c": 0.96})
    assert (found["least at"], found["most at"]) == ("b", "c")
    assert found["below .93"] == pytest.approx(1 / 3)
    assert np.isclose(found["mean"], 0.93667, atol=1e-4)
