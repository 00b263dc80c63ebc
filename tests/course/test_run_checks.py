"""Exercises that ask for a run: a right run passes, and two that one might submit do not."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plantedu.course.checks import RUN_CHECKS, check
from plantedu.course.lessons import lessons_in
from plantedu.errors import PlantEduError
from plantedu.store.run import Metric
from plantedu.store.store import Store

LN_K = math.log(64)
SCORE = {"score": {"value": 0.6, "null": 0.1}, "r2": {"value": 0.5, "null": 0.2}}
ACCURACY = {"accuracy": {"value": 0.9, "null": 0.36, "control": "class prior"}}
FORK = {"steps": 60, "same_weights": {"value": -0.3, "null": 0.2}}
LOUD, QUIET = ({"name": "zero slopes", "rings": rings} for rings in (True, False))
ALIKE = {"value": [[0.09]], "level": [[0.01]]}
EXAMINED = {"sections": [{"notes": ["FOUND: predictions follow cell top, left. It is there."]}]}
FEATURES = {"rows": [{"fvu": 0.05, "auroc": {"width": 0.7}}]}


def card(worlds: int = 5, seed: int = 1000, methods: tuple[str, ...] = ()) -> dict[str, Any]:
    """A report card of two methods, one of them a trap."""
    verdicts = (("good", 0.0), ("not told from a coin", 1.0))
    grades = [{"verdict": said, "alarms": {"value": alarms}} for said, alarms in verdicts]
    settings = {"worlds": worlds, "seed": seed, "methods": list(methods)}
    return {"settings": settings, "grades": grades}


def mapped(own: float) -> dict[str, Any]:
    """Mass of a map and of an edge map in the mark."""
    return {"mass": {"mark": {"gxi": {"value": own}, "edges": {"value": 0.1}}}}


def curves(losses: list[float], probe: float | None = None) -> list[Metric]:
    rows = [Metric(k, name, loss) for k, loss in enumerate(losses, 1) for name in LOSSES]
    return rows + ([Metric(len(losses), "probe/disease/both", probe)] if probe else [])


LOSSES = ("loss", "entropy")
DREW = {"numbers": {"spread, 1/255": {"value": 9.0}}}
Run = tuple[str, dict[str, Any], dict[str, Any] | list[Metric] | int | None]
SHARED = {"prototypes": 64, "data": "shared_light"}
PAIR, SAME = ({"encoders": ["cross-0", other]} for other in ("random:0", "cross-1"))
RUNS: dict[str, tuple[Run, Run, Run]] = {  # kind, request, and result, curves or step: right, wrong
    "make_it_collapse": (
        ("train", {"prototypes": 64}, curves([LN_K] * 200)),
        ("train", {"prototypes": 64}, curves([LN_K - 0.005 * k for k in range(200)])),
        ("train", {"prototypes": 64}, curves([LN_K] * 50)),
    ),
    "shortcut_run": (
        ("train", SHARED, curves([4.1, 2.0], 0.45)),
        ("train", {**SHARED, "data": "field"}, curves([4.1, 2.0], 0.45)),
        ("train", SHARED, curves([4.1, 2.0], 0.95)),
    ),
    "branch_a_run": (
        ("train", {"start": "run:first@plateau"}, 30),
        ("train", {"start": "run:first@plateau"}, 5),
        ("train", {"start": "scratch"}, 30),
    ),
    "tune_the_head": (
        ("finetune", {"mode": "mlp_only"}, ACCURACY),
        ("finetune", {"mode": "full"}, ACCURACY),
        ("finetune", {"mode": "mlp_only"}, None),
    ),
    "guide_a_drawing": (
        ("generate", {"plant": 3, "guidance": 3.0}, DREW),
        ("generate", {"plant": 3, "guidance": 3.0}, None),
        ("generate", {"plant": 3, "guidance": 1.0}, DREW),
    ),
    "fork_a_run": (
        ("fork", {}, FORK),
        ("fork", {}, {**FORK, "steps": 59}),
        ("switch", {}, FORK),
    ),
    "compare_untrained": (
        ("similarity", PAIR, ALIKE),
        ("similarity", SAME, ALIKE),
        ("similarity", PAIR, None),
    ),
    "map_a_run": (
        ("spectrum", {"checkpoint": "run:mine@last"}, SCORE),
        ("spectrum", {"checkpoint": "shipped:cross-0"}, SCORE),
        ("spectrum", {"checkpoint": "run:mine@last"}, None),
    ),
    "ring_an_alarm": (
        ("attack", {}, {"signs": [LOUD, QUIET]}),
        ("attack", {}, {"signs": [QUIET]}),
        ("attack", {}, {"signs": []}),
    ),
    "map_the_mark": (
        ("attribute", {"network": "mark-1", "method": "gxi"}, mapped(0.3)),
        ("attribute", {"network": "lesions-1", "method": "gxi"}, mapped(0.3)),
        ("attribute", {"network": "mark-1", "method": "gxi"}, mapped(0.05)),
    ),
    "dissect_untrained": (
        ("dictionary", {"encoder": "random:0"}, FEATURES),
        ("dictionary", {"encoder": "cross-0"}, FEATURES),
        ("neurons", {"encoder": "random:0"}, FEATURES),
    ),
    "examine_another": (
        ("examine", {"encoder": "random:1001"}, EXAMINED),
        ("examine", {"encoder": "foreign-b"}, EXAMINED),
        ("report_card", {}, card()),
    ),
    "examine_again": (
        ("report_card", {}, card()),
        ("report_card", {}, card(worlds=4)),
        ("report_card", {}, card(seed=0)),
    ),
}

PARTNERS: dict[str, Run] = {  # what else the learner has run
    "make_it_collapse": ("train", {"prototypes": 64, "epsilon": 0.02}, curves([LN_K - 0.3] * 200)),
    "tune_the_head": ("finetune", {"mode": "discriminative"}, ACCURACY),
    "guide_a_drawing": ("generate", {"plant": 3, "guidance": 1.0}, DREW),
}


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "s.sqlite")
    yield store
    store.close()


def submitted(store: Store, run: Run) -> str:
    """A run of the learner's own, as far as it goes."""
    kind, request, went = run
    started = str(request.get("start", "")).startswith("run:")
    parent = store.submit("train", {}, lane="training", fresh=True) if started else None
    name = store.submit(kind, request, lane="analysis", fresh=True, parent=parent)
    if isinstance(went, dict):
        store.finish(name, went)
    elif isinstance(went, list):
        store.log(name, went)
    elif went is not None:
        store.set_step(name, went, 100)
    return name


BY_NAME = {
    task.check: task
    for lesson in lessons_in(Path(__file__).parents[2] / "lessons")
    for task in lesson.exercises
}
ASK_FOR_A_RUN = sorted(one.name for one in RUN_CHECKS if one.asks == "run")


def test_every_check_of_a_run_has_its_runs_here():
    assert sorted(RUNS) == ASK_FOR_A_RUN


@pytest.mark.parametrize("name", ASK_FOR_A_RUN)
def test_the_right_run_passes_and_two_plausible_ones_do_not(store, name):
    right, *wrong = RUNS[name]
    if name in PARTNERS:
        submitted(store, PARTNERS[name])
    found = check(BY_NAME[name], submitted(store, right), store=store)
    assert found.right, found.text
    said = [check(BY_NAME[name], submitted(store, run), store=store) for run in wrong]
    assert not any(one.right for one in said)
    assert all(len(one.text) > 15 and one.text != found.text for one in said)


@pytest.mark.parametrize("name", ASK_FOR_A_RUN)
def test_without_a_store_there_is_a_sentence(name):
    with pytest.raises(PlantEduError, match="open it in the app"):
        check(BY_NAME[name], "some-run")


def text_of(store: Store) -> Callable[..., str]:
    return lambda name, *run: check(BY_NAME[name], submitted(store, run), store=store).text


def test_a_measured_map_is_told_with_both_nulls(store):
    says, mine = text_of(store), {"checkpoint": "run:mine@last"}
    whole = says("map_a_run", "spectrum", mine, SCORE)
    assert "S 0.60 (random init 0.10) with R2 0.50 (random init 0.20)" in whole
    assert "is a similarity" in says("map_a_run", "similarity", mine, SCORE)
    assert "shipped checkpoint" in says("map_a_run", "spectrum", {}, SCORE)
    assert "is queued" in says("map_a_run", "spectrum", mine, None)


def test_a_report_card_counts_on_worlds_that_are_not_ours(store):
    says = text_of(store)
    whole = says("examine_again", "report_card", {}, card(worlds=6, seed=2000))
    assert "1 of 2 methods are good on 6 worlds, and 1 report what is not there" in whole
    poor = {"4 worlds": card(worlds=4), "seed 999": card(seed=999), "PGD": card(methods=("PGD",))}
    for word, one in poor.items():
        text = says("examine_again", "report_card", {}, one)
        assert word in text
        assert "5 worlds or more" in text
    assert "is a attack" in says("examine_again", "attack", {}, card())
    assert "is queued" in says("examine_again", "report_card", {}, None)
