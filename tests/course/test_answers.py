"""Answers of predictions: the option that a measured number falls into."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from plantedu.course.answers import Context, settle
from plantedu.course.lessons import lessons_in
from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence

LESSONS = Path(__file__).parents[2] / "lessons"
ASKED = {one.id: one for lesson in lessons_in(LESSONS) for one in lesson.predictions}


def results(folder: Path, entry: str, value: float) -> Context:
    """A results folder whose one entry holds an Evidence, with fields beside it."""
    file, *place = entry.split("/")
    found: dict = asdict(
        Evidence(question="?", value=value, null=0.3, control="c", n=9, interval=(0.0, 1.0))
    )
    found |= {"random_init": 0.4, "largest": 7.0}
    for word in reversed(place):
        found = {word: found}
    (folder / file).write_text(json.dumps(found))
    return Context(folder)


def test_an_answer_carries_its_null_and_n(tmp_path):
    answer = settle(
        ASKED["disease_probe"], results(tmp_path, "02_training.json/cross/disease", 0.97)
    )
    assert answer.evidence.interval == (0.0, 1.0)
    for said in ("0.97", "0.3", "n = 9"):
        assert said in answer.text


def test_the_published_library_fed_x1_alone():
    assert settle(ASKED["fed_mean"], Context(LESSONS / "results")).key == "only_rgb"


def test_what_cannot_be_settled_says_why(tmp_path):
    with pytest.raises(PlantEduError, match="not measured here yet"):
        settle(ASKED["bloom"], Context(tmp_path))
    (tmp_path / "01_fed.json").write_text('{"fed": 3}')
    with pytest.raises(PlantEduError, match="not measured here yet"):
        settle(ASKED["fed_mean"], Context(tmp_path))
