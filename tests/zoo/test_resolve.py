"""Which checkpoint words mean."""

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.store.store import Store
from plantedu.training.checkpoints import checkpoint_path, save_checkpoint
from plantedu.zoo.resolve import asked_file, checkpoint_at, checkpoint_file


@pytest.fixture
def run_folder(tmp_path):
    folder = tmp_path / "1a2b" / "checkpoints"
    folder.mkdir(parents=True)
    for step in (20, 140):
        (folder / f"step-{step:06d}.safetensors").write_bytes(b"x")
    return lambda run: tmp_path / run


def test_files_shipped_names_and_runs(run_folder, tmp_path):
    assert checkpoint_file("cross-0", run_folder) == checkpoint_file("shipped:cross-0", run_folder)
    assert checkpoint_file("stages/0700", run_folder).stem == "0700"
    found = checkpoint_file("run:1a2b@20", run_folder)
    assert found.stem == "step-000020"
    assert checkpoint_file("run:1a2b@last", run_folder).stem == "step-000140"
    assert checkpoint_file(str(found), run_folder) == found


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("nobody-9", "No checkpoint 'nobody-9' ships"),
        ("run:1a2b@21", "no checkpoint '21'; it has steps 20, 140"),
        ("run:ffff@last", "it has steps none"),
        ("gone.safetensors", "no file gone"),
        ("scratch:", "start must be"),
    ],
)
def test_words_that_mean_none_are_refused(run_folder, words, said):
    with pytest.raises(PlantEduError, match=said):
        checkpoint_file(words, run_folder)


@pytest.mark.parametrize("words", ["/etc/x.safetensors", "file:/etc/x"])
def test_a_page_may_not_name_files(run_folder, words):
    with pytest.raises(PlantEduError, match="not files"):
        asked_file(words, run_folder)


def test_a_checkpoint_is_found_at_a_step_or_as_the_last(tmp_path):
    with pytest.raises(PlantEduError, match="it has steps none, or last"):
        checkpoint_at(tmp_path, "last")
    for step in (20, 140):
        save_checkpoint(checkpoint_path(tmp_path, step), {"w": torch.zeros(1)}, {})
    assert checkpoint_at(tmp_path, "last") == checkpoint_path(tmp_path, 140)
    assert checkpoint_at(tmp_path, "20") == checkpoint_path(tmp_path, 20)
    with pytest.raises(PlantEduError, match="no checkpoint '30'; it has steps 20, 140, or last"):
        checkpoint_at(tmp_path, "30")


def test_a_run_of_this_machines_store_is_found_by_its_id(plantedu_home):
    store = Store(plantedu_home / "plantedu.sqlite")
    run_id = store.submit("train", {"steps": 3}, lane="training")
    for step in (20, 40):
        path = checkpoint_path(store.folder(run_id), step)
        save_checkpoint(path, {"w": torch.zeros(1)}, {})
    assert checkpoint_file(f"run:{run_id}@last").stem == "step-000040"
    assert checkpoint_file(f"run:{run_id}@20").stem == "step-000020"
