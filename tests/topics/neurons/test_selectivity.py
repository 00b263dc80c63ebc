"""Selectivity: by hand, its null, and what it is not defined for."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.neurons.discretised import DiscreteTarget
from plantedu.topics.neurons.selectivity import of_classes, selectivity


def test_selectivity_by_hand():
    units = np.array([[4.0, 1, 0], [2, 1, 0], [1, 1, 0], [1, 1, 0], [0, 1, 0], [0, 1, 0]])
    codes = np.array([0, 0, 1, 1, 2, 2])
    value, best = of_classes(units, codes)
    # means 3, 1, 0; rest (1 + 0) / 2: (3 - .5) / (3 + .5)
    assert value.tolist() == pytest.approx([2.5 / 3.5, 0, 0])
    assert best[0] == 0


def test_a_unit_of_one_class_is_1_and_noise_is_near_its_null():
    rng = np.random.default_rng(0)
    disease = rng.integers(0, 3, 400)
    units = np.stack([(disease == 1) * 1.0, rng.random(400)], axis=1)
    found = selectivity(units, [DiscreteTarget("disease", disease, levels=3)], generator=rng)
    assert found.value[0, 0] == pytest.approx(1)
    assert found.best[0, 0] == 1
    assert found.value[1, 0] < found.level[1, 0] * 1.5
    assert found.value[0, 0] > found.level[0, 0] > found.mean[0, 0]


def test_a_shift_changes_it_and_a_negative_unit_is_refused():
    rng, disease = np.random.default_rng(0), np.arange(60) % 3
    unit = (disease == 1)[:, None] * 1.0
    asked = [DiscreteTarget("disease", disease, levels=3)]
    assert selectivity(unit + 1, asked, generator=rng).value[0, 0] == pytest.approx(1 / 3)
    with pytest.raises(PlantEduError, match="not negative; the lowest is -1"):
        selectivity(unit - 1, asked, generator=rng)
