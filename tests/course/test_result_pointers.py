"""Numbers that a claim may rest on: found in results, refused without a null."""

import json

import pytest

from plantedu.course.result_pointers import committed, evidence_at, places
from plantedu.errors import PlantEduError

WITH = {"question": "How many?", "value": 0.5, "null": 0.1, "control": "a coin", "n": 9,
        "interval": [0.4, 0.6], "arm": "first"}  # fmt: skip
FOUND = {"a": {"b/c": WITH, "bare": {"value": 3, "n": 2}}, "list": [{"value": True}, WITH], "n": 1}


@pytest.fixture
def results(tmp_path):
    (tmp_path / "01_x.json").write_text(json.dumps(FOUND))
    return tmp_path


def test_every_number_is_found_those_with_a_null_first(results):
    found = committed(results, "01_x")
    assert [p.source for p in found] == [
        "results/01_x.json#/a/b~1c",
        "results/01_x.json#/list/1",
        "results/01_x.json#/a/bare",
    ]
    assert [p.null for p in found] == [True, True, False]
    assert "How many? = 0.5" in found[0].says
    assert committed(results, "02_y") == []


def test_a_place_gives_its_evidence_back(results):
    for source in ("results/01_x.json#/a/b~1c", "results/01_x.json#/list/1"):
        found = evidence_at(source, results=results)
        assert (found.value, found.null, found.n, found.interval) == (0.5, 0.1, 9, (0.4, 0.6))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("results/01_x.json#/a/bare", "has no null"),
        ("results/01_x.json#/a/none", "There is no number at"),
        ("results/01_x.json#/n", "There is no number at"),
        ("results/02_y.json#/a", "There is no result 02_y.json"),
        ("results/../01_x.json#/a", "A place is results/NAME.json"),
        ("/etc/passwd#/a", "A place is results/NAME.json"),
        ("run:abc#/a", "is a run; open the app"),
    ],
)
def test_what_is_no_evidence_is_a_sentence(results, source, said):
    with pytest.raises(PlantEduError, match=said):
        evidence_at(source, results=results)


def test_a_null_that_is_no_number_is_none():
    for broken in ({"null": None}, {"null": float("nan")}, {"control": " "}, {"null": "0"}):
        assert [p.null for p in places({"x": WITH | broken}, "o")] == [False]
