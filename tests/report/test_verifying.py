"""Export and verify: equal on an honest report; a forged number is found by making it again."""

import json

import pytest

from plantedu.errors import PlantEduError
from plantedu.report.opened import read_report
from plantedu.report.packing import learner_record, pack
from plantedu.report.verifying import verify
from plantedu.runs.jobs import Work, job_for
from tests.report.conftest import CARD, COURSE, RESULTS
from tests.report.test_opened import changed
from tests.report.test_packing import members

COMMITTED = {"lesson": "a", "item": "b", "options": 3, "choice": "c", "confidence": 0.5,
             "answer": "c"}  # fmt: skip


def checked(data: bytes, **knobs):
    return verify(read_report(data), COURSE, RESULTS, **knobs)


def wrong(data: bytes, **knobs) -> list[str]:
    return [step.name for step in checked(data, **knobs) if step.holds is False]


@pytest.fixture
def with_run(record, token):
    """The same report with a run that is short, and one that rests on the learner's files."""

    class Wishes:
        wish = ""

    for request in (CARD, {**CARD, "methods": ["~/mine"]}):
        run_id = record.submit("report_card", request, lane="analysis", learner=token, worker="w")
        result = {"x": 1.0}
        if request is CARD:
            result = job_for("report_card")(Work(record, record.run(run_id), Wishes()))
        record.finish(run_id, result, worker="w")
    return pack(learner_record(token, record.path, record), COURSE, RESULTS)


def test_an_honest_report_verifies(zipped):
    steps = checked(zipped)
    assert [step.name for step in steps if step.holds is not True] == []
    names = " ".join(step.name for step in steps)
    for part in ("files", "calibration", "answer 03_bump/", "claim 1", "figure reliability"):
        assert part in names


def test_a_run_is_made_again_and_is_the_same_within_tolerance(with_run):
    steps = {step.name: step for step in checked(with_run) if step.name.startswith("run")}
    assert sorted(step.holds is True for step in steps.values()) == [False, True]
    (left,) = [step for step in steps.values() if step.holds is None]
    assert "which is not in the report" in left.says
    assert all(s.holds is None for s in checked(with_run, longest=-1) if s.name.startswith("run"))


def test_a_forged_run_is_found(with_run):
    runs = json.loads(members(with_run)["runs.json"])
    for run in runs:
        if run["request"] == CARD:
            run["result"]["grades"][0]["hits"]["value"] = 0.5
    forged = changed(with_run, rehash=True, **{"runs.json": json.dumps(runs).encode()})
    (name,) = wrong(forged)
    assert "report_card" in name


@pytest.mark.parametrize(
    ("file", "at", "value", "found"),
    [
        ("predictions.json", (1, "answer"), "nonsense", "answer"),
        ("predictions.json", (1, "confidence"), 0.95, "calibration"),
        ("claims.json", (0, "evidence", "value"), 0.99, "claim 1"),
        ("claims.json", (0, "source"), "results/08_attacks.json#/none", "claim 1"),
        ("calibration.json", ("parts", "brier"), 0.01, "calibration"),
    ],
)
def test_a_forged_record_is_found_though_its_hash_is_right(zipped, file, at, value, found):
    record = json.loads(members(zipped)[file])
    place = record
    for word in at[:-1]:
        place = place[word]
    place[at[-1]] = value
    forged = changed(zipped, rehash=True, **{file: json.dumps(record).encode()})
    assert any(name.startswith(found) for name in wrong(forged))


def test_a_forged_figure_is_found(zipped):
    csv = members(zipped)["figures/reliability.csv"].replace(b"bin", b"bim", 1)
    forged = changed(zipped, rehash=True, **{"figures/reliability.csv": csv})
    assert wrong(forged) == ["figure reliability"]
    gone = changed(zipped, rehash=True, **{"figures/claims.csv": None})
    assert wrong(gone) == ["figure claims"]


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("predictions.json", [{"a": 1}]),
        ("predictions.json", [1]),
        ("claims.json", [{"evidence": {}}]),
        ("claims.json", ["x"]),
        ("runs.json", ["x"]),
        ("predictions.json", [COMMITTED | {"confidence": "sure"}]),
        ("predictions.json", [COMMITTED | {"options": 1}]),
        ("predictions.json", [COMMITTED | {"lesson": []}]),
    ],
)
def test_records_of_another_kind_are_a_sentence(zipped, file, content):
    odd = changed(zipped, rehash=True, **{file: json.dumps(content).encode()})
    with pytest.raises(PlantEduError, match=f"{file} holds something else"):
        checked(odd)
