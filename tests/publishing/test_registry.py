import json

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.publishing.publish import bare, facts, fresh
from plantedu.publishing.registry import SHIPPED, built, kind_of, names, path_of, shipped, verified
from plantedu.store.cards import card_path, write_card
from plantedu.topics.generation.regressor_training import ReaderRecipe, make_reader
from plantedu.training.checkpoints import load_checkpoint, save_checkpoint
from plantedu.training.classifier.recipe import FineTune
from plantedu.training.classifier.setup import make_classifier


@pytest.fixture
def folder(tmp_path, tiny):
    """Two checkpoints with cards, one below a folder."""
    for name in ("a", "stages/0000"):
        path = path_of(name, tmp_path)
        tensors, meta = bare(fresh(tiny))
        save_checkpoint(path, tensors, meta)
        write_card(path, command="python -m plantedu train", headlines={}, made=facts(meta, 1))
    return tmp_path


def test_files_are_known_by_their_place(folder):
    assert names(folder) == ["a", "stages/0000"]
    found = verified("stages/0000", folder)
    assert (found.error, found.card["seed"], found.card["threads"]) == ("", 0, 1)
    assert found.as_json()["step"] == 0


def test_old_cards_are_still_read(folder):
    path = path_of("a", folder)
    write_card(path, command="python -m plantedu train", headlines={})
    assert verified("a", folder).error == ""


def test_what_is_wrong_with_a_file_is_said(folder):
    path = path_of("a", folder)
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert "is not the file that its card describes" in verified("a", folder).error
    write_card(path, command="x", headlines={})  # the card of the damaged file
    assert "damaged" in verified("a", folder).error
    path.unlink()
    assert "cannot be read" in verified("a", folder).error
    assert names(folder) == ["a", "stages/0000"]
    card_path(path).unlink()
    with pytest.raises(PlantEduError, match=r"No checkpoint 'a' ships.*stages/0000"):
        shipped("a", folder)


def test_a_file_that_does_not_fit_its_recipe_is_found(folder):
    path = path_of("a", folder)
    tensors, meta = load_checkpoint(path)
    other = meta | {"recipe": meta["recipe"] | {"hidden_dim": 12}}
    save_checkpoint(path, tensors, other)
    write_card(path, command="x", headlines={})
    assert "another architecture" in verified("a", folder).error
    save_checkpoint(path, tensors, meta)
    write_card(path, command="x", headlines={}, made={"recipe": other["recipe"]})
    assert "the card's recipe is not the file's" in verified("a", folder).error
    save_checkpoint(path, tensors, {})
    write_card(path, command="x", headlines={})
    assert "holds no recipe" in verified("a", folder).error


def test_a_classifier_is_built_again():
    recipe = FineTune(start="scratch", image_size=16, crop_size=16)
    model = make_classifier(recipe, classes=3, steps_per_epoch=1)
    tensors = {f"objective/{name}": tensor for name, tensor in model.state_dict().items()}
    meta = {"finetune": recipe.as_json(), "classes": ["x", "y", "z"]}
    assert kind_of(meta) == "finetune"
    again = built(tensors, meta).state_dict()
    assert all(torch.equal(again[name], tensor) for name, tensor in model.state_dict().items())
    with pytest.raises(PlantEduError, match="another architecture"):
        built(tensors, meta | {"classes": ["x", "y"]})


@pytest.mark.parametrize("name", ["../a", "/a", "a//b", "", "a b"])
def test_a_name_is_no_path(name, tmp_path):
    with pytest.raises(PlantEduError, match="checkpoint's name"):
        path_of(name, tmp_path)


def test_what_ships_has_the_new_cards():
    """What `rebuild` needs; that files and cards agree is a rule of the house."""
    for name in names(SHIPPED):
        card = json.loads(card_path(path_of(name)).read_text())
        assert {"recipe", "seed", "threads", "step", "kind"} <= set(card), name
        assert card["headlines"], name


def test_a_reader_is_built_from_its_own_recipe():
    recipe = ReaderRecipe(side=16, width=4, dim=8)
    weights = {f"objective/{k}": v.half() for k, v in make_reader(recipe).state_dict().items()}
    meta = {"reader": recipe.as_json(), "step": 0, "steps": 2}
    assert kind_of(meta) == "reader"
    assert built(weights, meta).side == 16
    with pytest.raises(PlantEduError, match="another architecture"):
        built(weights, {"reader": recipe.as_json() | {"width": 8}})


def test_a_dictionary_is_built_again():
    tensors, meta = load_checkpoint(path_of("dictionaries/cross-0", SHIPPED))
    assert kind_of(meta) == "dictionary"
    assert len(built(tensors, meta).directions) == meta["dictionary"]["width"]
