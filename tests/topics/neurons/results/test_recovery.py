"""Shares are averaged over seeds, and settings are never mixed."""

from dataclasses import replace

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.neurons.results.recovery import Recovery, mean_of

ONE = Recovery("these", 0.8, 0.5, 0.4, 0.1, 0.0, 0.2, 0.3, 512, 8)


def test_the_mean_of_every_share():
    two = replace(ONE, recall=0.6, precision=0.3, dead=0.1)
    found = mean_of([ONE, two])
    assert found.recall == pytest.approx(0.7)
    assert found.precision == pytest.approx(0.2)
    assert found.dead == pytest.approx(0.2)
    assert found.found == pytest.approx(0.4)
    assert (found.width, found.k, found.seeds, found.settings) == (512, 8, 2, "these")


def test_nothing_and_several_settings_are_refused():
    for wrong in ([], [ONE, replace(ONE, k=3)]):
        with pytest.raises(PlantEduError, match="several settings"):
            mean_of(wrong)
