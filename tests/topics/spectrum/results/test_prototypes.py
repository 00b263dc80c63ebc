"""Every recorded result reads back as what wrote it, and its chart says n and null."""

import json

import pytest

from plantedu.errors import PlantEduError
from plantedu.shipped_files import results
from plantedu.topics.spectrum.results.prototypes import PrototypesResult, Settings

RECORDED = json.loads((results() / "07_prototypes.json").read_text(encoding="utf-8"))
NAMES = [name for name, one in RECORDED.items() if isinstance(one, dict) and "settings" in one]


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_result_reads_back(name):
    found = PrototypesResult.from_json(RECORDED[name])
    assert json.loads(json.dumps(found.as_json())) == RECORDED[name]


def test_its_chart_says_null_and_plants():
    words = PrototypesResult.from_json(RECORDED[NAMES[0]]).chart(dark=True).alt
    assert "n = " in words


@pytest.mark.parametrize("wrong", [{"plants": 1}, {"shuffles": 1}])
def test_settings_that_cannot_be_are_refused(wrong):
    with pytest.raises(PlantEduError):
        Settings(**wrong)
