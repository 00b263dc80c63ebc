"""Reading h and z: nulls beside every number, one recipe at a time, same numbers each time."""

import json
from pathlib import Path

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.probing.readout import METHOD, readout
from plantedu.topics.probing.results.readout import ReadoutResult
from plantedu.training.checkpoints import save_checkpoint
from plantedu.training.fit import State
from plantedu.training.pretrain import make_objective, make_optimizer
from plantedu.training.recipe import Recipe
from plantedu.zoo.random_init import CONTROL_SEEDS

SMALL = Recipe(
    pairs=64, image_size=16, crop_size=16, batch=16, prototypes=8, hidden_dim=16,
    projection_dim=8, probe_plants=32, probe_factors=("disease", "angle"),
)  # fmt: skip


def saved(folder: Path, name: str, **knobs) -> Path:
    """A checkpoint of an encoder that has not moved since its first step."""
    recipe = Recipe.from_json(SMALL.as_json() | knobs)
    objective = make_objective(recipe)
    state = State(objective, make_optimizer(objective, recipe), recipe.steps)
    state.meta = {"recipe": recipe.as_json()}
    path = folder / f"{name}.safetensors"
    save_checkpoint(path, *state.snapshot())
    return path


def test_an_encoder_that_never_moved_reads_like_its_random_init(tmp_path):
    paths = [saved(tmp_path, str(seed), seed=seed) for seed in CONTROL_SEEDS]
    result = readout(paths, bank_folder=tmp_path, probe_seeds=2)
    assert len(result.readings) == 2 * 3 * 2
    for reading in result.readings:
        assert reading.runs == pytest.approx(reading.random_inits)
        assert reading.evidence.value == pytest.approx(reading.random_init)
        assert reading.evidence.seeds == 5
        moved = reading.moved(level=0.99)
        assert moved.value == pytest.approx(0, abs=1e-9)
        assert moved.interval is None or moved.interval[0] <= 0 <= moved.interval[1]
    low, high = result.of("disease", "rgb", "z").evidence.interval
    assert low <= result.of("disease", "rgb", "z").evidence.value <= high


def test_a_layer_that_holds_the_answer_is_read(tmp_path, monkeypatch):
    """Known answer: features that are the factor itself give R2 near 1, shuffled ones do not."""
    path = saved(tmp_path, "0")

    def planted(objective, sets):
        planted.calls += 1
        angle = torch.linspace(-1, 1, 32)[:, None]
        return {layer: [angle, angle] for layer in "hz"}

    planted.calls = 0
    monkeypatch.setattr("plantedu.topics.probing.readout._layers", planted)
    monkeypatch.setattr(
        "plantedu.topics.probing.readout.probe_targets",
        lambda recipe, source: [_target(view) for view in ("rgb", "rgn", "both")],
    )
    reading = readout([path], bank_folder=tmp_path).of("angle", "rgb", "h")
    assert reading.evidence.value > 0.9
    assert reading.evidence.null < 0.5
    assert planted.calls == 2 * (1 + len(CONTROL_SEEDS))
    curved = readout([path], bank_folder=tmp_path, kernel="gaussian").of("angle", "rgb", "h")
    assert curved.evidence.value > 0.9


def _target(view):
    from plantedu.training.linear_probe import Target

    angle = torch.linspace(-35, 35, 32)
    return Target("angle", view, 0, angle, angle)


def test_recipes_that_differ_in_more_than_their_seed_are_refused(tmp_path):
    paths = [saved(tmp_path, "a"), saved(tmp_path, "b", epsilon=0.05)]
    with pytest.raises(PlantEduError, match="more than their seed"):
        readout(paths, bank_folder=tmp_path)
    with pytest.raises(PlantEduError, match="No factor is called"):
        readout(paths[:1], bank_folder=tmp_path, factors=("mark_of_cain",))
    with pytest.raises(PlantEduError, match="at least one"):
        readout([], bank_folder=tmp_path)


def test_terminal_prints_one_object_last_and_the_chart_shows_its_nulls(tmp_path, capsys):
    path = saved(tmp_path, "0")
    assert METHOD.main([str(path), "--probe-seeds", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    entry = found["disease"]["both"]["h"]
    assert {"value", "null", "n", "seeds", "interval", "random_init", "chance"} <= set(entry)
    result = readout([path], bank_folder=tmp_path, probe_seeds=1)
    assert ReadoutResult.from_json(json.loads(json.dumps(result.as_json()))) == result
    drawing = result.chart()
    assert {"shuffled", "random init"} <= set(drawing.rows.columns)
    assert "random init" in json.dumps(drawing.spec)
    assert "shuffled labels" in drawing.alt
