"""What was fed, between the means of both sensors; read back as it was written."""

import json

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.pairs.channels import channels
from plantedu.topics.pairs.results.channels import ChannelsResult, Settings


@pytest.fixture(scope="module")
def result():
    return channels(Settings(plants=4, size=24))


def test_it_is_read_back_as_it_was_written(result):
    assert ChannelsResult.from_json(json.loads(json.dumps(result.as_json()))) == result


def test_both_means_are_drawn_and_said(result):
    one = result.of("cross")
    drawing = one.chart()
    assert (drawing.rows["kind"] == "mean").sum() == 2
    assert (drawing.rows["kind"] == "fed").sum() == 8
    assert f"{one.means[0]:.0f}" in drawing.alt


def test_bad_input_is_a_sentence():
    with pytest.raises(PlantEduError, match="at least 2 plants"):
        Settings(plants=1)
    with pytest.raises(PlantEduError, match="garden"):
        Settings(world="garden")
