"""Candidates: the objective before the rate, near before far, and nothing after the fact."""

import json

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.bump.changepoints.causes import (
    Happening,
    candidates,
    kind_of,
    published_timeline,
    read_timeline,
)
from plantedu.topics.bump.changepoints.finding import Bump

BUMP = Bump(1000.0, (980.0, 1000.0), -0.4, (-0.5, -0.3), 0.01, 9.0, 4.0, "sharp")


def events(*pairs):
    return [Happening(float(step), name, kind_of(name)) for step, name in pairs]


def test_plausibility_orders_what_is_as_near():
    timeline = events((990, "learning-rate restart"), (990, "queue on"), (990, "batch 32"))
    found = candidates(BUMP, timeline, spacing=10)
    assert [one.kind for one in found] == ["objective", "data", "rate", "learning"]
    assert all(one.inside for one in found[:3])
    assert found[0].distance == -10


def test_a_near_rate_beats_a_far_objective_and_both_beat_what_comes_later():
    timeline = events((500, "queue on"), (985, "learning rate"), (1200, "epsilon .02"))
    found = candidates(BUMP, timeline, spacing=10)
    assert found[0].name == "learning rate"
    assert found[1].kind == "learning"
    assert all("too late" in one.why for one in found if one.name == "epsilon .02")


def test_one_row_after_is_no_alibi():
    (first, _) = candidates(BUMP, events((1012, "queue on")), spacing=10)
    assert first.name == "queue on"
    assert not first.inside
    assert "no more than two rows" in first.why


def test_without_events_nothing_is_ruled_out():
    (only,) = candidates(BUMP, [], spacing=10)
    assert only.kind == "learning"
    assert "no other cause can be ruled out" in only.why
    assert "queue, prototypes, epsilon" in only.why


def test_the_published_rule_is_strict():
    peak, queue = published_timeline(epochs=600, steps_per_epoch=83, queue_start_pct=0.5)
    assert (queue.step, queue.kind) == (24_901, "objective")
    assert peak.step == 12_450
    (alone,) = published_timeline(epochs=2, steps_per_epoch=5, queue_start_pct=1.0)
    assert alone.name == "learning-rate peak"


def test_the_strict_rule_equals_the_loop():
    total = 7 * 11
    slow = next(batch for batch in range(total) if batch / total > 0.3)
    found = published_timeline(epochs=7, steps_per_epoch=11, queue_start_pct=0.3)
    assert next(one.step for one in found if one.name == "queue on") == slow


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("queue on", "objective"),
        ("prototypes released", "objective"),
        ("learning-rate peak", "rate"),
        ("fp16 overflow", "rate"),
        ("BatchNorm to eval", "data"),
        ("logging every 50", "logging"),
        ("tea", "other"),
    ],
)
def test_kinds_by_name(name, kind):
    assert kind_of(name) == kind


def test_events_from_a_file(tmp_path):
    path = tmp_path / "events.json"
    path.write_text(
        json.dumps([{"step": 5, "name": "x", "kind": "data"}, {"step": 1, "name": "lr"}])
    )
    assert [event.kind for event in read_timeline(path)] == ["data", "rate"]
    for text, said in (
        ("{}", None),
        ("[{}]", "write a JSON list"),
        ("nonsense", "cannot be read as events"),
        ('[{"step": 1, "name": "x", "kind": "magic"}]', "kinds are objective"),
    ):
        path.write_text(text)
        if said is None:
            assert read_timeline(path) == ()
            continue
        with pytest.raises(PlantEduError, match=said):
            read_timeline(path)


@pytest.mark.parametrize("share", [-0.1, 1.5])
def test_shares_outside_the_run_are_a_sentence(share):
    with pytest.raises(PlantEduError, match="share of the run"):
        published_timeline(epochs=3, steps_per_epoch=3, queue_start_pct=share)
    with pytest.raises(PlantEduError, match="at least 1 epoch"):
        published_timeline(epochs=0, steps_per_epoch=3, queue_start_pct=0.5)
