"""Rebuilding from a card; that it gives the same bits is tested in test_shipping.py."""

import dataclasses

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.publishing.publish import facts
from plantedu.publishing.registry import path_of
from plantedu.publishing.reproduce import Comparison, compared, rebuild, tolerance
from plantedu.store.cards import write_card
from plantedu.training.checkpoints import save_checkpoint


def test_a_number_that_is_off_by_too_much_is_not_close(tmp_path):
    name = "disease from h, accuracy"
    for rebuilt, close in ((0.94, True), (0.85, False), (1.04, False)):
        numbers = compared({name: {"value": 0.98, "null": 0.3}}, {name: {"value": rebuilt}})
        found = Comparison("a", tmp_path, False, False, numbers)
        assert found.close is close
        assert found.as_json()["close"] is close
        assert numbers[name]["null"] == 0.3
    assert tolerance("angle from h, R2") == 0.1
    assert tolerance("mark from h, accuracy") > tolerance("disease from h, accuracy")


def test_what_cannot_be_made_again_is_a_sentence(tmp_path, tiny):
    path = path_of("a", tmp_path)
    recipe = dataclasses.replace(tiny, start="run:1a2b3c4d@last").as_json()
    meta = {"recipe": recipe, "step": 7, "steps": 7}
    save_checkpoint(path, {"objective/x": torch.ones(1)}, meta)
    write_card(path, command="x", headlines={}, made=facts(meta, 1))
    where = {"out": tmp_path / "out", "folder": tmp_path, "bank_folder": tmp_path}
    with pytest.raises(PlantEduError, match=r"goes on from run:1a2b3c4d@last"):
        rebuild("a", **where)
    path.write_bytes(b"other")
    with pytest.raises(PlantEduError, match="is not the file that its card describes"):
        rebuild("a", **where)
