"""Lines of the table come back from JSON; mistakes in settings are sentences."""

import json
from dataclasses import asdict

import pytest

from plantedu.course.family import read_results
from plantedu.errors import PlantEduError
from plantedu.serialization import revived
from plantedu.shipped_files import results
from plantedu.statistics.evidence import Evidence
from plantedu.topics.attribution.results.method_comparison import (
    AttributionResult,
    Learned,
    MapScores,
    NotLearned,
    Settings,
)

EVIDENCE = Evidence(question="?", value=0.4, null=0.1, control="do(soil)", n=8, interval=(0.3, 0.5))


def test_lines_come_back():
    for one in (
        Learned("lesions", "lesions-0", "lesions", EVIDENCE, 0.5),
        NotLearned("mark", "mark-0", "lesions", EVIDENCE),
        MapScores(
            arm="lesions",
            row="ig blur",
            cue="lesions",
            grades={"mass": EVIDENCE},
            accuses=EVIDENCE,
            beats=EVIDENCE,
            seeds=(0.4, 0.3),
        ),
    ):
        assert revived(type(one), json.loads(json.dumps(asdict(one)))) == one


def test_not_learned_is_a_kind_of_its_own_and_no_zero():
    assert not issubclass(NotLearned, Learned)
    assert not hasattr(NotLearned("mark", "mark-0", "lesions", EVIDENCE), "rgb_share")


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"arms": ("soil",)}, "Unknown: .'soil'.; there are lesions"),
        ({"rows": ()}, "Name one or more of gxi"),
        ({"rows": ("lime",)}, "Unknown"),
        ({"seeds": 4}, "1 to 3 seeds"),
        ({"plants": 2}, "from 4 to 256"),
        ({"deep": 1}, "deep must be 0"),
    ],
)
def test_mistakes_are_sentences(knobs, said):
    with pytest.raises(PlantEduError, match=said):
        Settings(**knobs)


def test_the_recorded_result_is_read_by_the_class_that_wrote_it():
    found = read_results(results(), "09_report")
    found.pop("command")
    read = AttributionResult.from_json(found)
    assert json.loads(json.dumps(read.as_json())) == found
    assert "which is used" in read.chart(arm="mark", cue="mark").alt
