"""What a drawing may be asked for."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.generation.results.generate import (
    KINDS,
    Settings,
    begun_from,
    places_of,
    strange_words,
)


@pytest.mark.parametrize("kind", KINDS)
def test_every_condition_can_be_asked_for(kind):
    assert Settings(kind=kind).kind == kind


@pytest.mark.parametrize(
    "wrong", [{"kind": "song"}, {"samples": 0}, {"samples": 65}, {"guidance": 11.0}, {"seed": -1}]
)
def test_settings_that_cannot_be_are_refused(wrong):
    with pytest.raises(PlantEduError):
        Settings(**wrong)


@pytest.mark.parametrize(
    ("beyond", "warns"), [(0.02, False), (0.94, False), (0.95, True), (0.98, True), (1.0, True)]
)
def test_the_percentile_is_always_said_and_what_follows_from_95_percent(beyond, warns):
    said = strange_words({"distance": 0.9, "usual": 0.7, "beyond": beyond})
    assert f"{beyond:.1%}** of held-out plants lie nearer" in said
    assert ("conclude nothing" in said) == warns


def test_places_are_called_by_what_they_are():
    assert places_of("walk")[::3] == ("-3 sd", "+0 sd", "+3 sd")
    assert places_of("interpolation") == tuple(f"{k}% of the way" for k in (0, 25, 50, 75, 100))
    assert places_of("pairs") == ("matching", "same disease", "other disease")
    assert places_of("one") == ("",)


def test_what_others_began_with_is_known_by_name_and_by_file():
    starts = ("scratch", "trunk-0", "file:/somewhere/checkpoints/trunk-1.safetensors")
    found = begun_from([{"start": start} for start in starts] + [{}])
    assert {"trunk-0", "trunk-1"} <= found
    assert "leaf-0" not in found
