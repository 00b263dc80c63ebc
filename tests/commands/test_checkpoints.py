import json

import pytest

from plantedu.__main__ import main as plantedu
from plantedu.commands.checkpoints import named
from plantedu.publishing import reproduce
from plantedu.publishing.publish import bare, facts, fresh
from plantedu.publishing.registry import path_of
from plantedu.publishing.reproduce import Comparison
from plantedu.store.cards import write_card
from plantedu.training.checkpoints import save_checkpoint

NUMBER = {"value": 0.97, "null": 0.34, "control": "shuffled labels"}


@pytest.fixture
def folder(tmp_path, tiny):
    path = path_of("a", tmp_path / "shipped")
    tensors, meta = bare(fresh(tiny))
    save_checkpoint(path, tensors, meta)
    numbers = {"angle from h, R2": NUMBER, "disease from h, accuracy": NUMBER}
    write_card(path, command="train it", headlines=numbers, made=facts(meta, 1))
    return path.parent


@pytest.fixture
def said(folder, capsys):
    def run(*words):
        code = plantedu(["checkpoints", *map(str, words), "--folder", str(folder), "--json"])
        return code, json.loads(capsys.readouterr().out.splitlines()[-1])

    return run


def test_list_shows_numbers_beside_their_nulls(folder, said, capsys):
    code, found = said("list")
    assert (code, found["checkpoints"][0]["name"]) == (0, "a")
    assert plantedu(["checkpoints", "list", "--folder", str(folder)]) == 0
    text = capsys.readouterr().out
    assert "disease from h, accuracy 0.970 (shuffled labels 0.340)" in text
    assert "seed 0" in text
    assert "train it" in text


def test_verify_exits_1_on_any_mismatch(folder, said):
    assert said("verify")[0] == 0
    assert said("verify", "a")[1]["good"] is True
    path_of("a", folder).write_bytes(b"other")
    code, found = said("verify")
    assert (code, found["good"]) == (1, False)
    assert "is not the file" in found["checkpoints"][0]["error"]


def test_rebuild_says_what_is_the_same_and_what_is_close(folder, said, monkeypatch, capsys):
    given = {}

    def rebuild(name, **options):
        given.update(options, name=name)
        numbers = reproduce.compared({"accuracy": NUMBER}, {"accuracy": {"value": given["value"]}})
        return Comparison(name, options["out"] / "a", False, False, numbers)

    monkeypatch.setattr(reproduce, "rebuild", rebuild)
    for given["value"], code in ((0.96, 0), (0.5, 1)):
        assert said("rebuild", "a")[0] == code
    assert given["folder"] == folder
    assert given["out"] != folder
    assert plantedu(["checkpoints", "rebuild", "a", "--folder", str(folder)]) == 1
    assert "NOT CLOSE, tolerance 0.05" in capsys.readouterr().out
    code, found = said("rebuild", "a", "--out", folder)
    assert code == 2
    assert "--out must not be the shipped folder" in found["error"]


@pytest.mark.parametrize(
    "words", [("verify", "b"), ("rebuild", "b"), ("add", "x", "--run", "none")]
)
def test_what_is_not_there_is_a_sentence(said, words):
    code, found = said(*words)
    assert code == 2
    assert "No " in found["error"]


def test_a_run_is_found_by_name_or_id(store):
    first = store.submit("train", {"a": 1}, lane="training", name="mine", worker="w")
    store.finish(first, {}, worker="w")
    store.submit("train", {"a": 2}, lane="training", name="mine")
    assert named(store, "mine").id == first  # done ones first
    assert named(store, first[:6]).id == first
