"""The recorded result reads back as what wrote it, and its chart says n and null."""

import json

import pytest

from plantedu.errors import PlantEduError
from plantedu.shipped_files import results
from plantedu.topics.generation.results.encoder_comparison import EncoderComparisonResult, Settings

RECORDED = json.loads((results() / "05_rivals_seed.json").read_text(encoding="utf-8"))
FOUND = {name: one for name, one in RECORDED.items() if name != "command"}


def test_the_recorded_result_reads_back():
    assert json.loads(json.dumps(EncoderComparisonResult.from_json(FOUND).as_json())) == FOUND


def test_its_chart_says_plants_and_null():
    words = EncoderComparisonResult.from_json(FOUND).chart(dark=True).alt
    assert "n = " in words
    assert "null" in words


@pytest.mark.parametrize("wrong", [{"plants": 4}])
def test_settings_that_cannot_be_are_refused(wrong):
    with pytest.raises(PlantEduError):
        Settings(**wrong)
