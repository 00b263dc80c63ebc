"""Numbers of several denoisers beside each other: means, intervals over seeds, what is left out."""

import pytest

from experiments.generation import over_seeds


def test_every_number_is_over_seeds_and_words_are_left_out():
    found = [
        {"mrr": 0.4 + k / 10, "verdict": "pinned", "h": {"n": 3, "angle": None}, "alone": 1}
        for k in range(3)
    ]
    del found[1]["alone"]
    over = over_seeds(found)
    assert set(over) == {"mrr", "h"}
    assert over["h"] == {"n": {"each": [3.0] * 3, "mean": 3.0, "interval": (3.0, 3.0)}}
    assert over["mrr"]["each"] == [0.4, 0.5, pytest.approx(0.6)]
    low, high = over["mrr"]["interval"]
    assert (low, high) == pytest.approx(
        (0.5 - 4.303 * 0.1 / 3**0.5, 0.5 + 4.303 * 0.1 / 3**0.5), abs=1e-4
    )
    assert over_seeds([{"mrr": 0.5}])["mrr"]["interval"] is None, "one seed has no interval"
