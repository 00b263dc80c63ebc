"""Exercises of two runs: the partner is asked for, and what a learner sees is never refused."""

import json
import math

import pytest

from plantedu.course import run_pairs
from plantedu.course.family import read_results
from plantedu.course.run_pairs import collapses_and_is_rescued, narrows, tunes_both_ways
from plantedu.course.validators import takes_the_shortcut
from plantedu.shipped_files import results
from plantedu.store.recording import recording
from plantedu.store.run import Metric
from plantedu.store.store import Store

LN_K = math.log(64)
RECIPE = {"prototypes": 64, "epsilon": 0.05, "steps": 300, "seed": 0}
LEFT = LN_K - 0.4


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "s.sqlite")
    yield store
    store.close()


def trained(store, loss, codes, *, steps=200, **changes):
    run = store.submit("train", RECIPE | changes, lane="training", learner="a" * 16, fresh=True)
    rows = [(k, name, v) for k in range(steps) for name, v in (("loss", loss), ("entropy", codes))]
    store.log(run, [Metric(*row) for row in rows])
    return run


def test_a_run_that_has_not_started_is_no_collapse(store):
    """Loss at ln K and H(q) of 3.6, as cross-0 has it at step 100."""
    found = collapses_and_is_rescued(trained(store, LN_K, 3.6), store)
    assert not found.right
    assert "not started yet" in found.text


def test_a_collapse_needs_its_rescue_by_one_knob(store):
    run = trained(store, LN_K, LN_K)
    assert "first half" in collapses_and_is_rescued(run, store).text
    trained(store, LEFT, 2.0, epsilon=0.02, prototypes=128)  # two knobs
    trained(store, LN_K, 3.6, epsilon=0.03)  # has not left
    assert not collapses_and_is_rescued(run, store).right
    rescue = trained(store, LEFT, 2.0, epsilon=0.02, steps=150)
    found = collapses_and_is_rescued(run, store)
    assert found.right
    assert f"epsilon 0.02 in place of 0.05: run {rescue}" in found.text


def test_too_short_and_away_from_ln_k_are_said(store):
    assert "too short" in collapses_and_is_rescued(trained(store, LN_K, LN_K, steps=50), store).text
    assert "away from ln K" in collapses_and_is_rescued(trained(store, LEFT, 2.0), store).text


def test_the_recorded_shortcut_counts_when_it_is_replayed(store):
    known = recording("shared_light-0")
    run = store.submit("replay", {"recording": "shared_light-0", "speed": 100.0}, lane="replay")
    store.log(run, [row for row in known.metrics() if row.name in ("loss", "probe/disease/both")])
    found = takes_the_shortcut(run, store)
    assert found.right, found.text


def drawn(store, plant, w, spread):
    asked = {"plant": plant, "guidance": w, "seed": 0}
    run = store.submit("generate", asked, lane="analysis", learner="a" * 16, fresh=True)
    if spread:
        store.finish(run, {"numbers": {"spread, 1/255": {"value": spread}}})
    return run


def test_guidance_is_judged_on_the_learners_own_two_drawings(store):
    pushed = drawn(store, 2, 3.0, 8.0)
    drawn(store, 5, 1.0, 9.0)  # another plant is no partner
    assert "all else equal" in narrows(pushed, store).text
    drawn(store, 2, 1.0, 11.0)
    found = narrows(pushed, store)
    assert found.right
    assert "spread 11.00 at w = 1 and 8.00 at w = 3" in found.text


def test_a_spread_that_grows_is_no_mistake_and_is_told_how_many_go_the_other_way(
    store, tmp_path, monkeypatch
):
    found = {"counts": {"0": 11}, "plants": 12}
    (tmp_path / "05_guidance.json").write_text(json.dumps(found), encoding="utf-8")
    monkeypatch.setattr(run_pairs, "results", lambda: tmp_path)
    pushed = drawn(store, 3, 3.0, 12.0)
    drawn(store, 3, 1.0, 11.0)
    found = narrows(pushed, store)
    assert found.right
    assert "Yours went the other way" in found.text
    assert "For 11 of 12 plants it gets smaller" in found.text


def test_how_many_plants_go_the_other_way_is_what_was_recorded(store):
    """It was to come from a file that nobody had made: the sentence was left out."""
    recorded = read_results(results(), "05_guidance")
    drawn(store, 3, 1.0, 9.0)
    found = narrows(drawn(store, 3, 3.0, 10.0), store)
    smaller = sum(w < one for one, w in zip(*recorded["spread"]["0"].values(), strict=True))
    assert f"For {smaller} of {recorded['plants']} plants it gets smaller" in found.text


def test_what_is_no_guided_drawing_or_not_done_is_said(store):
    assert "above 1" in narrows(drawn(store, 3, 1.0, 9.0), store).text
    assert "no spread yet" in narrows(drawn(store, 3, 3.0, None), store).text


def tuned(store, mode, *, done=True, **changes):
    asked = {"mode": mode, "seed": 0, "labels": 0.05, **changes}
    run = store.submit("finetune", asked, lane="training", learner="a" * 16, fresh=True)
    if done:
        store.finish(run, {"accuracy": {"value": 0.9, "null": 0.36, "control": "class prior"}})
    return run


def test_two_ways_are_two_runs_of_the_same_seed(store):
    head = tuned(store, "mlp_only")
    tuned(store, "discriminative", seed=1)
    said = tunes_both_ways(head, store).text
    assert "first half" in said
    assert "0.900 beside 0.360 for the class prior" in said
    tuned(store, "discriminative")
    assert tunes_both_ways(head, store).right
    assert "is queued" in tunes_both_ways(tuned(store, "mlp_only", done=False), store).text
    assert not tunes_both_ways(tuned(store, "discriminative"), store).right
