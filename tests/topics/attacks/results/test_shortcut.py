"""The shortcut: the recorded result is read and drawn beside its twin; mistakes are sentences."""

import json

import pytest

from plantedu.course.family import read_results
from plantedu.errors import PlantEduError
from plantedu.shipped_files import results
from plantedu.topics.attacks.results.shortcut import Settings, ShortcutResult


def test_the_recorded_result_is_read_by_the_class_that_wrote_it():
    found = read_results(results(), "08_shortcut")
    found.pop("command")
    read = ShortcutResult.from_json(found)
    assert json.loads(json.dumps(read.as_json())) == found
    assert "twin" in read.chart().alt


def test_mistakes_are_sentences():
    for knobs, said in (
        ({"strength": 2.0}, "strength"),
        ({"plants": 1}, "plants"),
        ({"seeds": 0}, "seeds"),
    ):
        with pytest.raises(PlantEduError, match=said):
            Settings(**knobs)
