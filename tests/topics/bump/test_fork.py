"""The fork as a command and as a job: nulls beside every difference, live numbers, cancel."""

import json
import math
from dataclasses import asdict

import pytest

from plantedu.errors import PlantEduError
from plantedu.store.store import Store
from plantedu.store.work import StoppedError, Work
from plantedu.topics.bump.fork import METHOD, summarised
from plantedu.topics.bump.fork_differences import READ
from plantedu.topics.bump.results.fork import ForkResult, Request, Settings, fork_chart
from plantedu.training.checkpoints import save_checkpoint
from plantedu.training.fit import Observer, StopRun
from plantedu.training.pretrain import train
from plantedu.training.recipe import Recipe

NEVER = Recipe(
    pairs=64, image_size=16, crop_size=16, batch=8, steps=10, prototypes=24, hidden_dim=16,
    projection_dim=8, probe_plants=32, probe_factors=(), queue_length=16, queue_start=1.0,
)  # fmt: skip
SMALL = Settings(steps=4, every=2, plants=16, queue=24)
RECIPE = {"prototypes": 512, "batch": 16, "queue_length": 1024}


class Keep(Observer):
    def on_step(self, state, record):
        if record.step == 5:
            self.snapshot = state.snapshot()
            raise StopRun("pause")


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    keep = Keep()
    train(NEVER, bank_folder=tmp_path_factory.mktemp("bank"), observers=[keep])
    return keep.snapshot


@pytest.fixture
def shipped(snapshot, tmp_path, monkeypatch):
    save_checkpoint(tmp_path / "tiny.safetensors", *snapshot)
    monkeypatch.setattr("plantedu.training.weights_spec.ROOT", tmp_path)
    return tmp_path / "tiny.safetensors"


class Wishes:
    wish = ""


def planted(drop: float, seeds=(0, 1), steps=60) -> ForkResult:
    """Curves whose difference is known: `on` lies `drop` below `off` from the first step on."""
    runs = {}
    for seed in seeds:
        off = [(400 + k, 5.0 + 0.01 * seed) for k in range(1, steps + 1)]
        curves = {f"off/{name}": off for name in READ}
        curves |= {f"on/{name}": [(s, v - drop) for s, v in off] for name in READ}
        runs[seed] = curves
    return summarised("planted", RECIPE, 400, Settings(steps=steps), runs)


def test_a_planted_difference_is_found_beside_its_null():
    found = planted(0.4)
    assert found.same_weights.value == pytest.approx(-0.4)
    assert found.same_weights.null == pytest.approx(0.01)
    assert [(w.first, w.last) for w in found.windows] == [(1, 10), (11, 20), (21, 60)]
    for window in found.windows:
        assert set(window.differences) == set(READ)
        for evidence in window.differences.values():
            assert evidence.value == pytest.approx(-0.4)
            assert evidence.null == pytest.approx(0.01)
            assert evidence.interval == pytest.approx((-0.4, -0.4))
    assert found.windows[0].differences["loss"].n == 160
    assert found.windows[0].differences["ruler/kept"].n == 128


def test_without_a_difference_it_finds_none_and_one_seed_has_a_null_of_its_own():
    found = planted(0.0, seeds=(7,))
    evidence = found.windows[0].differences["loss"]
    assert (evidence.value, evidence.null, evidence.interval, evidence.seeds) == (0, 0, None, 1)
    assert "the control's change" in evidence.control
    with pytest.raises(PlantEduError, match="at least one seed"):
        summarised("x", RECIPE, 400, Settings(), {})


def test_the_job_logs_as_it_goes_and_its_result_draws_itself(shipped):
    store = Store()
    asked = {"checkpoint": "tiny", "seed": 0} | asdict(SMALL)
    run_id = store.submit("fork", asked, lane="analysis", worker="w")
    result = json.loads(json.dumps(METHOD.job(Work(store, store.run(run_id), Wishes()))))
    logged = store.metrics(run_id)
    assert logged["off/loss"].steps.tolist() == [6, 7, 8, 9]
    assert logged["on/ruler/kept"].steps.tolist() == [5, 7, 9]
    assert (store.run(run_id).step, store.run(run_id).steps) == (9, 9)
    assert (6, "queue on") in [(event.step, event.name) for event in store.events(run_id)]
    found = ForkResult.from_json(result)
    live = fork_chart(logged, start=5, prototypes=24, batch=8, queue=16, last=9)
    for drawing in (found.chart(), live):
        assert set(drawing.rows["kind"]) == {"line", "switch", "floor"}
        assert f"{math.log(3):.2f}" in drawing.alt
        assert drawing.rows["panel"].nunique() == 4
    assert len(found.chart().rows) == len(live.rows)


def test_the_job_stops_where_it_is_told_to(shipped):
    store, wishes = Store(), Wishes()
    wishes.wish = "cancel"
    run_id = store.submit(
        "fork", {"checkpoint": "tiny"} | asdict(SMALL), lane="analysis", worker="w"
    )
    with pytest.raises(StoppedError):
        METHOD.job(Work(store, store.run(run_id), wishes))
    other = store.submit("fork", {"checkpoint": "../x"}, lane="analysis", worker="w")
    with pytest.raises(PlantEduError, match="shipped:NAME"):
        METHOD.job(Work(store, store.run(other), Wishes()))


def test_terminal_prints_one_object_last(shipped, capsys):
    words = ["--steps", "4", "--every", "2", "--plants", "16", "--queue", "24", "--seeds", "2"]
    assert METHOD.main([str(shipped), *words, "--json"]) == 0
    lines = capsys.readouterr().out.splitlines()
    found = ForkResult.from_json(json.loads(lines[-1]))
    assert found.seeds == (0, 1)
    assert "same weights, same batch" in lines[0]
    with pytest.raises(SystemExit):
        METHOD.main([str(shipped), "--seeds", "0"])
    with pytest.raises(PlantEduError, match="got 0"):
        Request(seeds=0)
