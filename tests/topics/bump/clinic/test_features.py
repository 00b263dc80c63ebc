"""Features: each answers to what it is named for, and reads nothing but what could be measured."""

from dataclasses import replace

import numpy as np
import pytest

from plantedu.topics.bump.clinic.cases import CaseMeasurements
from plantedu.topics.bump.clinic.features import FEATURES, average_broken, features, noise_of
from plantedu.topics.bump.clinic.records import ema
from tests.topics.bump.conftest import ROWS, made_up  # type: ignore[import-not-found]


def seen() -> CaseMeasurements:
    found = made_up(0, "nothing")
    rows = {n.removeprefix("000/row/"): v for n, v in found.items() if "/row/" in n}
    looks = {n.removeprefix("000/look/"): v for n, v in found.items() if "/look/" in n}
    rows["loss"] = rows["loss"] - rows["loss"].round() + 5  # no step
    looks["row"] = looks["step"] - 1
    looks["first"] = looks["last"] = np.full(len(looks["step"]), 5.0)
    return CaseMeasurements(rows["loss"].copy(), rows, looks)


def changed(plain: CaseMeasurements, kind: str, name: str, values: np.ndarray) -> CaseMeasurements:
    return replace(plain, **{kind: {**getattr(plain, kind), name: values}})


LATE = np.arange(ROWS) >= 200
LATE_LOOK = np.arange(32) >= 20


@pytest.mark.parametrize(
    ("name", "kind", "column", "values"),
    [
        ("rate_jump", "rows", "learning_rate", np.where(LATE, 0.5, 0.1)),
        ("rows_jump", "rows", "fed/rows", np.where(LATE, 32.0, 16.0)),
        ("steps_jump", "rows", "step", np.arange(ROWS) + 80.0 * LATE),
        ("last_still", "looks", "moved/last", np.where(LATE_LOOK, 0.01, 0.0)),
        ("statistics_still", "looks", "moved/statistics", np.where(LATE_LOOK, 0.0, 0.01)),
        ("pictures_off", "rows", "fed/red", np.where(LATE, 0.9, 0.5)),
        ("rulers_apart_late", "looks", "last", np.where(LATE_LOOK, 6.0, 5.0)),
        ("accuracy_rise", "looks", "accuracy/test", np.where(LATE_LOOK, 0.9, 0.1)),
        ("accuracy_gap", "looks", "accuracy/test", np.full(32, 0.1)),
        ("train_rise", "looks", "accuracy/train", np.where(LATE_LOOK, 1.0, 0.5)),
        ("entropy_step", "rows", "entropy", 4.0 - LATE),
    ],
)
def test_a_feature_answers_to_its_own_change(name, kind, column, values):
    plain = seen()
    if column == "fed/red":
        values = values + 0.01 * np.random.default_rng(2).normal(size=ROWS)
    before, after = features(plain), features(changed(plain, kind, column, values))
    k = FEATURES.index(name)
    assert abs(after[k] - before[k]) > 0.5


def test_one_average_is_whole_and_a_restarted_one_is_broken():
    raw = np.random.default_rng(0).normal(5, 0.1, 200)
    for beta in (0.0, 0.8, 0.9):
        assert average_broken(ema(raw, beta)[40:], raw[40:]) < 1e-3
    broken = np.r_[ema(raw[:120], 0.9), ema(raw[120:], 0.9, from_zero=True)]
    assert average_broken(broken[40:], raw[40:]) > 1


def test_noise_is_told_from_a_trend():
    trend = np.linspace(0, 50, 4000)
    values = trend + np.random.default_rng(0).normal(0, 0.5, 4000)
    assert noise_of(values) == pytest.approx(0.5, rel=0.1)


def test_features_are_finite_for_every_family():
    from plantedu.topics.bump.clinic.cases import draw_case

    read = np.stack([features(draw_case(seed).seen) for seed in range(60)])
    assert read.shape == (60, len(FEATURES))
    assert np.isfinite(read).all()
