"""The drop's rule is tested on seeds that it was not settled on, and on no other."""

from types import SimpleNamespace

import pandas as pd
import pytest

from experiments import bump, switch_runs
from plantedu.topics.bump.results.switch import MOVED


def runs(*drops):
    one = (("0.25", 201), ("0.5", 401), ("0.75", 601))
    return [
        SimpleNamespace(arm=arm, seed=k, switch=at, drop=drop)
        for k, row in enumerate(drops)
        for (arm, at), drop in zip(one, row, strict=True)
    ]


def test_the_worst_run_stands_beside_drops_dealt_out():
    found = bump.off(SimpleNamespace(runs=runs((201, 395, 639), (205, 405, 601))))
    assert (found.value, found.n, found.seeds) == (38.0, 6, 2)
    assert found.null > 150  # the next switch is 200 steps away


def test_a_run_without_a_drop_and_an_arm_without_a_switch_do_not_count():
    rest = [SimpleNamespace(arm="always", seed=0, switch=None, drop=7)]
    found = bump.off(SimpleNamespace(runs=[*runs((201, None, 611)), *rest]))
    assert (found.value, found.n) == (10.0, 2)


@pytest.fixture
def asked(monkeypatch, tmp_path):
    seen = {}
    known = pd.DataFrame(
        [(arm, seed, 1) for arm in (*MOVED, "never", "queue_512") for seed in range(5)],
        columns=["arm", "seed", "step"],
    )
    new = pd.DataFrame([("0.5", 7, 1)], columns=["arm", "seed", "step"])
    monkeypatch.setattr(bump, "FRESH", tmp_path / "fresh.csv.gz")
    monkeypatch.setattr(
        bump.switch_of, "read_curves", lambda path=None: known if path is None else new
    )
    monkeypatch.setattr(bump, "off", lambda result: SimpleNamespace(as_json=dict))
    monkeypatch.setattr(bump, "write", lambda name, *_: seen.setdefault("name", name))

    def summarised(curves):
        seen["runs"] = set(zip(curves["arm"], curves["seed"], strict=True))
        return SimpleNamespace(as_json=dict)

    monkeypatch.setattr(bump.switching, "summarised", summarised)
    return seen


def test_only_seeds_that_the_rule_never_saw_are_summed_up(asked):
    bump.fresh()
    assert asked["name"] == "03_switch_fresh"
    assert asked["runs"] == {(arm, seed) for arm in (*MOVED, "never") for seed in (3, 4)}


def test_runs_of_new_seeds_join_them(asked):
    bump.FRESH.write_bytes(b"")
    bump.fresh()
    assert ("0.5", 7) in asked["runs"]


def test_what_is_recorded_is_not_trained_again():
    there = {("0.25", 5), ("never", 9)}
    left = list(switch_runs.fresh(there))
    assert not there & set(left)
    assert len(left) + len(there) == 4 * len(switch_runs.FRESH_SEEDS)
    assert min(seed for _, seed in left) > 4  # recorded seeds were looked at already
