"""Settings read back, and what they name is found."""

import json
from dataclasses import asdict

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.similarity.request import Settings


def test_settings_read_back_from_json():
    asked = Settings(encoders=("cross-0",), layers=("h", "z"), sensors=("rgb", "rgn"), plants=64)
    assert Settings.from_json(json.loads(json.dumps(asdict(asked)))) == asked


def test_named_encoders_come_before_a_named_comparison():
    assert Settings(comparison="runs").chosen().name == "runs"
    assert Settings(encoders=("cross-0",)).chosen().name == "own"


def test_a_setting_that_is_none_is_said():
    with pytest.raises(PlantEduError, match=r"no setting \['colour'\]"):
        Settings.from_json({"colour": "red"})
