"""Export and verify: equal on an honest report; a forged number is found by making it again."""

import json
import re

import pytest

from plantedu.course.report_export.packing import learner_record, pack
from plantedu.course.report_export.reading import read_report
from plantedu.course.report_export.rerun import again
from plantedu.course.report_export.verifying import verify
from plantedu.errors import PlantEduError
from plantedu.jobs.jobs import job_for
from plantedu.store.work import Work
from tests.course.report_export.conftest import CARD, COURSE, RESULTS
from tests.course.report_export.test_packing import members
from tests.course.report_export.test_reading import changed

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


@pytest.fixture
def here(monkeypatch):
    """Runs are made again in this process: the child loads all of torch (test_rerun_process.py)."""
    monkeypatch.setattr(
        "plantedu.course.report_export.verifying.apart", lambda record, *, seconds: again(record)
    )


def test_an_honest_report_verifies(zipped):
    steps = checked(zipped)
    assert [step.name for step in steps if step.holds is not True] == []
    names = " ".join(step.name for step in steps)
    for part in ("files", "calibration", "answer 03_bump/", "claim 1", "figure reliability"):
        assert part in names


@pytest.mark.usefixtures("here")
def test_a_run_is_made_again_and_is_the_same_within_tolerance(with_run):
    steps = {
        step.name: step for step in checked(with_run, longest=900) if step.name.startswith("run")
    }
    assert sorted(step.holds is True for step in steps.values()) == [False, True]
    (left,) = [step for step in steps.values() if step.holds is None]
    assert "which is not in the report" in left.says
    assert all(s.holds is None for s in checked(with_run, longest=0) if s.name.startswith("run"))


@pytest.mark.usefixtures("here")
def test_a_forged_run_is_found(with_run):
    runs = json.loads(members(with_run)["runs.json"])
    for run in runs:
        if run["request"] == CARD:
            run["result"]["grades"][0]["hits"]["value"] = 0.5
            run["seconds"] = 1e9  # "too long to be looked at", it said, and was not
    forged = changed(with_run, rehash=True, **{"runs.json": json.dumps(runs).encode()})
    (name,) = wrong(forged, longest=900)
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


def test_every_member_of_the_zip_is_compared_and_not_its_hash_alone(zipped):
    """Each of these passed as "same" before: only the data of figures was looked at."""
    held = members(zipped)
    spec = json.loads(held["figures/reliability.vl.json"])
    forged = {
        "figures/reliability.svg": held["figures/reliability.svg"].replace(
            b"</svg>", b"<a/></svg>"
        ),
        "figures/reliability.vl.json": json.dumps(spec | {"code": "http://x"}).encode(),
        "README.txt": b"Run again.py as root.",
        "again.py": b"print('45 same')",
        "exercises.json": json.dumps({"06_similarity": ["06.99"]}).encode(),
        "hashes.json": json.dumps({"08_attacks.json": "0" * 64}).encode(),
    }
    names = {
        **dict.fromkeys(list(forged)[:2], "figure reliability"),
        "exercises.json": "exercises",
        "hashes.json": "hashes",
    }
    for name, content in forged.items():
        found = wrong(changed(zipped, rehash=True, **{name: content}))
        assert found == [names.get(name, name)], name


def test_another_picture_of_the_same_chart_is_found_and_another_last_digit_is_not(zipped):
    svg = members(zipped)["figures/reliability.svg"].decode()
    number = next(n for n in re.findall(r"\d+\.\d+", svg) if float(n) > 20)
    for by, fine in ((1e-4, True), (3.0, False)):
        other = svg.replace(number, f"{float(number) + by:.6f}", 1).encode()
        found = wrong(changed(zipped, rehash=True, **{"figures/reliability.svg": other}))
        assert (found == []) == fine


def test_one_learner_answers_a_question_once(zipped):
    made = json.loads(members(zipped)["predictions.json"])
    forged = changed(
        zipped, rehash=True, **{"predictions.json": json.dumps([*made, made[0]]).encode()}
    )
    assert "predictions" in wrong(forged)


def test_words_of_the_report_reach_no_terminal_as_they_are(zipped):
    run = {"id": "\x1b[2J\x1b[32msame", "kind": "ping\r", "request": {}, "result": {}}
    claims = json.loads(members(zipped)["claims.json"])
    claims[0]["source"] = "results/\x1b]0;x\x07.json#/a"
    odd = {"runs.json": json.dumps([run]).encode(), "claims.json": json.dumps(claims).encode()}
    heard: list[str] = []
    steps = checked(changed(zipped, rehash=True, **odd), say=heard.append)
    assert heard
    assert all((one.name + one.says).isprintable() for one in steps)
    assert all(one.isprintable() for one in heard)


def test_what_a_report_asks_for_is_bounded(zipped):
    runs = [{"id": str(k), "kind": "ping", "request": {}, "result": {}} for k in range(21)]
    deep = b"[" * 100 + b"]" * 100
    many = [COMMITTED | {"item": str(k)} for k in range(2001)]
    for files, said in (
        ({"runs.json": json.dumps(runs).encode()}, "holds 21"),
        ({"runs.json": deep}, "nested deeper"),
        ({"predictions.json": json.dumps(many).encode()}, "2000 is the most"),
    ):
        with pytest.raises(PlantEduError, match=said):
            checked(changed(zipped, rehash=True, **files))


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
