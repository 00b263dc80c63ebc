"""Evidence: no number without its null; intervals are over plants and cover as they say."""

import dataclasses
import json

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence, bootstrap_interval, mean_over_plants, t_interval
from plantedu.statistics.intervals import mean_interval

GIVEN = {"question": "Is it there?", "value": 0.9, "null": 0.3, "control": "shuffled", "n": 40}


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"null": float("nan")}, "has no null"),
        ({"control": "  "}, "has no null"),
        ({"n": 0}, "n=0 units"),
    ],
)
def test_a_number_without_its_null_cannot_be_made(wrong, said):
    with pytest.raises(PlantEduError, match=said):
        Evidence(**{**GIVEN, **wrong})


def test_a_null_cannot_be_left_out_or_changed():
    with pytest.raises(TypeError):
        Evidence(**{key: value for key, value in GIVEN.items() if key != "null"})
    with pytest.raises(dataclasses.FrozenInstanceError):
        Evidence(**GIVEN).null = 0.9  # pyright: ignore[reportAttributeAccessIssue]


def test_caption_and_json():
    assert Evidence(**GIVEN).caption() == "n = 40, 1 seed; null: shuffled"
    assert "5 seeds" in Evidence(**GIVEN, seeds=5).caption()
    plain = json.loads(json.dumps(Evidence(**GIVEN, interval=(0.8, 0.95)).as_json()))
    assert plain["null"] == 0.3
    assert plain["interval"] == [0.8, 0.95]


def test_interval_of_a_known_mean():
    """For the mean of n normals the percentile interval is close to mean +- 1.96 sd / sqrt(n)."""
    values = rng(1).normal(2.0, 1.0, size=400)
    low, high = bootstrap_interval(values, generator=rng())
    half = 1.96 * values.std() / 20
    assert low == pytest.approx(values.mean() - half, abs=0.15 * half)
    assert high == pytest.approx(values.mean() + half, abs=0.15 * half)


def test_intervals_cover_as_they_say():
    draws = [rng(seed).normal(0, 1, 40) for seed in range(200)]
    ends = [bootstrap_interval(d, generator=rng(), level=0.8, resamples=199) for d in draws]
    assert 0.72 < np.mean([low <= 0 <= high for low, high in ends]) < 0.88


def test_same_generator_same_interval():
    values = rng(2).random(30)
    once, again = (bootstrap_interval(values, generator=rng(3)) for _ in range(2))
    assert once == again


def test_students_interval_of_three_runs_is_wider_than_their_range():
    low, high = t_interval([1.0, 2.0, 3.0]) or (0.0, 0.0)
    assert (low, high) == pytest.approx((2 - 4.302653 / 3**0.5, 2 + 4.302653 / 3**0.5))
    assert t_interval([1.0]) is None


def test_a_mean_over_plants_carries_its_null_and_the_interval_of_its_kind():
    per_plant = rng(3).normal(1, 1, 30)
    found = mean_over_plants("How much?", per_plant, 0.1, "shuffled", seeds=2)
    assert (found.value, found.null, found.n, found.seeds) == (per_plant.mean(), 0.1, 30, 2)
    assert found.interval == mean_interval(per_plant)
    with pytest.raises(PlantEduError, match="finite"):
        mean_over_plants("How much?", np.array([1.0, np.nan]), 0.1, "shuffled")
