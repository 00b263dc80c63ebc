"""Each prediction's block says which number settles it; its bins are the prediction's options."""

import json
import math
from pathlib import Path

import pytest

from plantedu.course.answer_bins import answer_bins
from plantedu.course.lessons import lessons_in
from plantedu.course.own_results import own_place
from plantedu.errors import PlantEduError

LESSONS = Path(__file__).parents[2] / "lessons"
PREDICTIONS = [p for lesson in lessons_in(LESSONS) for p in lesson.predictions]
GIVEN = {"settles": "01_fed.json#/a/b", "bins": "low 0.2 some 0.8 most", "says": "Share"}


@pytest.mark.parametrize("prediction", PREDICTIONS, ids=lambda p: p.id)
def test_every_option_of_a_prediction_can_be_the_right_one(prediction):
    assert {key for _, key in prediction.settles.bins} == set(prediction.keys)


@pytest.mark.parametrize("prediction", PREDICTIONS, ids=lambda p: p.id)
def test_bins_cover_every_number_and_ends_belong_above(prediction):
    (*ends, (last, top)) = prediction.settles.bins
    assert last == math.inf
    for k, (end, below) in enumerate(ends):
        assert prediction.settles.option(end - 1e-6) == below
        assert prediction.settles.option(end) == prediction.settles.bins[k + 1][1]
    assert prediction.settles.option(1e9) == top


@pytest.mark.parametrize("prediction", PREDICTIONS, ids=lambda p: p.id)
def test_the_right_option_is_right_over_the_whole_interval(prediction):
    """No bet is settled by luck: other worlds or plants would not make another option right."""
    settles = prediction.settles
    if settles.says.startswith("End of the interval"):  # itself the end that counts
        return
    found = json.loads((LESSONS / "results" / settles.file).read_text(encoding="utf-8"))
    for name in settles.place:
        found = found[int(name)] if isinstance(found, list) else found[name]
    if isinstance(found, dict) and found.get("interval"):
        asked = {settles.option(one) for one in (found["value"], *found["interval"])}
        assert len(asked) == 1, (found["value"], found["interval"], settles.bins)


def test_a_block_is_read_whole():
    found = answer_bins({**GIVEN, "own": "train#probe/x"}, "here")
    assert (found.file, found.place) == ("01_fed.json", ("a", "b"))
    assert found.own == own_place("train#probe/x", "here")
    assert found.bins == ((0.2, "low"), (0.8, "some"), (math.inf, "most"))
    assert answer_bins(GIVEN, "here").own is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("settles", "01_fed.json"),
        ("settles", "../x.json#/a"),
        ("bins", "low"),
        ("bins", "low 0.2"),
        ("bins", "low 0.8 some 0.2 most"),
        ("bins", "low 0.2 some 0.2 most"),
        ("bins", "0.2 low 0.8"),
        ("bins", ""),
    ],
)
def test_a_mistake_is_said_with_its_place(name, value):
    with pytest.raises(PlantEduError, match=r"lesson\.md, line 3: "):
        answer_bins({**GIVEN, name: value}, "lesson.md, line 3")
