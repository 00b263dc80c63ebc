"""A learner's own run beside a bet: the newest that fits, its number, and its nulls."""

import pytest

from plantedu.course.own_results import OwnNumber, own_number, own_place
from plantedu.errors import PlantEduError
from plantedu.store.run import Metric
from plantedu.store.store import Store

TRAIN = own_place("train data=field#probe/disease/both", "x.md, line 1")
LEARNER = "learner-of-this-test"


@pytest.fixture
def book(tmp_path):
    store = Store(tmp_path / "s.sqlite")
    yield store
    store.close()


def finished(book, kind, request, result=None, rows=()):
    run = book.submit(kind, request, lane="analysis", learner=LEARNER, worker="w", fresh=True)
    book.log(run, list(rows))
    book.finish(run, result or {}, worker="w")
    return run


def number(place, book) -> OwnNumber:
    found = own_number(place, book, LEARNER)
    assert found is not None
    return found


def test_a_place_is_a_metric_or_a_way_into_a_result():
    assert (TRAIN.kind, TRAIN.settings, TRAIN.metric) == (
        "train",
        {"data": "field"},
        "probe/disease/both",
    )
    found = own_place("report_card#/grades/probe for the mark/alarms", "x.md")
    assert found.place == ("grades", "probe for the mark", "alarms")
    with pytest.raises(PlantEduError, match=r"x\.md, line 9: own="):
        own_place("train", "x.md, line 9")


def test_a_training_gives_its_last_value_beside_its_controls(book):
    values = {"probe": (0.4, 0.986), "random": (0.45, 0.457), "null": (0.3, 0.378)}
    rows = [
        Metric(step, f"{kind}/disease/both", pair[k])
        for kind, pair in values.items()
        for k, step in enumerate((0, 9))
    ]
    run = finished(book, "train", {"data": "field"}, rows=rows)
    finished(book, "train", {"data": "shared_light"}, rows=rows[:2])
    found = number(TRAIN, book)
    assert (found.run, found.value) == (run, 0.986)
    assert found.nulls == (("random init", 0.457), ("shuffled labels", 0.378))
    assert own_number(TRAIN, book, "somebody-else-here") is None


def test_a_result_gives_an_evidence_or_a_cell_beside_its_null(book):
    one = {"value": 0.95, "null": 0.01, "control": "debiased"}
    finished(book, "traps", {}, {"biased": {"2048": one}, "grades": [{"name": "a", "alarms": one}]})
    for place in ("biased/2048", "grades/a/alarms", "grades/0/alarms"):
        found = number(own_place(f"traps#/{place}", ""), book)
        assert (found.value, found.nulls) == (0.95, (("debiased", 0.01),))
    finished(book, "similarity", {"measure": "cka"}, {"value": [[0.8]], "null": [[-0.1]]})
    found = number(own_place("similarity measure=cka#/value/0/0", ""), book)
    assert (found.value, found.nulls) == (0.8, (("shuffled plants", -0.1),))


def test_a_run_without_the_number_is_passed_over(book):
    old = finished(book, "traps", {}, {"biased": {"2048": {"value": 1, "null": 0, "control": "c"}}})
    finished(book, "traps", {"n": 3}, {"biased": {}})
    assert number(own_place("traps#/biased/2048", ""), book).run == old
    assert own_number(own_place("traps n=3#/biased/2048", ""), book, LEARNER) is None
