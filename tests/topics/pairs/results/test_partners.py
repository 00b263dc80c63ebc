"""Both rulers beside chance and shuffled bands; read back as it was written."""

import json

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.pairs.partners import partners
from plantedu.topics.pairs.results.partners import PartnersResult, Settings


@pytest.fixture(scope="module")
def result():
    return partners(Settings(plants=32, size=24))


def test_it_is_read_back_as_it_was_written(result):
    assert PartnersResult.from_json(json.loads(json.dumps(result.as_json()))) == result


def test_chance_and_null_are_drawn_and_said(result):
    drawing = result.chart(dark=True)
    assert set(drawing.rows["kind"]) == {"match", "chance"}
    assert "chance 0.031" in drawing.alt
    assert "bands shuffled" in drawing.alt


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"plants": 4}, "8 partners"), ({"worlds": ("garden",)}, "garden"), ({"worlds": ()}, "one")],
)
def test_bad_input_is_a_sentence(settings, said):
    with pytest.raises(PlantEduError, match=said):
        Settings(**settings)
