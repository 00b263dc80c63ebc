"""What a drawing may be asked for."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.generation.results.generate import KINDS, Settings


@pytest.mark.parametrize("kind", KINDS)
def test_every_condition_can_be_asked_for(kind):
    assert Settings(kind=kind).kind == kind


@pytest.mark.parametrize(
    "wrong", [{"kind": "song"}, {"samples": 0}, {"samples": 65}, {"guidance": 11.0}, {"seed": -1}]
)
def test_settings_that_cannot_be_are_refused(wrong):
    with pytest.raises(PlantEduError):
        Settings(**wrong)
