"""Units: the recorded result is read by its class; what is not there is a sentence."""

import json

import numpy as np
import pytest

from plantedu.course.family import read_results
from plantedu.errors import PlantEduError
from plantedu.shipped_files import results
from plantedu.topics.neurons.results.units import NeuronsResult, Settings, levels_apart


@pytest.fixture(scope="module")
def recorded():
    found = read_results(results(), "10_units_cross")
    return {name: value for name, value in found.items() if name != "command"}


def test_the_recorded_result_is_read_by_the_class_that_wrote_it(recorded):
    found = NeuronsResult.from_json(recorded)
    assert json.loads(json.dumps(found.as_json())) == recorded
    assert "n = 1,024" in found.chart().alt or "n = 1024" in found.chart().alt
    assert found.chosen()[0].number == found.unit(found.chosen()[0].number).number
    with pytest.raises(PlantEduError, match="Unit 9999"):
        found.unit(9999)


def test_levels_apart_is_the_largest_difference_of_a_channels_mean():
    dark, bright = np.zeros((2, 2, 3), np.uint8), np.full((2, 2, 3), 9, np.uint8)
    assert levels_apart([dark, dark], [dark, bright]) == 9.0


def test_mistakes_are_sentences():
    with pytest.raises(PlantEduError, match="sensor"):
        Settings(sensor="nir")
    with pytest.raises(PlantEduError, match="plants"):
        Settings(plants=3)
