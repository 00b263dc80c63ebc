"""Exercises: each check accepts what is right, refuses what is near, and says why."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from plantedu.course.checks import RUN_CHECKS, check, find_check
from plantedu.course.lessons import lessons_in
from plantedu.errors import PlantEduError
from plantedu.store.run import Metric
from plantedu.store.store import Store

LESSONS = Path(__file__).parents[2] / "lessons"
EXERCISES = [e for lesson in lessons_in(LESSONS) for e in lesson.exercises]
BY_NAME = {e.check: e for e in EXERCISES} | {e.id: e for e in EXERCISES}


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "s.sqlite")
    yield store
    store.close()


def run_of(store: Store, losses: list[float], probe: float | None = None, **request) -> str:
    """A recorded run with these losses and this last disease probe."""
    run = store.submit("train", {"prototypes": 64, **request}, lane="training", fresh=True)
    rows = [Metric(step, "loss", loss) for step, loss in enumerate(losses, 1)]
    if probe is not None:
        rows.append(Metric(len(losses), "probe/disease/both", probe))
    store.log(run, rows)
    return run


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.id)
def test_every_exercise_has_its_check(exercise):
    assert find_check(exercise).prompt


def test_every_check_is_asked_for():
    named = {exercise.check for exercise in EXERCISES} - {"number", "word"}
    assert {one.name for one in RUN_CHECKS} == named


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("01.1", ("mesophyll", " Mesophyll "), ("bloom", "nir")),
        ("01.2", ("4", "4.0"), ("3", "5", "64")),
        ("01.3", ("0",), ("1", "204")),
        ("01.4", ("0.8", ".80015", "0,8"), ("0", "0.64", "0.2")),
        ("02.1", ("4.159", "4.16", str(math.log(64))), ("6", "4.1", "1.806")),
        ("02.4", ("3.154", "3.15"), ("4.541", "23.4", "8.006")),
        ("04.1", ("0.971", ".97"), ("1.099", "0.5596", "0.95")),
        ("03.1", ("24901", "24901.0"), ("24900", "24902", "0.5")),
        ("03.2", ("496",), ("512", "528", "0")),
        ("03.4", ("84",), ("83", "50", "100")),
        ("03.5", (".45", "0.42"), ("0.97", ".0833", "0.79")),
        ("10.1", ("0.714", "0,71"), ("0.5", "0.385", "0.2")),
        ("10.2", (".182", "0.18"), ("0.01", "0.2", "0.99")),
        ("10.3", (".0239", "0.024"), ("0", "0.0313", "0.0479")),
        ("08.1", ("0.0314", ".03137"), ("8", "0.03", "0.0332")),
        ("08.2", ("5.1", "5.10"), ("5", "6", "0.02")),
        ("08.3", ("lower", "Lower"), ("higher", "equal")),
        ("09.1", ("4", "4.0"), ("6", "2", "-3")),
        ("09.2", (".143", "0.1429"), (".1", ".07", ".7")),
        ("09.3", ("no", "No"), ("yes", "maybe")),
        ("04.2", ("1.87", "1.9"), ("1", "1.645", "2.2")),
        ("06.1", ("0.5", ".51"), ("0", "0.45", "1")),
        ("06.2", ("51",), ("50", "150", "0")),
        ("06.3", (".01", "0.0101"), ("0", "0.05", "0.005")),
    ],
)
def test_answers(name, right, wrong):
    assert all(check(BY_NAME[name], answer).right for answer in right)
    for answer in wrong:
        assert not check(BY_NAME[name], answer).right
        assert check(BY_NAME[name], answer).text


def test_luck_of_partners_is_what_shuffling_gives():
    generator = np.random.default_rng(0)
    fixed = [(generator.permutation(64) == range(64)).sum() for _ in range(20_000)]
    shares = [sum(f >= k for f in fixed) / len(fixed) for k in (3, 4)]
    assert shares[0] > 0.05 > shares[1]
    assert shares == pytest.approx([0.08, 0.02], abs=0.006)


def test_the_shortcut_is_a_low_loss_without_the_disease(store):
    fell = [4.1, 2.0]

    def verdict(losses, probe, data="shared_light"):
        return check(BY_NAME["shortcut_run"], run_of(store, losses, probe, data=data), store=store)

    assert verdict(fell, 0.45).right
    assert "another world" in verdict(fell, 0.45, data="field").text
    assert "stands at ln K" in verdict([4.16, 4.15], 0.45).text
    assert "No shortcut here" in verdict(fell, 0.95).text
    assert "no disease probe yet" in verdict(fell, None).text


def test_the_best_of_twenty_is_what_drawing_gives():
    draws = np.random.default_rng(0).normal(size=(50_000, 20)).max(1)
    assert check(BY_NAME["04.2"], f"{draws.mean():.3f}").right


def test_a_branch_has_a_parent_and_has_gone_on(store):
    parent = run_of(store, [4.0] * 30)

    def verdict(step, **words):
        run = store.submit("train", {"seed": step, **words}, lane="training", parent=parent)
        store.set_step(run, step, 100)
        return check(BY_NAME["branch_a_run"], run, store=store)

    assert verdict(30, start=f"run:{parent}@plateau").right
    assert "step 5" in verdict(5, start=f"run:{parent}@plateau").text
    assert "starts from scratch" in verdict(40).text
    assert "starts from scratch" in check(BY_NAME["branch_a_run"], parent, store=store).text


def test_a_fork_has_to_be_finished_and_long_enough(store):
    def verdict(steps, kind="fork", done=True):
        run = store.submit(kind, {"steps": steps, "done": done}, lane="analysis")
        if done:
            same = {"value": -0.3, "null": 0.2}
            store.finish(run, {"steps": steps, "same_weights": same})
        return check(BY_NAME["fork_a_run"], run, store=store)

    assert verdict(60).right
    assert "-0.30 nats (null 0.20)" in verdict(60).text
    assert "60 are needed" in verdict(59).text
    assert "is queued" in verdict(60, done=False).text
    assert "is a switch" in verdict(60, kind="switch").text


def test_the_curve_alone_is_right_as_often_as_the_committed_result_says():
    found = json.loads((LESSONS / "results" / "03_clinic.json").read_text(encoding="utf-8"))
    assert check(BY_NAME["03.5"], f"{found['curve_alone']['value']:.2f}").right
    assert not check(BY_NAME["03.5"], f"{found['log_alone']['value']:.2f}").right


def test_what_cannot_be_judged_says_why():
    with pytest.raises(PlantEduError, match="There is no answer yet"):
        check(BY_NAME["02.1"], "  ")
    with pytest.raises(PlantEduError, match="A number is asked for"):
        check(BY_NAME["02.1"], "many")
    with pytest.raises(PlantEduError, match="No check is called 'gardening'"):
        check(replace(BY_NAME["fork_a_run"], check="gardening"), "1")
    for name in ("make_it_collapse", "shortcut_run", "branch_a_run", "tune_the_head", "fork_a_run"):
        with pytest.raises(PlantEduError, match="open it in the app"):
            check(BY_NAME[name], "some-run")


def attacked(store: Store, signs: list[dict]) -> str:
    """A finished attack with these alarms."""
    run = store.submit("attack", {}, lane="analysis", fresh=True)
    store.finish(run, {"signs": signs})
    return run


def test_an_alarm_must_have_been_counted_and_ring(store):
    loud = {"name": "zero slopes", "rings": True, "says": "100 %"}
    quiet = {"name": "zero slopes", "rings": False, "says": "0 %"}
    answer = check(BY_NAME["ring_an_alarm"], attacked(store, [loud]), store=store)
    assert answer.right
    assert "zero slopes" in answer.text
    assert (
        "All alarms are quiet"
        in check(BY_NAME["ring_an_alarm"], attacked(store, [quiet]), store=store).text
    )
    assert "switch on" in check(BY_NAME["ring_an_alarm"], attacked(store, []), store=store).text
    other = store.submit("train", {}, lane="training", fresh=True)
    assert "is a train" in check(BY_NAME["ring_an_alarm"], other, store=store).text
    waiting = store.submit("attack", {"x": 1}, lane="analysis", fresh=True)
    assert "let it finish" in check(BY_NAME["ring_an_alarm"], waiting, store=store).text


def test_a_map_of_the_mark_must_beat_what_knows_no_network(store):
    def mapped(network, own, done=True, kind="attribute"):
        request = {"network": network, "method": "gxi"}
        run = store.submit(kind, request, lane="analysis", fresh=True)
        if done:
            lines = {"gxi": {"value": own}, "edges": {"value": 0.1}}
            store.finish(run, {"mass": {"mark": lines}})
        return check(BY_NAME["map_the_mark"], run, store=store)

    assert mapped("mark-1", 0.3).right
    poor = mapped("mark-1", 0.05)
    assert not poor.right
    assert "0.100" in poor.text
    assert "does not follow the mark" in mapped("lesions-0", 0.3).text
    assert "let it finish" in mapped("mark-0", 0, done=False).text
    assert "is a attack" in mapped("mark-0", 0, kind="attack").text


def test_a_comparison_with_untrained_weights_is_looked_at(store):
    def compared(*encoders, done=True):
        request = {"encoders": list(encoders), "layers": ["h"]}
        run = store.submit("similarity", request, lane="analysis", fresh=True)
        if done:
            store.lease("analysis", "tester")
            store.finish(run, {"value": [[0.09]], "level": [[0.01]]})
        return run

    good = check(BY_NAME["compare_untrained"], compared("cross-0", "random:0"), store=store)
    assert good.right
    assert "0.090" in good.text
    for other in (("cross-0", "cross-1"), ("random:0", "random:1")):
        assert not check(BY_NAME["compare_untrained"], compared(*other), store=store).right
    waiting = check(
        BY_NAME["compare_untrained"], compared("cross-1", "random:0", done=False), store=store
    )
    assert "queued" in waiting.text


def test_a_dictionary_of_random_weights_is_asked_for(store):
    rows = [{"fvu": 0.05, "auroc": {"width": 0.7, "mark": 0.9}}]

    def taken(encoder, kind="dictionary", done=True):
        run = store.submit(kind, {"encoder": encoder}, lane="analysis", fresh=True)
        if done:
            store.lease("analysis", "tester")
            store.finish(run, {"rows": rows})
        return run

    good = check(BY_NAME["dissect_untrained"], taken("random:0"), store=store)
    assert good.right
    assert "FVU 0.050, and a feature for mark with AUROC 0.90" in good.text
    assert not check(BY_NAME["dissect_untrained"], taken("cross-0"), store=store).right
    assert not check(BY_NAME["dissect_untrained"], taken("random:0", "neurons"), store=store).right
    waiting = check(BY_NAME["dissect_untrained"], taken("random:1", done=False), store=store)
    assert "queued" in waiting.text
