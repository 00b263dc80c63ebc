"""Two rulers: losses as the objective scores them, floors, nulls, and what one pack cannot do."""

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.store.store import Store
from plantedu.store.work import Work
from plantedu.topics.bump.objectives import METHOD, paired, rulers
from plantedu.topics.bump.results.objectives import ObjectivesResult, Settings
from plantedu.training.checkpoints import load_checkpoint, save_checkpoint
from plantedu.training.fit import State
from plantedu.training.pair_source import open_source
from plantedu.training.pretrain import make_objective, make_optimizer, objective_from
from plantedu.training.recipe import Recipe
from plantedu.zoo.evaluation_batch import Ruler, make_pack
from plantedu.zoo.random_init import CONTROL_SEEDS, settled_start

SMALL = Recipe(
    pairs=64, image_size=16, crop_size=16, batch=8, prototypes=24, hidden_dim=16,
    projection_dim=8, probe_plants=32, queue_length=16, epsilon=0.05, seed=CONTROL_SEEDS[0],
)  # fmt: skip
FEW = Settings(plants=32)


def saved(folder, name, *, moved=0.0, **knobs):
    """A checkpoint of weights before their first step, its prototypes moved towards the first."""
    recipe = Recipe.from_json(SMALL.as_json() | knobs)
    objective = make_objective(recipe)
    objective.prototypes.data.lerp_(objective.prototypes.data[:1].clone(), moved)
    state = State(objective, make_optimizer(objective, recipe), recipe.steps)
    state.meta = {"recipe": recipe.as_json()}
    save_checkpoint(folder / f"{name}.safetensors", *state.snapshot())
    return name, folder / f"{name}.safetensors"


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoints")
    files = [saved(folder, "a"), saved(folder, "b", moved=0.9), saved(folder, "c", moved=0.9)]
    return rulers(files, FEW, bank_folder=folder), folder


def test_each_reading_is_the_pack_under_that_ruler(found):
    result, folder = found
    pack = make_pack(SMALL, open_source(SMALL, folder), plants=32, queue=16)
    objective = settled_start(objective_from(load_checkpoint(folder / "b.safetensors")), SMALL)
    for ruler in (Ruler(batch=8), Ruler(batch=8, queue=16)):
        score = pack.seen_by(objective).score(ruler)
        reading = result.of("b", ruler.queue, 8)
        assert reading.loss.value == pytest.approx(score.loss.mean())
        assert reading.entropy + reading.divergence == pytest.approx(reading.loss.value)
        assert reading.floor == pytest.approx(max(0, math.log(24 / (8 + ruler.queue))))
        assert reading.loss.interval[0] < reading.loss.value < reading.loss.interval[1]


def test_weights_that_never_moved_are_their_own_null(found):
    result, _ = found
    for reading in (r for r in result.readings if r.checkpoint == "a"):
        assert reading.loss.value == pytest.approx(reading.loss.null)


def test_equal_weights_differ_by_nothing_and_moved_ones_by_more_than_luck(found):
    result, _ = found
    for one in result.differences:
        if (one.before, one.after) == ("b", "c"):
            assert (one.change.value, one.p) == (0, 1)
        else:
            assert abs(one.change.value) > one.change.null
            assert one.p < 0.05
    assert len(result.readings) == 12
    assert len(result.differences) == 8


def test_signs_dealt_at_random_give_a_null_of_the_right_size():
    """Known answer: n differences of size 1 with random signs have a mean of sd 1/sqrt(n)."""
    generator = np.random.default_rng(0)
    shift = generator.choice([-1.0, 1.0], 400)
    one = paired("x", ("a", "b"), np.zeros(400), shift, seed=0)
    assert one.change.null == pytest.approx(1.96 / 20, rel=0.1)
    assert one.p == pytest.approx(2 * (1 - _normal(abs(shift.mean()) * 20)), abs=0.06)
    assert paired("x", ("a", "b"), np.zeros(400), np.ones(400), seed=0).p == pytest.approx(0.001)


def _normal(z):
    return (1 + math.erf(z / math.sqrt(2))) / 2


def test_what_one_pack_cannot_score_is_a_sentence(tmp_path):
    files = [saved(tmp_path, "a"), saved(tmp_path, "b", jitter=0.5)]
    with pytest.raises(PlantEduError, match=r"b was trained on other .* \(jitter differ\)"):
        rulers(files, FEW, bank_folder=tmp_path)
    with pytest.raises(PlantEduError, match="at least one checkpoint"):
        rulers([], FEW, bank_folder=tmp_path)
    with pytest.raises(PlantEduError, match="needs as many held out: 32"):
        rulers(files[:1], Settings(plants=64), bank_folder=tmp_path)


def test_terminal_takes_rulers_and_prints_one_object_last(tmp_path, capsys):
    _, path = saved(tmp_path, "a")
    words = ["--queue", "0", "--queue", "8", "--batch", "16", "--plants", "32", "--json"]
    assert METHOD.main([str(path), *words]) == 0
    lines = capsys.readouterr().out.splitlines()
    result = ObjectivesResult.from_json(json.loads(lines[-1]))
    assert [(r.queue, r.batch) for r in result.readings] == [(0, 16), (8, 16)]
    drawing = result.chart()
    assert {"floor", "null", "low", "high", "entropy"} <= set(drawing.rows.columns)
    assert "random init" in drawing.alt
    assert "floor 0.41" in drawing.alt


def test_the_job_scores_what_ships_and_nothing_else(tmp_path, monkeypatch):
    saved(tmp_path, "a")
    monkeypatch.setattr("plantedu.training.weights_spec.ROOT", tmp_path)
    store = Store()

    def done(request):
        run_id = store.submit("rulers", request, lane="analysis", worker="w")
        return METHOD.job(Work(store, store.run(run_id), SimpleNamespace(wish="")))

    found = done({"checkpoints": ["a"], "plants": 32, "queue": [0]})
    assert len(ObjectivesResult.from_json(json.loads(json.dumps(found))).readings) == 1
    with pytest.raises(PlantEduError, match="shipped:NAME"):
        done({"checkpoints": ["../a"]})
