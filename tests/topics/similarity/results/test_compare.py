"""What a comparison is asked: named encoders, or one of the lesson's comparisons."""

import json
from dataclasses import asdict

import pytest

from plantedu.errors import PlantEduError
from plantedu.serialization import revived
from plantedu.topics.similarity.results.compare import Settings


def test_settings_read_back_from_json():
    asked = Settings(encoders=("cross-0",), layers=("h", "z"), sensors=("rgb", "rgn"), plants=64)
    assert revived(Settings, json.loads(json.dumps(asdict(asked)))) == asked


def test_named_encoders_come_before_a_named_comparison():
    assert Settings(comparison="runs").chosen().name == "runs"
    assert Settings(encoders=("cross-0",)).chosen().name == "own"


def test_an_unknown_comparison_is_refused():
    with pytest.raises(PlantEduError, match="noses"):
        Settings(comparison="noses").chosen()
