"""Training a denoiser: which condition, the same bits after a pause, what ships of it."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.models.denoiser import Denoiser, Noised
from plantedu.models.detail import STEP, UNTIL
from plantedu.topics.generation.denoiser_recipe import RECIPES
from plantedu.topics.generation.denoiser_training import (
    TrainingConditions,
    batch_of_step,
    condition_masks,
    losses_of,
    make_optimizer,
    open_plants,
    represented,
    train,
)
from plantedu.topics.generation.denoisers import UPON, drawing, load_denoiser
from plantedu.training.checkpoints import save_checkpoint
from plantedu.training.fit import Observer, StopRun
from plantedu.training.seeding import generator_for
from plantedu.zoo.encoders import load_encoder
from tests.topics.generation.painted import TINY, Last

ONE = replace(TINY, conditions=("cross-0/h",), steps=4)


class Pause(Observer):
    """Stops at a step and keeps what is needed to go on."""

    def __init__(self, step):
        self.step = step

    def on_step(self, state, record):
        if record.step == self.step:
            self.snapshot = state.snapshot()
            raise StopRun("pause")


def test_a_paused_training_ends_in_the_same_bits(tmp_path):
    whole, pause, later = Last(), Pause(2), Last()
    assert train(ONE, bank_folder=tmp_path, observers=[whole])["ended"] == "done"
    assert train(ONE, bank_folder=tmp_path, observers=[pause])["ended"] == "pause"
    train(ONE, bank_folder=tmp_path, observers=[later], resume=pause.snapshot)
    for name, tensor in whole.snapshot[0].items():
        assert torch.equal(tensor, later.snapshot[0][name]), name


def test_plants_that_are_held_out_are_never_trained_on(tmp_path):
    plants = open_plants(TINY, tmp_path)
    assert not set(plants.train) & set(plants.held_out)
    assert len(plants.train) == TINY.pairs
    for recipe in RECIPES.values():
        trained = range(recipe.first, recipe.first + recipe.pairs)
        assert not set(trained) & set(range(recipe.held_first, recipe.held_first + recipe.held_out))
        assert recipe.first >= 4096, "plants below were for the encoders"


def test_every_teller_speaks_as_often_and_only_for_itself():
    conditions = TrainingConditions(
        {name: torch.zeros(1, 1) for name in ("a/h/rgb", "a/h/rgn", "b/h/rgb")},
        ({"rgb": ("a/h/rgb",), "rgn": ("a/h/rgn",)}, {"rgb": ("b/h/rgb",)}),
    )
    kept = condition_masks(TINY, conditions, 20_000, generator_for(0, "test"))
    of_a, of_b = kept["a/h/rgb"] | kept["a/h/rgn"], kept["b/h/rgb"]
    assert not bool((of_a & of_b).any())
    silent = ~(of_a | of_b)
    assert float(silent.float().mean()) == pytest.approx(TINY.unconditional, abs=0.01)
    assert float(of_a.float().mean()) == pytest.approx(0.45, abs=0.02)
    both = (kept["a/h/rgb"] & kept["a/h/rgn"]).float().sum() / of_a.float().sum()
    assert float(both) == pytest.approx(TINY.shares[2], abs=0.02)


def test_a_batch_holds_each_plant_beside_its_own_representation(tmp_path):
    plants = open_plants(ONE, tmp_path)
    encoders = {"cross-0": load_encoder("cross-0")}
    conditions = represented(ONE, encoders, plants.take(plants.train))
    batch = batch_of_step(ONE, plants, conditions, "cpu", 1)
    expected = encoders["cross-0"].h(batch.images[:, :3])
    torch.testing.assert_close(batch.given["cross-0/h/rgb"], expected, atol=1e-4, rtol=1e-4)
    again = batch_of_step(ONE, plants, conditions, "cpu", 1)
    assert torch.equal(batch.noise, again.noise)
    assert torch.equal(batch.times, again.times)
    assert not torch.equal(batch.noise, batch_of_step(ONE, plants, conditions, "cpu", 2).noise)


def test_a_denoiser_learns_to_draw_what_it_is_told():
    """Two plain pictures, one number: the conditional loss falls below the unconditional one."""
    recipe = replace(TINY, steps=80, learning_rate=3e-3)
    model = Denoiser(side=8, slots={"a/h/rgb": 2}, channels=(16, 32), seed=0).train()
    optimizer = make_optimizer(model, recipe)
    colours = torch.tensor([0.1, 0.9])[:, None, None, None].expand(2, 6, 8, 8)
    given = {"a/h/rgb": torch.eye(2)}

    def batch(step, conditional):
        draw = generator_for(0, "learn", step)
        rows = torch.randint(2, (16,), generator=draw)
        kept = {"a/h/rgb": torch.full((16,), conditional)}
        times = torch.rand(16, generator=draw) * 0.2 + 0.75
        noise = torch.randn((16, 6, 8, 8), generator=draw)
        rows_given = {name: r[rows] for name, r in given.items()}
        return Noised(colours[rows], rows_given, kept, times, noise)

    for step in range(recipe.steps):
        optimizer.zero_grad()
        model.loss(batch(step, step % 4 > 0)).total.backward()
        optimizer.step()
    with torch.no_grad():
        conditional, unconditional = (
            np.mean([float(model.eval().loss(batch(k, t)).total) for k in range(900, 904)])
            for t in (True, False)
        )
    assert conditional < 0.92 * unconditional


def detail_of(folder, name="one"):
    """The recipe of a detail upon ONE, which lies in a file."""
    last = Last()
    train(ONE, bank_folder=folder, observers=[last])
    path = folder / f"{name}.safetensors"
    save_checkpoint(path, *drawing(last.snapshot))
    knobs = {"detail": True, "trained": "detail", "crop": 8, "start": f"file:{path}"}
    return replace(ONE, **knobs)


def test_detail_alone_is_trained_and_a_pause_changes_no_bit(tmp_path):
    recipe, whole, pause, later = detail_of(tmp_path), Last(), Pause(2), Last()
    before = load_denoiser(tmp_path / "one.safetensors").body.state_dict()
    train(recipe, bank_folder=tmp_path, observers=[whole])
    train(recipe, bank_folder=tmp_path, observers=[pause])
    train(recipe, bank_folder=tmp_path, observers=[later], resume=pause.snapshot)
    for name, tensor in whole.snapshot[0].items():
        assert torch.equal(tensor, later.snapshot[0][name]), name
    moved = {n for n, t in whole.snapshot[0].items() if n.startswith("objective/body.detail.")}
    assert moved
    for name, tensor in before.items():
        assert torch.equal(whole.snapshot[0][f"objective/body.{name}"], tensor), name
    assert bool(whole.snapshot[0]["objective/body.detail.outward.weight"].any())


def test_detail_is_not_trained_upon_detail(tmp_path):
    recipe, last = detail_of(tmp_path), Last()
    train(recipe, bank_folder=tmp_path, observers=[last])
    tensors, meta = drawing((last.snapshot[0], last.snapshot[1] | {UPON: "of one that ships"}))
    save_checkpoint(tmp_path / "detail.safetensors", tensors, meta)
    upon = replace(recipe, start=f"file:{tmp_path / 'detail.safetensors'}")
    with pytest.raises(PlantEduError, match="is a detail itself: start with what it is upon"):
        train(upon, bank_folder=tmp_path)


def test_the_loss_of_detail_stands_beside_the_loss_without(tmp_path):
    recipe, last = detail_of(tmp_path), Last()
    train(recipe, bank_folder=tmp_path, observers=[last])
    found, without = losses_of(last.snapshot, tmp_path)
    assert len(found) == len(without) == recipe.held_out
    assert not np.allclose(found, without)
    tensors, meta = last.snapshot
    nothing = {n: torch.zeros_like(t) if ".detail.outward" in n else t for n, t in tensors.items()}
    found, again = losses_of((nothing, meta), tmp_path)
    assert np.allclose(found, again)
    assert np.allclose(again, without)


def test_detail_is_learned_from_corners_of_its_places_at_times_when_it_is_asked(tmp_path):
    recipe = detail_of(tmp_path)
    plants = open_plants(recipe, tmp_path)
    encoders = {"cross-0": load_encoder("cross-0")}
    conditions = represented(recipe, encoders, plants.take(plants.train))
    batches = [batch_of_step(recipe, plants, conditions, "cpu", step) for step in range(40)]
    assert max(float(one.times.max()) for one in batches) <= UNTIL
    corners = {one.crop for one in batches}
    assert corners == {(top, left, STEP) for top in (0, STEP) for left in (0, STEP)}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["128", "256"])
def test_large_recipes_start(name, tmp_path):
    small = {"pairs": 4, "held_out": 4, "batch": 2, "steps": 2, "precision": "float32"}
    small["start"] = "scratch"
    recipe = replace(RECIPES[name], conditions=("cross-0/h",), watch_every=1, **small)
    last = Last()
    assert train(recipe, bank_folder=tmp_path, observers=[last])["step"] == 2
    assert all(bool(torch.isfinite(t.float()).all()) for t in last.snapshot[0].values())
