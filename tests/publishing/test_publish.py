import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.jobs.trainings import train
from plantedu.publishing.publish import add, bare, command_of, fresh, numbers_of
from plantedu.publishing.reproduce import compared, rebuild
from plantedu.store.paths import bank_folder
from plantedu.store.work import Work
from plantedu.topics.generation.denoiser_recipe import RECIPES, Denoise
from plantedu.training.checkpoints import checkpoint_path, load_checkpoint, tensors_hash
from plantedu.training.classifier.recipe import FineTune
from plantedu.training.pretrain import make_objective
from plantedu.training.recipe import Recipe


class Calm:
    """Nobody wishes anything."""

    wish = ""


@pytest.fixture
def run(store, tiny):
    """A training that is done."""
    run_id = store.submit("train", tiny.as_json(), lane="training", name="my run", worker="w")
    result = train(Work(store, store.run(run_id), Calm()))
    store.finish(run_id, result, worker="w")
    return store.run(run_id)


@pytest.mark.slow
def test_weights_ship_with_a_card_and_are_made_again(store, run, tmp_path):
    """The end, a step on the way, and the start; each rebuilt from its card alone."""
    for name, at, step in (("end", None, 7), ("stages/0004", 4, 4), ("init", 0, 0)):
        found = add(store, run, name, at=at, folder=tmp_path, bank_folder=bank_folder())
        assert found.error == ""
        tensors, meta = load_checkpoint(found.path)
        assert (meta["step"], found.card["step"]) == (step, step)
        assert all(key.startswith("objective/") for key in tensors)
        assert (found.card["threads"], found.card["seed"]) == (torch.get_num_threads(), 0)
        number = found.card["headlines"]["disease from h, accuracy"]
        assert {"value", "null", "control", "n", "random_init", "interval"} <= set(number)

        again = rebuild(name, out=tmp_path / "again", folder=tmp_path, bank_folder=bank_folder())
        assert again.same_weights
        assert again.close
        assert again.path.is_file()
        assert again.numbers["disease from h, accuracy"]["difference"] == 0
    assert found.card["command"].splitlines() == [
        command_of("train", run.request, torch.get_num_threads()) + " --name 'my run'",
        "python -m plantedu checkpoints add init --run 'my run' --at 0",
    ]


def test_what_cannot_ship_is_a_sentence(store, run, tmp_path):
    where = {"folder": tmp_path, "bank_folder": bank_folder()}
    with pytest.raises(
        PlantEduError, match=r"no checkpoint of step 5; it has 0 and \[2, 4, 6, 7\]"
    ):
        add(store, run, "x", at=5, **where)
    with pytest.raises(PlantEduError, match="checkpoint's name"):
        add(store, run, "../x", **where)
    other = store.run(store.submit("ping", {}, lane="training"))
    with pytest.raises(PlantEduError, match="only trainings ship"):
        add(store, other, "x", **where)
    waiting = store.run(store.submit("train", run.request, lane="training", fresh=True))
    with pytest.raises(PlantEduError, match="is queued; name a step"):
        add(store, waiting, "x", **where)
    tuned = store.run(store.submit("finetune", {}, lane="training"))
    with pytest.raises(PlantEduError, match="leave --at out"):
        add(store, tuned, "x", at=5, **where)
    assert list(tmp_path.glob("*.safetensors")) == []


def test_the_start_of_a_run_is_what_its_recipe_makes(tiny):
    tensors, meta = fresh(tiny)
    made = {f"objective/{k}": v for k, v in make_objective(tiny).state_dict().items()}
    assert tensors_hash(tensors) == tensors_hash(made)
    assert (meta["step"], meta["steps"]) == (0, tiny.steps)


def test_only_the_objective_ships_as_float32():
    tensors = {"objective/a": torch.ones(2).half(), "objective/n": torch.tensor(3)}
    kept, meta = bare((tensors | {"optimizer/0/step": torch.tensor(1.0)}, {"step": 1}))
    assert {name: tensor.dtype for name, tensor in kept.items()} == {
        "objective/a": torch.float32,
        "objective/n": torch.int64,
    }
    assert meta == {"step": 1}


@pytest.mark.slow
def test_other_forms_are_smaller_or_go_on_and_are_made_again(store, run, tmp_path):
    """Half loses digits and no more; whole holds what an exact continuation needs."""
    where = {"folder": tmp_path, "bank_folder": bank_folder()}
    exact = load_checkpoint(add(store, run, "a", at=4, **where).path)[0]
    half = add(store, run, "b", at=4, form="half", **where)
    for name, tensor in load_checkpoint(half.path)[0].items():
        assert torch.allclose(tensor.to(exact[name].dtype), exact[name], rtol=1e-3, atol=1e-7)
    whole = add(store, run, "c", at=4, form="whole", **where)
    kept = load_checkpoint(checkpoint_path(store.folder(run.id), 4))[0]
    assert tensors_hash(load_checkpoint(whole.path)[0]) == tensors_hash(kept)
    for name in "bc":
        again = rebuild(name, out=tmp_path / "again", **where)
        assert again.same_weights
    assert whole.card["command"].endswith("--at 4 --form whole")


def test_a_form_that_cannot_be_is_a_sentence(tiny):
    with pytest.raises(PlantEduError, match="one of weights, half, whole; got 'int8'"):
        bare(fresh(tiny), "int8")
    with pytest.raises(PlantEduError, match="no optimiser yet"):
        bare(fresh(tiny), "whole")


def test_the_command_names_what_differs_and_the_seed():
    recipe = Recipe(epsilon=0.05, probe_factors=("disease", "angle"))
    assert command_of("train", recipe.as_json(), 2) == (
        "OMP_NUM_THREADS=2 python -m plantedu train --epsilon 0.05 --seed 0 "
        "--probe-factors disease angle"
    )
    words = command_of("denoise", RECIPES["detail"].as_json(), 1)
    assert " --detail --trained detail " in words, "a switch has no value"
    assert "--no-joint" in command_of("denoise", Denoise(joint=False).as_json(), 1)
    assert command_of("finetune", FineTune(seed=3).as_json(), None) == (
        "python -m plantedu finetune --seed 3"
    )


def test_a_classifier_brings_its_own_numbers():
    accuracy = {"value": 0.99, "null": 0.35}
    found = numbers_of({"accuracy": accuracy, "log_loss": {"value": 0.1, "null": 1.1}, "x": 1})
    assert found["accuracy"] == accuracy
    assert set(found) == {"accuracy", "log_loss"}
    (one,) = compared({"accuracy": accuracy}, {"accuracy": {"value": 0.97}}).values()
    assert one["difference"] == pytest.approx(-0.02)
    assert abs(one["difference"]) < one["tolerance"]
