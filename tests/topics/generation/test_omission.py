"""Encoders that are known to omit factors: every factor in turn, and an exam with known answers."""

import numpy as np
import pytest

from plantedu.data.renderer.factors import COLUMNS
from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import world
from plantedu.errors import PlantEduError
from plantedu.topics.generation.omission import examined, groups, middle, setting

NAMES = tuple(f"f{k}" for k in range(12))
GONE = ((), NAMES[0:3], NAMES[3:6], NAMES[6:9], NAMES[9:12])
EFFECT = {name: 0.1 + 0.05 * k for k, name in enumerate(NAMES)}


def test_every_factor_is_omitted_as_often_as_asked():
    sets = groups(2, seed=0)
    assert len(sets) == 8
    for column in COLUMNS:
        assert sum(column in one for one in sets) == 2
    assert groups(2, seed=0) == sets != groups(2, seed=1)
    with pytest.raises(PlantEduError, match="got 0 rounds"):
        groups(0, seed=0)


def test_plants_that_differ_in_omitted_factors_alone_look_the_same():
    assert (middle("disease"), middle("mark"), middle("lesion_count")) == ("blast", "absent", 8)
    gone = tuple(COLUMNS)
    pairs = render(world("field", 0), np.arange(4), size=16, do=setting(gone))
    spread = pairs.x1.astype(float).std(0).mean()
    assert spread < render(world("field", 0), np.arange(4), size=16).x1.astype(float).std(0).mean()
    one = render(world("field", 0), [3], size=16, do=setting(("soil_rgb",)))
    other = render(world("field", 0), [3], size=16, do={"soil_rgb": 0.9} | setting(("soil_rgb",)))
    assert (one.x1 == other.x1).all()


def test_right_tables_win_and_tables_by_lot_do_not():
    right = [{n: 0.0 if n in gone else e for n, e in EFFECT.items()} for gone in GONE]
    exam = examined(right, GONE, EFFECT, NAMES, what="x")
    assert exam.wins.value == exam.apart.value == 1
    assert exam.wins.null == pytest.approx(1 / 5)
    assert exam.wins.interval[0] < 0.6, "five encoders are few"
    rng = np.random.default_rng(0)
    lots = [
        examined([dict(zip(NAMES, rng.random(12), strict=True)) for _ in GONE], GONE, EFFECT, NAMES,
                 what="x")
        for _ in range(200)
    ]  # fmt: skip
    assert np.mean([one.wins.value for one in lots]) == pytest.approx(0.2, abs=0.05)
    assert np.mean([one.apart.value for one in lots]) == pytest.approx(0.5, abs=0.05)


def test_one_table_for_all_is_found_out():
    exam = examined([EFFECT] * 5, GONE, EFFECT, NAMES, what="x")
    assert exam.wins.value <= 0.2
    assert exam.apart.value == 0.5
    with pytest.raises(PlantEduError, match="a table for each"):
        examined([EFFECT], ((),), EFFECT, NAMES, what="x")
