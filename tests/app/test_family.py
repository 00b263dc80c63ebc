"""The page of lesson 04: every lab opens, on what is recorded and on what is not there yet."""

import json
from dataclasses import replace

import pandas as pd
import pytest

from app import session
from app.labs.family import sweep_plan
from app.labs.family.many_runs import counted
from plantedu.errors import PlantEduError
from plantedu.store.curves import Curves, write_curves
from plantedu.store.run import Metric
from plantedu.sweeps.grid import checked, rows_of
from plantedu.training.classifier.recipe import FineTune
from plantedu.training.recipe import Recipe
from tests.app.conftest import text_of
from tests.course.test_family import FEW, LEAK

EVIDENCE = {"question": "?", "control": "class prior of the training plants", "n": 99, "seeds": 1}
SCORED = {
    "recipe": {"sensors": "rgb", "mode": "mlp_only"},
    "accuracy": {**EVIDENCE, "value": 0.9, "null": 0.36, "interval": [0.88, 0.92]},
    "log_loss": {**EVIDENCE, "value": 0.3, "null": 1.09, "interval": [0.2, 0.4]},
    "log_loss_uniform": 1.0986,
    "ece": 0.05,
    "ece_tempered": 0.02,
    "temperature": 1.3,
    "confusion": [[30, 2, 1], [1, 32, 0], [0, 3, 30]],
    "classes": ["healthy", "blast", "brown"],
}


def sixty():
    """Twelve runs of the form that the sweep's have."""
    runs, rows = [], []
    for start in ("scratch", "source"):
        for size in (32, 64):
            for seed in (0, 1, 2):
                name = f"{start}-{size}-{seed}"
                row = {"run": name, "steps": 240, "seconds": 24.0 * size / 32}
                knobs = {"encoder": "res2next_tiny", "start": start, "image_size": size}
                runs.append(row | knobs | {"crop_size": 24, "seed": seed})
                for step in (0, 120, 240):
                    value = 0.45 + step / 600 + 0.02 * seed
                    rows.append((name, "probe/disease/both", step, value))
                    rows.append((name, "null/disease/both", step, 0.33))
                    rows.append((name, "loss", step, 4.1 - step / 200))
    knobs = ("encoder", "start", "image_size", "crop_size", "seed")
    columns = ["run", "metric", "step", "value"]
    return Curves("again", knobs, pd.DataFrame(runs), pd.DataFrame(rows, columns=columns))


@pytest.fixture
def results(tmp_path, monkeypatch):
    """A results folder with small files of the recorded forms."""
    folder = tmp_path / "results"
    folder.mkdir()
    write_curves(sixty(), folder / "04_sixty")
    files = {"04_few_labels": FEW, "04_leak": LEAK, "04_tuning": {"runs": [SCORED]}}
    for name, found in files.items():
        (folder / f"{name}.json").write_text(json.dumps(found))
    for name in ("04_elp", "04_embedding"):
        text = (session.RESULTS / f"{name}.json").read_text()
        (folder / f"{name}.json").write_text(text)
    monkeypatch.setattr(session, "RESULTS", folder)
    return folder


@pytest.fixture
def open_lab(open_page):
    def open_lab(name):
        app = open_page("04_family")
        app.session_state["lab"] = name
        app.run()
        assert not app.exception, app.exception
        return app

    return open_lab


@pytest.mark.parametrize(
    ("lab", "said"),
    [
        ("Sixty curves", "disease probe, accuracy of 12 runs"),
        ("Recorded", "2 healthy called blast"),
        ("Leaked split", "split by image, scratch 0.080 [0.050, 0.110]"),
        ("ELP", "weights shuffled"),
        ("Map", "columns, each shuffled by itself"),
    ],
)
def test_recorded_labs_draw_their_nulls(open_lab, results, lab, said):
    assert said in text_of(open_lab(lab))


@pytest.mark.parametrize("lab", ["Sixty curves", "Recorded", "Leaked split", "ELP", "Map"])
def test_results_that_are_not_there_yet_are_a_sentence(open_lab, tmp_path, monkeypatch, lab):
    monkeypatch.setattr(session, "RESULTS", tmp_path)
    app = open_lab(lab)
    assert any("update" in info.value for info in app.info)


def test_the_page_names_every_control(open_page, results):
    app = open_page("04_family")
    words = text_of(app)
    for lab in ("Recorded", "Leaked split", "ELP", "Map"):
        app.session_state["lab"] = lab
        words += text_of(app.run())
    for control in session.lesson("04_family").controls:
        assert control in words, control


def test_a_plan_has_its_runs_minutes_and_luck(open_lab, results):
    app = open_lab("Plan")
    words = text_of(app)
    assert "**8 runs**" in words
    assert "at the pace of the recorded runs" in words
    assert "Not told apart: two settings whose disease probes differ by less than 0." in words
    assert "all 4 settings are truly alike" in words
    app.slider(key="plan seeds").set_value(1).run()
    assert "no two settings are told apart, whatever they differ by" in text_of(app)
    app.number_input(key="plan budget").set_value(1)
    app.slider(key="plan seeds").set_value(10).run()
    assert any("more than your budget" in one.value for one in app.warning)
    app.multiselect(key="plan encoders").set_value([]).run()
    assert any("needs a list of at least one value" in one.value for one in app.warning)


def test_a_planned_grid_is_one_that_the_sweep_takes():
    grid = sweep_plan.grid_of(["res2next_tiny"], ["scratch", "source"], [[32, 24]], 3, 120)
    rows = rows_of(checked(grid))
    assert len(rows) == 6
    assert {row.request["start"] for row in rows} == {"scratch", "source"}
    assert rows[0].request["probe_factors"] == ["disease"]
    with pytest.raises(PlantEduError, match="at least one value"):
        checked(sweep_plan.grid_of([], ["scratch"], [[32, 24]], 1, 120))


def test_picked_runs_are_counted_by_setting():
    curves = sixty()
    table = counted(curves, {"source-32-0", "source-64-0"}).set_index(["setting", "value"])
    assert table.loc[("start", "source")].tolist() == [2, 6]
    assert table.loc[("start", "scratch")].tolist() == [0, 6]


def test_fine_tune_asks_for_the_run_that_the_knobs_say(open_lab, store, workers):
    app = open_lab("Fine-tune")
    app.get_by_key("tune mode").set_value("mlp_only")
    app.get_by_key("tune sensors").set_value("rgn")
    app.button(key="train classifier").click().run()
    assert not app.exception, app.exception
    (run,) = store.runs(kind="finetune")
    wanted = FineTune.from_json({"mode": "mlp_only", "sensors": "rgn"})
    assert FineTune.from_json(run.request) == wanted
    assert "Waiting: it is next" in text_of(app)
    store.lease("training", "tester")
    store.log(run.id, [Metric(25, "accuracy/held_out", 0.7)], step=25)
    assert "fresh plants 0.70; even guess 0.33" in text_of(app.run())
    store.finish(run.id, SCORED)
    words = text_of(app.run())
    assert "Calibration error (ECE) **0.050**" in words
    assert "class prior of the training plants: 0.360" in words


def test_a_branch_starts_at_the_plateau_of_its_parent(open_lab, store, half_done, workers):
    kept = store.folder(half_done) / "checkpoints"
    kept.mkdir()
    (kept / "step-000130.safetensors").write_bytes(b"")
    store.log(half_done, [Metric(step, "loss", 3.0) for step in range(101, 161)], step=160)
    app = open_lab("Lineage")
    assert "Lineage of 1 runs: half done" in text_of(app)
    app.button(key="branch").click().run()
    assert not app.exception, app.exception
    made = next(run for run in store.runs(kind="train") if run.id != half_done)
    assert made.parent == half_done
    assert made.request["start"] == f"run:{half_done}@130"
    assert Recipe.from_json(made.request).steps == 200
    assert f"from {half_done} at step 130" in text_of(app)
    assert "training" in workers


def test_a_run_that_falls_all_along_has_no_plateau_and_says_so(open_lab, store, half_done):
    kept = store.folder(half_done) / "checkpoints"
    kept.mkdir()
    (kept / "step-000050.safetensors").write_bytes(b"")
    app = open_lab("Lineage")
    app.button(key="branch").click().run()
    assert any("plateau" in one.value for one in app.warning)
    assert len(store.runs()) == 1


def test_a_run_without_checkpoints_cannot_be_branched_and_says_so(open_lab, store, half_done):
    app = open_lab("Lineage")
    app.button(key="branch").click().run()
    assert any("has no checkpoints to start from" in one.value for one in app.warning)
    assert len(store.runs()) == 1


@pytest.fixture
def at_plateau(store, half_done):
    """The half-done run with a checkpoint on a plateau."""
    kept = store.folder(half_done) / "checkpoints"
    kept.mkdir()
    (kept / "step-000130.safetensors").write_bytes(b"")
    store.log(half_done, [Metric(step, "loss", 3.0) for step in range(101, 161)], step=160)
    return half_done


def test_the_finder_starts_from_the_chosen_weights(open_lab, store, at_plateau):
    app = open_lab("Lineage")
    app.button(key="find rate").click().run()
    assert not app.exception, app.exception
    (run,) = store.runs(kind="find_lr")
    asked = Recipe.from_json(run.request["recipe"])
    assert asked.start == f"run:{at_plateau}@130"
    assert replace(asked, start="scratch") == Recipe.from_json(store.run(at_plateau).request)


def test_a_found_rate_is_printed_and_one_click_takes_it(open_lab, store, at_plateau):
    app = open_lab("Lineage")
    app.button(key="find rate").click().run()
    (run,) = store.runs(kind="find_lr")
    one = {"value": 0.0021, "null": 0.01, "interval": [0.001, 0.003], "control": "flat", "n": 3}
    curve = {"rates": [1e-5, 1e-4, 1e-3], "smoothed": [4.0, 3.9, 3.5]}
    found = {"seeds": [0], "curves": [curve], "found": {"valley": one}, "switches": []}
    store.lease("training", "tester")
    store.finish(run.id, found | {"flat": {"valley": [0.005, 0.02]}})
    app = open_lab("Lineage")
    assert "**valley: 0.0021** (flat curves: 0.005 to 0.02)" in text_of(app)
    app.button(key=f"take valley {run.id}").click().run()
    assert not app.exception, app.exception
    made = next(one for one in store.runs(kind="train") if one.id != at_plateau)
    assert made.request["start"] == f"run:{at_plateau}@130"
    assert made.request["learning_rate"] == 0.0021


def test_a_map_of_ones_own_is_asked_of_the_analysis_lane(open_lab, store, results, workers):
    app = open_lab("Map")
    app.slider(key="ask perplexity").set_value(12)
    app.button(key="ask embedding ").click().run()
    assert not app.exception, app.exception
    (run,) = store.runs(kind="embedding")
    assert (run.lane, run.request["perplexity"], run.request["maps"]) == ("analysis", 12, 1)
    assert "analysis" in workers
