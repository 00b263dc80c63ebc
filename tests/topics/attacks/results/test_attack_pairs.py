"""Attack pairs: the recorded curve is read and drawn beside noise; mistakes are sentences."""

import json

import pytest

from plantedu.course.family import read_results
from plantedu.errors import PlantEduError
from plantedu.shipped_files import results
from plantedu.topics.attacks.results.attack_pairs import AttackResult, Settings


def test_the_recorded_result_is_read_by_the_class_that_wrote_it():
    found = read_results(results(), "08_attack")
    found.pop("command")
    read = AttackResult.from_json(found)
    assert json.loads(json.dumps(read.as_json())) == found
    assert "noise" in read.chart().alt


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"radius": -0.1}, "0 to 1"),
        ({"radius": 1.2}, "0 to 1"),
        ({"where": "thermal"}, "rgb, rgn, both, shared"),
        ({"plants": 0}, "from 1"),
        ({"network": "gpt"}, "cross-0"),
        ({"attack": "hope"}, "pgd"),
        ({"target": "rust"}, "healthy, blast, brown"),
        ({"goal": "away", "network": "supervised_both-0"}, "no embedding"),
        ({"goal": "dlr", "target": "blast"}, "margin or ce"),
        ({"steps": -1}, "steps"),
        ({"norm": "l2_pair", "where": "rgb"}, "one radius"),
    ],
)
def test_mistakes_are_sentences(knobs, said):
    with pytest.raises(PlantEduError, match=said):
        Settings(**knobs)
