"""Which checkpoint words mean."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.zoo.resolve import asked_file, checkpoint_file


@pytest.fixture
def run_folder(tmp_path):
    folder = tmp_path / "1a2b" / "checkpoints"
    folder.mkdir(parents=True)
    for step in (20, 140):
        (folder / f"step-{step:07d}.safetensors").write_bytes(b"x")
    return lambda run: tmp_path / run


def test_files_shipped_names_and_runs(run_folder, tmp_path):
    assert checkpoint_file("cross-0", run_folder) == checkpoint_file("shipped:cross-0", run_folder)
    assert checkpoint_file("stages/0700", run_folder).stem == "0700"
    found = checkpoint_file("run:1a2b@20", run_folder)
    assert found.stem == "step-0000020"
    assert checkpoint_file("run:1a2b@last", run_folder).stem == "step-0000140"
    assert checkpoint_file(str(found), run_folder) == found


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("nobody-9", "No checkpoint 'nobody-9' ships"),
        ("run:1a2b@21", "has no checkpoint 21; it has those of 20, 140"),
        ("run:ffff@last", "has no checkpoint yet"),
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
