"""The moved switch: planted drops give slope 1 or 0, and what is kept says what its curves say."""

import json
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from plantedu.errors import PlantEduError
from plantedu.store.store import Store
from plantedu.store.work import StoppedError, Work
from plantedu.topics.bump import switch
from plantedu.topics.bump.results.switch import (
    CURVES,
    RESULT,
    ArmRun,
    SwitchResult,
    curves_chart,
    read_curves,
    recorded,
)
from plantedu.topics.bump.results.switch_arms import ARMS
from plantedu.topics.bump.switch import METHOD, arm_named, summarised

STEPS = np.arange(801)
SWITCHES = {"0.25": 201, "0.5": 401, "0.75": 601, "never": None}


def curves(drop_at):
    """Three seeds of four arms; `drop_at` says where an arm's loss falls, given its switch."""
    parts = []
    for arm, at in SWITCHES.items():
        for seed in range(3):
            noise = 0.1 * np.random.default_rng(seed).standard_normal(len(STEPS))
            place = drop_at(at)
            fall = 0 if place is None else np.where(place <= STEPS, -1.0, 0.0)
            pack = 5 + 0.01 * np.random.default_rng(9 + seed).standard_normal(len(STEPS))
            parts.append(
                pd.DataFrame(
                    {"arm": arm, "seed": seed, "step": STEPS, "loss": 5 + noise + fall}
                    | {"none": pack, "disease": np.nan, "disease_null": np.nan}
                )
            )
    return pd.concat(parts, ignore_index=True)


def test_drops_at_the_switch_have_slope_one_and_drops_elsewhere_have_none():
    found = summarised(curves(lambda at: at))
    assert found.slope.value == pytest.approx(1, abs=0.02)
    low, high = found.slope.interval
    assert low <= 1.001
    assert high >= 0.999
    assert found.slope.null < 0.5
    assert found.found_without == {"never": (), "always": (), "matched": ()}
    fixed = summarised(curves(lambda at: 300))
    assert fixed.slope.value == pytest.approx(0, abs=0.02)
    assert all(abs(step - 300) < 4 for step in fixed.found_without["never"])


def test_the_ruler_alone_is_the_difference_on_equal_weights():
    found = summarised(curves(lambda at: at))
    assert found.alone.value == pytest.approx(-1)
    assert found.alone.null == 0
    assert found.logged.value == pytest.approx(-1, abs=0.05)
    assert abs(found.fixed.value) < 3 * found.fixed.null
    assert found.dip is None, "the falls are not made good here"
    assert {one.arm for one in found.aftermath} == {"0.25", "0.5", "0.75"}
    for one in found.aftermath:
        assert one.change.value == pytest.approx(-1, abs=0.06)
        assert one.change.null == pytest.approx(0, abs=0.06)


def test_results_are_read_back_and_drawn():
    table = curves(lambda at: at)
    found = SwitchResult.from_json(json.loads(json.dumps(summarised(table).as_json())))
    assert found == summarised(table)
    drawing = found.chart()
    assert set(drawing.rows["kind"]) == {"drop", "identity", "fit"}
    assert "queue never on: none of 3 runs with a drop" in drawing.alt
    panels = curves_chart(table).rows
    assert panels[panels["kind"] == "switch"]["step"].tolist() == [201, 401, 601]


@pytest.mark.skipif(not CURVES.is_file(), reason="no curves were recorded")
def test_what_is_kept_says_what_its_curves_say():
    kept = json.loads(RESULT.read_text(encoding="utf-8"))
    kept.pop("command")
    assert json.loads(json.dumps(summarised(read_curves()).as_json())) == kept
    found = recorded()
    low, high = found.slope.interval
    assert low < 1 < high
    assert found.found_without["never"] == ()
    assert abs(found.fixed.value) < found.fixed.null < abs(found.alone.value) / 10


def test_too_little_and_unknown_arms_are_sentences(tmp_path):
    assert [arm_named(words) for words in (".5", "0.50", "never")] == ["0.5", "0.5", "never"]
    with pytest.raises(PlantEduError, match="No arm is called"):
        arm_named(".3")
    with pytest.raises(PlantEduError, match="three runs that switch or more, got 0"):
        summarised(curves(lambda at: at).query("arm == 'never'"))
    with pytest.raises(PlantEduError, match="switch_runs"):
        read_curves(tmp_path / "x.csv.gz")
    with pytest.raises(PlantEduError, match=r"experiments.bump"):
        recorded(tmp_path / "x.json")


TINY = {
    "pairs": 64, "image_size": 16, "crop_size": 16, "batch": 8, "prototypes": 24,
    "hidden_dim": 16, "projection_dim": 8, "probe_plants": 128, "probe_factors": (),
    "queue_length": 16, "start": "scratch",
}  # fmt: skip


class Wishes:
    wish = ""


@pytest.fixture
def tiny(monkeypatch):
    """The arm that switches at half time, of a size for tests."""
    monkeypatch.setitem(ARMS, "0.5", {"queue_start": 0.5, **TINY})


@pytest.mark.slow
def test_the_job_trains_an_arm_and_logs_it(tiny):
    store, wishes = Store(), Wishes()
    request = {"arm": ".5", "seed": 2, "steps": 120}
    run_id = store.submit("switch", request, lane="training", worker="w")
    found = ArmRun(**METHOD.job(Work(store, store.run(run_id), wishes)))
    assert (found.arm, found.seed, found.switch) == ("0.5", 2, 61)
    logged = store.metrics(run_id)
    assert logged["loss"].steps.tolist() == list(range(1, 121))
    assert 60 in logged["ruler/none"].steps
    assert store.run(run_id).steps == 120
    assert "queue on" in [event.name for event in store.events(run_id)]
    wishes.wish = "cancel"
    with pytest.raises(StoppedError):
        METHOD.job(Work(store, store.run(run_id), wishes))


def test_terminal_reads_what_is_kept_or_trains(monkeypatch, tmp_path, capsys):
    path = tmp_path / "kept.json"
    said = summarised(curves(lambda at: at)).as_json()
    path.write_text(json.dumps({"command": "x", **said}))
    monkeypatch.setattr(switch, "recorded", lambda: recorded(path))
    assert METHOD.main(["--json"]) == 0
    assert SwitchResult.from_json(json.loads(capsys.readouterr().out.splitlines()[-1])).runs
    asked = []

    def watched(recipe, *, bank_folder, tell):
        asked.append(recipe)
        table = curves(lambda at: at)
        return table[(table.arm == "0.5") & (table.seed == 0)].set_index("step")

    monkeypatch.setattr("plantedu.topics.bump.switch.watched", watched)
    assert METHOD.main(["--train", "--arm", ".5", "--seed", "7", "--json"]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert set(last) == set(asdict(recorded(path).runs[0]))
    assert (last["switch"], asked[0].seed, asked[0].queue_start) == (401, 7, 0.5)
